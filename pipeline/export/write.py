"""Writes a plan to a folder: first beside its place, then renamed, so that it appears whole or not at all.

The same items, seed and options give the same bytes: no clock, host, path or random id is written.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final

from pipeline.core.durable import make_folder
from pipeline.core.errors import ExportError, StorageError, refused_place
from pipeline.core.messages import message
from pipeline.core.metrics import FaceFacts
from pipeline.export.attribution import NAME as ATTRIBUTION
from pipeline.export.attribution import attribution_bytes
from pipeline.export.card.write import put_card
from pipeline.export.export import ExportPlan
from pipeline.export.formats.content import ExportRow, Picture, ReleaseContent, written_names
from pipeline.export.formats.registry import chosen as chosen_formats
from pipeline.export.formats.registry import folder_of
from pipeline.export.manifest import MANIFEST, manifest_bytes
from pipeline.export.moves import placed
from pipeline.export.pictures.cutting import CutAll
from pipeline.export.pictures.source import CutFromPhotos, Facts, PictureSource, ReviewedCrops, picture_of
from pipeline.export.place import clear_leftovers, flush, folder_held, new_folder, put_in_place
from pipeline.export.release.made_with import versions, weights
from pipeline.export.release.release_file import NAME as RELEASE
from pipeline.export.release.release_file import FileDigest, ReleaseFile
from pipeline.export.split import Split
from pipeline.export.target import check_target
from pipeline.export.tree import ReleaseWriter
from pipeline.files.blobs import storage_error


@dataclass(frozen=True, slots=True)
class Made:
    """The bytes of two files of a release: what it says of itself, and what it holds."""

    release: bytes
    manifest: bytes


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written. files: pictures. digest: SHA-256, hex, of the manifest, which names each file's photo and
    crop."""

    out: Path
    files: int
    counts: Mapping[Split, Mapping[str, int]]
    digest: str
    made: Made


@dataclass(frozen=True, slots=True)
class ReleaseName:
    """Which release a plan becomes: its line, and its number in it, from 1; 0 for one of no workspace."""

    line: str
    number: int


Tell = Callable[[str, int, int], object]
"""Told how far it is: what is being done (`photos`, `files`, `disk`, `zip`, `upload`), how many are done, of how many.
What it raises ends the export, of which nothing is left."""


def untold(_doing: str, _done: int, _of: int) -> None:
    """Where nobody asks."""


def no_facts(rows: Sequence[ExportRow]) -> list[FaceFacts]:
    """Where nothing is known beside the classes."""
    return [FaceFacts() for _ in rows]


_NAMELESS: Final = ReleaseName("", 0)


def write(
    chosen: ExportPlan,
    crop_path: Callable[[str], Path],
    out: Path,
    *,
    overwrite: bool = False,
    name: ReleaseName = _NAMELESS,
    like: ReleaseFile | None = None,
    facts: Facts = no_facts,
    cut_all: CutAll | None = None,
    tell: Tell = untold,
) -> ExportReport:
    """Write a plan to the folder `out`, whose parents are made; it appears whole or not at all.

    crop_path: from a face id to its PNG. overwrite: an earlier Moue export at `out` may be replaced. name: what
    release.json says of it. like: an earlier writing of it: what differs from that in one byte is not written.
    facts: of some rows, in their order. cut_all: needed where pictures are cut from photos.
    Raises ExportError (the plan has problems, or `out` holds something else) and StorageError.
    """
    if chosen.problems:
        raise ExportError(message("export_refused", problems=chosen.problems))
    out = out.absolute()
    try:
        make_folder(out.parent, inside=None)
        with folder_held(out.parent):
            clear_leftovers(out)
            check_target(out, overwrite=overwrite)
            with _source(chosen, crop_path, facts, cut_all, out, tell) as source:
                made = _write_in_place(chosen, source, facts, out, name, like, tell, overwrite=overwrite)
    except OSError as e:
        if isinstance(e, PermissionError) and (said := _inside(e, out)) is not None:
            raise said from e
        raise storage_error(e, str(out)) from e
    return ExportReport(out, len(chosen.rows), chosen.counts, hashlib.sha256(made.manifest).hexdigest(), made)


def _inside(error: PermissionError, out: Path) -> StorageError | None:
    """What to say of a folder that is closed within the export that would be replaced; None for any other place."""
    within = isinstance(error.filename, str) and out in Path(error.filename).parents
    return refused_place(error) if within else None


@contextmanager
def _source(
    chosen: ExportPlan, crop_path: Callable[[str], Path], facts: Facts, cut_all: CutAll | None, out: Path, tell: Tell
) -> Iterator[PictureSource]:
    """Pictures that are cut from photos lie in a folder beside `out` meanwhile."""
    options, size = chosen.options.pictures, chosen.options.size
    if not options.from_photos:
        yield ReviewedCrops(crop_path, options, size)
        return
    if cut_all is None:
        raise ValueError("pictures of photos need something that cuts them")
    folder = new_folder(out, "new")
    try:
        source = CutFromPhotos(folder, options, size)
        photos = len({row.item.image_sha256 for row in chosen.rows})
        source.cut(chosen.rows, facts, cut_all, lambda done: tell("photos", done, photos))
        yield source
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_in_place(
    chosen: ExportPlan,
    source: PictureSource,
    facts: Facts,
    out: Path,
    name: ReleaseName,
    like: ReleaseFile | None,
    tell: Tell,
    *,
    overwrite: bool,
) -> Made:
    staging = new_folder(out, "new")
    try:
        made = _fill(chosen, source, facts, staging, name, like, tell)
        staging.chmod(0o755)
        put_in_place(staging, out, lambda lies_at: check_target(out, overwrite=overwrite, lies_at=lies_at))
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return made


def _fill(
    chosen: ExportPlan,
    source: PictureSource,
    facts: Facts,
    root: Path,
    name: ReleaseName,
    like: ReleaseFile | None,
    tell: Tell,
) -> Made:
    tree = ReleaseWriter(root)
    formats = chosen_formats(chosen.options.formats, chosen.split_plan.splits)
    asked_for, of = count(1), len(formats) * len(chosen.rows)
    for one in formats:
        folder = folder_of(one, formats)
        told = partial(_told, asked_for, of, tell)
        one.write(_content(chosen, source, facts, tree, told, boxes=one.boxes), tree.folder(folder))
        tree.adopt(folder)
    shown = source.shown if chosen.options.pictures.from_photos else None
    manifest = manifest_bytes(chosen, shown)
    tree.put(MANIFEST, manifest)
    attribution = attribution_bytes((row.file, row.item) for row in chosen.rows)
    if attribution is not None:
        tree.put(ATTRIBUTION, attribution)
    names = sorted(written_names(chosen.class_names, chosen.options.course_order).values())  # ImageFolder's order
    tree.put("classes.txt", "".join(f"{n}\n" for n in names).encode())
    put_card(
        chosen, (name.line, name.number), manifest, lambda row: source.data(row.item), tree.put,
        attribution=attribution is not None, shown=shown,
    )  # fmt: skip
    described_as = described(chosen, name)
    if like is not None:
        described_as = replace(described_as, versions=like.versions, models=like.models, summed=like.summed)
        _compare(tree.written, like)
    said = replace(described_as, files=dict(tree.written)).to_bytes()
    (root / RELEASE).write_bytes(said)
    flush(root, partial(tell, "disk"))
    return Made(said, manifest)


def _told(asked_for: Iterator[int], of: int, tell: Tell) -> None:
    tell("files", min(next(asked_for), of), of)


def _content(
    chosen: ExportPlan,
    source: PictureSource,
    facts: Facts,
    tree: ReleaseWriter,
    told: Callable[[], None],
    *,
    boxes: bool,
) -> ReleaseContent:
    """What a format writes. boxes: landmarks are looked up for each picture."""
    options = chosen.options

    def picture(row: ExportRow) -> Picture:
        told()
        points = facts([row])[0].landmarks if boxes else None
        return picture_of(source, row, options.pictures, points)

    return ReleaseContent(
        chosen.rows, chosen.class_names, chosen.split_plan.splits, picture, facts, options.pictures.content,
        options.course_order, tree.put_at,
    )  # fmt: skip


def _compare(written: Mapping[str, FileDigest], like: ReleaseFile) -> None:
    """Raises ExportError where a file is not what it was."""
    other = sorted(path for path in written.keys() | like.files.keys() if written.get(path) != like.files.get(path))
    if other:
        name = f"{like.line} #{like.number}"
        raise ExportError(message("release_not_alike", name=name, n=len(other), file=other[0]))


def described(chosen: ExportPlan, name: ReleaseName) -> ReleaseFile:
    """What release.json says of a plan, before its files are there."""
    used = {(row.item.detector, row.item.landmark_model) for row in chosen.rows}
    agreed = chosen.agreed
    consensus = {"rule": agreed.rule, "words": agreed.words, "waiting": dict(agreed.waiting)}
    return ReleaseFile(
        name.line, name.number, agreed.head, consensus, chosen.options.params, chosen.split_plan.params,
        [asdict(one) for one in placed(chosen.moved)],  # of new photos nothing: once more they are none
        versions(), weights(used), {},
    )  # fmt: skip


def content_key(chosen: ExportPlan, line: str) -> str:
    """SHA-256, hex, of all that a release of the line is made of, but for what was moved: that tells of the one before.

    Of two that are alike the bytes are alike, once they tell of the same moves.
    """
    said = replace(described(replace(chosen, moved=()), ReleaseName(line, 0)), summed=False).to_bytes()
    attribution = attribution_bytes((row.file, row.item) for row in chosen.rows) or b""
    manifest = manifest_bytes(chosen)
    return hashlib.sha256(said + manifest + attribution).hexdigest()
