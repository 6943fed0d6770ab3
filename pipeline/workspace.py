"""The door for notebooks and scripts: `from pipeline import workspace; ws = workspace.open("folder")`.

What is read comes as pandas frames, through read-only connections, beside a running server or job as well. What is
written goes the command line's way: the same checks, locks, log and audit. See docs/python.md.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import db.base.lean.lean_sqlite_utils  # noqa: F401 (before whatever else imports sqlite-utils)
from db.base.workspace import workspace_root
from db.listing import asked, decisions, faces
from db.listing.faces import ListedFace
from db.reads.counts import workspace_counts
from db.store.reading import Reading
from db.store.store import Db, Store
from db.tables import audit
from db.tables.annotators import clean_name
from db.tables.classes import list_classes
from db.team.pseudonyms import letters_for
from pipeline.core.errors import DecisionError, SignInError, UsageError
from pipeline.core.messages import Message, message
from pipeline.core.metrics import METRICS

if TYPE_CHECKING:
    from types import TracebackType

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from pipeline.actions.decide import Decided
    from pipeline.actions.release.record import Release
    from pipeline.actions.suggest.predictions import Taken
    from pipeline.export.export import ExportPlan

MOST_SIDE: Final = 4096
"""Pixels of a side of a crop that is asked for in one size."""
_CLASS: Final = "class"
_SHOWN: Final = 3
"""Refused rows that an error names."""


def open(folder: str | Path | None = None, *, annotator: str = "") -> Workspace:
    """The workspace in `folder`; None: as MOUE_WORKSPACE says, else `workspace` in the current folder.

    annotator: who looks. They see what they would on the pages: nothing that is to be answered blindly, no suggestion
    that is hidden from them, letters where names are hidden. Nobody named sees what somebody new would.
    Raises UsageError where there is no workspace, or an older Moue's, or the name is none; StorageError.
    """
    return Workspace(workspace_root(None if folder is None else Path(folder)), _name(annotator))


class Workspace:
    """An open workspace. Use it as a context manager, or close it: a restore waits for that."""

    def __init__(self, root: Path, annotator: str) -> None:
        """Use `open`."""
        self.root, self.annotator = root, annotator
        self._reading = Reading(root)

    def classes(self) -> tuple[str, ...]:
        """The names of the classes that are not archived, in their order."""
        return tuple(spec.name for spec in self._reading.read(list_classes))

    def status(self) -> dict[str, Any]:
        """Counts of images, faces, decisions, outcomes and labels, as `python -m pipeline status` tells them."""
        told = asdict(self._reading.read(workspace_counts))
        return {**told, "consensus": told["consensus"]["name"]}

    def faces(self, **wanted: object) -> pd.DataFrame:
        """One row a face: the fields of `db.listing.faces.ListedFace` but its figures; the box as x1, y1, x2, y2.

        wanted: as Review filters, `state="accepted"`, `order="-sharpness"`, `quality="side:40:"`,
        `suggested="smile"`; see docs/api.md. Raises UsageError for what cannot be asked.
        """
        rows = [_flat(face) for face in self._listed(wanted)]
        names = [name for field in fields(ListedFace) for name in _COLUMNS.get(field.name, (field.name,))]
        return _frame(rows, names)

    def figures(self, **wanted: object) -> pd.DataFrame:
        """One row a face that was measured: face_id and the quality figures, each in its own unit."""
        rows = [{"face_id": one.face_id, **asdict(one.quality)} for one in self._listed(wanted) if one.quality]
        return _frame(rows, ["face_id", *(metric.name for metric in METRICS)])

    def suggestions(self, **wanted: object) -> pd.DataFrame:
        """One row a face for which a class is suggested: face_id, class, confidence (0 to 1), suggester, version."""
        names = ("face_id", _CLASS, "confidence", "suggester", "version")
        rows = [
            (one.face_id, one.suggestion, one.confidence, one.suggester, one.suggester_version)
            for one in self._listed(wanted)
            if one.suggestion is not None
        ]
        return _frame([dict(zip(names, row, strict=True)) for row in rows], names)

    def decisions(self) -> pd.DataFrame:
        """One row a decision or undo, oldest first: the fields of `db.listing.decisions.LoggedDecision`."""

        def work(db: Db) -> list[dict[str, Any]]:
            aliases = self._aliases(db)
            rows = map(asdict, decisions.every(db, self.annotator))
            return [{**row, "annotator": aliases.get(row["annotator"], row["annotator"])} for row in rows]

        return _frame(self._reading.read(work), [field.name for field in fields(decisions.LoggedDecision)])

    def crops(self, face_ids: Iterable[str], size: int | None = None) -> Iterator[npt.NDArray[np.uint8]]:
        """The mouths of these faces, in this order, one at a time: RGB, uint8, (height, width, 3).

        size: scaled to size x size as an export does, so that `numpy.stack(list(…))` makes one array; None leaves them
        as cut. Raises UsageError for a face that is unknown, StorageError where a file is gone.
        """
        if size is not None and not 1 <= size <= MOST_SIDE:
            raise UsageError(message("crop_size", most=MOST_SIDE, size=size))
        from pipeline.faces.crop import resized_png  # here, as pandas: to import this module stays light
        from pipeline.files.blobs import BlobStore
        from pipeline.pixels.crop_array import crop_array

        blobs = BlobStore(self.root)
        for face_id in face_ids:
            if not self._reading.read(partial(faces.has_crop, face_id=face_id)):
                raise UsageError(message("crop_unknown", face=face_id))
            png = blobs.read("crops", face_id, "png")
            yield crop_array(png if size is None else resized_png(png, size))

    def decide(self, frame: pd.DataFrame, annotator: str = "", *, overrule: bool = False) -> Decided:
        """Store a frame's rows as decisions: all of them, or none.

        frame: the columns face_id or sha256, verdict (accept, reject, unsure), label with accept, reason with reject.
        annotator: who decides, if it is not who opened the workspace. overrule: what others decided was seen and is
        overruled; without it an answer that differs is kept beside theirs. The same frame again changes nothing.
        Raises UsageError for a frame or name that is none, NotAllowedError for somebody whose role only looks,
        DecisionError where rows are refused.
        """
        from pipeline.actions.decide import decide_rows
        from pipeline.files.decision_file import COLUMNS

        if "verdict" not in frame or not {"face_id", "sha256"} & set(frame):
            raise UsageError(message("frame_columns", found=tuple(frame)))
        table = _csv(frame, [name for name in COLUMNS if name in frame])
        with Store.open(self.root) as store:
            done = decide_rows(store, table, f"frame:{_digest(table)}", self._who(annotator), overrule=overrule)
        if done.refused:
            raise DecisionError(_refused(done.refused))
        return done

    def predict(self, frame: pd.DataFrame, suggester: str, version: str = "1") -> Taken:
        """Keep what another model says as suggestions: the columns face_id or sha256, class, confidence (0 to 1).

        Raises UsageError for a frame or name that is none, DecisionError where rows are refused.
        """
        from pipeline.actions.suggest.predictions import take_predictions

        if not {_CLASS, "confidence"} <= set(frame) or not {"face_id", "sha256"} & set(frame):
            raise UsageError(message("frame_prediction_columns", found=tuple(frame)))
        names = [name for name in ("face_id", "sha256", _CLASS, "confidence") if name in frame]
        by = self.annotator or audit.COMMAND_LINE
        with Store.open(self.root) as store:
            taken = take_predictions(store, _csv(frame, names).encode(), "frame.csv", suggester, version, by=by)
        if taken.refused:
            raise DecisionError(_refused([str(one) for one in taken.refused]))
        return taken

    def export(
        self,
        out: str | Path,
        *,
        name: str | None = None,
        overwrite: bool = False,
        **options: Any,
    ) -> Release:
        """Write a release into the folder `out`, as `python -m pipeline export` does; options: see `plan_release`.

        Raises ExportError where it is refused, UsageError for an option that is none.
        """
        from pipeline.actions.release.accepted import line_of
        from pipeline.actions.releases import write_folder

        folder = Path(out).absolute()
        with Store.open(self.root) as store:
            chosen = plan_release(store, line_of(name, folder), options)
            return write_folder(store, chosen, folder, name, self.annotator or None, overwrite=overwrite)

    def close(self) -> None:
        """A second call does nothing."""
        self._reading.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _listed(self, wanted: Mapping[str, object]) -> list[ListedFace]:
        said = {name: _text(value) for name, value in wanted.items()}

        def work(db: Db) -> list[ListedFace]:
            return list(faces.every(db, self.annotator, asked.filter_for(db, self.annotator, said)))

        found = self._reading.read(work)
        aliases = self._reading.read(self._aliases)
        return [faces.renamed(one, aliases) for one in found] if aliases else found

    def _aliases(self, db: Db) -> dict[str, str]:
        return {name: f"Annotator {letter}" for name, letter in letters_for(db, self.annotator).items()}

    def _who(self, annotator: str) -> str:
        if name := _name(annotator) or self.annotator:
            return name
        raise UsageError(message("annotator_unsaid"))


def plan_release(store: Store, line: str, given: Mapping[str, Any]) -> ExportPlan:
    """What a release of this name would hold: of all that is accepted.

    given: see `pipeline.actions.release.asked.settings_of`. Raises UsageError for an option that is none, ExportError
    where photos cannot be compared.
    """
    from pipeline.actions.release import accepted
    from pipeline.actions.release.asked import settings_of

    return accepted.plan_release(store, line, *settings_of(given))


_COLUMNS: Final[dict[str, tuple[str, ...]]] = {"box": ("x1", "y1", "x2", "y2"), "quality": ()}
"""Fields of a face that are other columns of its frame."""


def _flat(face: ListedFace) -> dict[str, Any]:
    row = {field.name: getattr(face, field.name) for field in fields(face) if field.name not in _COLUMNS}
    return {**row, **dict(zip(_COLUMNS["box"], face.box, strict=True))}


def _frame(rows: list[dict[str, Any]], names: Iterable[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=list(names))


def _csv(frame: pd.DataFrame, names: list[str]) -> str:
    """These columns as a table, what is missing as an empty cell."""
    text = io.StringIO()
    frame[names].to_csv(text, index=False, quoting=csv.QUOTE_MINIMAL)
    return text.getvalue()


def _digest(table: str) -> str:
    return hashlib.sha256(table.encode("utf-8", "surrogatepass")).hexdigest()


def _refused(rows: Iterable[str]) -> Message:
    told = list(rows)
    return message("rows_refused", n=len(told), why="; ".join(told[:_SHOWN]))


def _text(value: object) -> str:
    """As the address of Review says it: True is 1."""
    return str(int(value)) if isinstance(value, bool) else "" if value is None else str(value)


def _name(annotator: str) -> str:
    try:
        return clean_name(annotator) if annotator else ""
    except SignInError as e:
        raise UsageError(e.message) from e
