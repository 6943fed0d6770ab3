"""Imports a labelled data set: its pictures through the usual ingest, its labels as one annotator's decisions, its
splits as placements of a release line.

Everything that the annotations say is read and checked before anything is written.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from db.reads import imports
from db.store.store import Store
from db.tables import annotators, roles
from pipeline.actions.imports import labels
from pipeline.actions.imports.labels import Labelled, Written, class_name
from pipeline.actions.imports.matching import Entry, chosen_face, is_crop, known_by_release
from pipeline.actions.imports.unpack import unpacked
from pipeline.actions.ingest import IngestOptions, ingest_all
from pipeline.actions.intake import class_names
from pipeline.actions.job import JobEnd, JobRequest, run_job, spool_folder, workspace_held
from pipeline.actions.manual_faces import take_as_crop
from pipeline.actions.releases import check_name
from pipeline.core.errors import IntegrityError, SignInError, UsageError
from pipeline.core.messages import Message, message
from pipeline.core.names import clean_name, find_name
from pipeline.export.readers import registry
from pipeline.export.readers.labelled import LabelledPicture
from pipeline.export.readers.table import line_of_release
from pipeline.files.hashing import hash_file
from pipeline.run.coordinator import Progress
from pipeline.sources.plan import SourcePlan, plan_source

MOST_LISTED: Final = 1_000
"""Entries of each list that the page shows; the command line shows all."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """format: a name of `registry.READERS`, "" for what is recognised. line: the release line that the splits are
    placements of, "" for one called after the data set. mouths: pictures are mouth crops already."""

    annotator: str
    ingest: IngestOptions
    format: str = ""
    line: str = ""
    make_classes: bool = False
    mouths: bool = False


@dataclass(slots=True)
class Imported:
    """What an import came to. pictures: labels that the data set holds. matched: those whose picture was here already.

    unmatched: labels that found no face, and why. decided: faces of which a person said otherwise. doubts: new photos
    that look like ones that were here. made: classes that were made.
    """

    format: str
    line: str
    labels: int = 0
    matched: int = 0
    added: int = 0
    saved: int = 0
    repeats: int = 0
    placed: int = 0
    made: tuple[str, ...] = ()
    unmatched: list[Message] = field(default_factory=list)
    decided: list[Message] = field(default_factory=list)
    doubts: list[Message] = field(default_factory=list)

    def as_json(self, most: int | None = None) -> dict[str, Any]:
        """most: entries of each list, None for all. Messages as their code, parameters and English text."""
        lists = {"unmatched": self.unmatched, "decided": self.decided, "doubts": self.doubts}
        told: dict[str, Any] = {
            name: [{"code": m.code, "params": m.json_params(), "text": str(m)} for m in found[:most]]
            for name, found in lists.items()
        }
        numbers = ("format", "line", "labels", "matched", "added", "saved", "repeats", "placed")
        return {**{name: getattr(self, name) for name in numbers}, "made": list(self.made), **told}


@dataclass(frozen=True, slots=True)
class _DataSet:
    root: Path
    entries: tuple[Entry, ...]
    made: tuple[str, ...]
    of_zip: bool


def import_data_set(
    store: Store, path: Path, options: ImportOptions, request: JobRequest
) -> tuple[JobEnd | None, Imported | None]:
    """Import the folder, zip or file at `path`; the report is None where the job was cancelled before its end.

    Raises UsageError for a data set that is refused, with nothing changed; NotAllowedError, BusyError, StorageError.
    """
    name = _annotator(store, options.annotator)
    store.read(lambda db: roles.require(db, name, "label"))
    progress, report = Progress(), []

    def work(job_id: str) -> None:
        with _opened(store, path, options) as (found, imported):
            _take_in(store, path, found, replace(options, annotator=name), request, progress, job_id, imported)
            _label(store, found, replace(options, annotator=name), imported)
        store.write(lambda db: imports.keep_report(db, imported.as_json(MOST_LISTED)))
        report.append(imported)

    with workspace_held(store, request.job_id):
        end = run_job(store, request, progress, work)
    return end, (report[0] if report else None)


def _annotator(store: Store, given: str) -> str:
    try:
        name = annotators.clean_name(given)
    except SignInError as e:
        raise UsageError(str(e)) from e
    return find_name(name, store.read(annotators.list_annotators)) or name


@contextmanager
def _opened(store: Store, path: Path, options: ImportOptions) -> Iterator[tuple[_DataSet, Imported]]:
    plan = plan_source(path, spool_folder(store), 1)
    if options.format and options.format not in registry.READERS:
        raise UsageError(
            message("import_format_unknown", name=options.format, names=", ".join(sorted(registry.READERS)))
        )
    line = check_name(options.line or clean_name(plan.folder.stem if plan.kind != "folder" else plan.folder.name))
    if plan.kind == "zip":
        with unpacked(plan.folder, store.root) as root:
            yield _read(store, root, line, options, of_zip=True)
    else:
        yield _read(store, plan.folder, line, options, of_zip=False)


def _read(store: Store, root: Path, line: str, options: ImportOptions, *, of_zip: bool) -> tuple[_DataSet, Imported]:
    name = options.format or registry.recognise(root)
    line = check_name(options.line or (line_of_release(root) if name == "moue" else "") or line)
    pictures = registry.read(root, name)
    known = sorted(class_names(store))
    unknown = sorted({one.label for one in pictures if class_name(one.label, known) is None})
    if unknown and not options.make_classes:
        raise UsageError(message("import_classes_unknown", names=", ".join(unknown[:50])))
    entries = tuple(_entries(root if root.is_dir() else root.parent, pictures))
    imported = Imported(name, line, labels=len(entries), made=tuple(unknown))
    return _DataSet(root, entries, tuple(unknown), of_zip), imported


def _entries(root: Path, pictures: Sequence[LabelledPicture]) -> Iterator[Entry]:
    hashes: dict[Path, str] = {}
    for one in pictures:
        if one.path not in hashes:
            found = hash_file(one.path)
            if found is None:
                raise UsageError(message("import_picture_missing", file=root, name=one.path.name))
            hashes[one.path] = found
        yield Entry(one, one.path.relative_to(root).as_posix(), hashes[one.path])


def _take_in(
    store: Store,
    path: Path,
    found: _DataSet,
    options: ImportOptions,
    request: JobRequest,
    progress: Progress,
    job_id: str,
    imported: Imported,
) -> None:
    """Ingest the pictures that are not here, and tell which of them look like others."""
    named = store.read(lambda db: imports.faces(db, (e.picture.sha256 for e in found.entries if e.picture.sha256)))
    needed = [e for e in found.entries if known_by_release(e, named) is None]
    here = store.read(lambda db: imports.sizes(db, (e.sha256 for e in needed)))
    fresh = {e.sha256: e for e in reversed(needed) if e.sha256 not in here}
    imported.matched = len(found.entries) - sum(e.sha256 in fresh for e in needed)
    if not fresh:
        return
    plans = _plans(store, found, fresh.values(), options)
    kind = "zip" if found.of_zip else "folder"
    place = str(path.resolve())
    ingest_all(store, plans, replace(options.ingest, source_kind=kind, source_name=place), request, progress, job_id)
    imported.added = len(store.read(lambda db: imports.sizes(db, fresh)))
    for one in store.read(lambda db: imports.near_copies(db, fresh, [e.sha256 for e in found.entries])):
        label = message("import_near_label", label=one.label) if one.label else ""
        place, other = fresh[one.sha256].place, one.location or one.other[:16]
        imported.doubts.append(message("import_near_copy", place=place, other=other, label=label))


def _plans(store: Store, found: _DataSet, fresh: Any, options: ImportOptions) -> list[SourcePlan]:
    """A plan a file; of a zip one for the folder, of which only what is needed is left."""
    spool, most = spool_folder(store), options.ingest.settings.max_bytes
    paths = [e.picture.path for e in fresh]
    if not found.of_zip:
        return [plan_source(path, spool, most) for path in sorted(paths)]
    root = found.root.resolve()
    aside = root.with_name(f"{root.name}.needed")
    for path in paths:
        target = aside / path.relative_to(found.root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)
    return [replace(plan_source(aside, spool, most), owned=True)]


def _label(store: Store, found: _DataSet, options: ImportOptions, imported: Imported) -> None:
    known = found.entries
    sizes = store.read(lambda db: imports.sizes(db, (e.sha256 for e in known)))
    for entry in known:  # crops have no face that a detector finds
        if entry.sha256 in sizes and is_crop(entry, sizes[entry.sha256], mouths=options.mouths):
            _as_crop(store, entry, imported)
    hashes = {e.sha256 for e in known} | {e.picture.sha256 for e in known if e.picture.sha256}
    faces = store.read(lambda db: imports.faces(db, hashes))
    labelled = []
    for entry in known:
        chosen = known_by_release(entry, faces)
        sha256 = entry.picture.sha256 if chosen is not None else entry.sha256
        if chosen is None and entry.sha256 not in sizes:
            imported.unmatched.append(message("import_without_photo", place=entry.place))
            continue
        if chosen is None:
            told = _face_of_file(entry, faces.get(entry.sha256, []), sizes[entry.sha256], options)
            if isinstance(told, Message):
                imported.unmatched.append(told)
                continue
            chosen = told
        one = entry.picture
        labelled.append(Labelled(entry.place, chosen.face_id, sha256, one.label, one.split))
    done: Written = store.write(lambda db: labels.write(db, options.annotator, labelled, imported.line, found.made))
    imported.saved, imported.repeats, imported.placed = done.saved, done.repeats, done.placed
    imported.decided += done.decided
    imported.unmatched += done.problems


def _face_of_file(
    entry: Entry, faces: Sequence[imports.KnownFace], size: tuple[int, int], options: ImportOptions
) -> imports.KnownFace | Message:
    if is_crop(entry, size, mouths=options.mouths):
        whole = [face for face in faces if (face.crop.width, face.crop.height) == size]
        if whole:
            return whole[-1]
    return chosen_face(entry, faces, size)


def _as_crop(store: Store, entry: Entry, imported: Imported) -> None:
    try:
        take_as_crop(store, entry.sha256)
    except (UsageError, IntegrityError) as e:
        imported.unmatched.append(e.message)
