"""Imports a labelled data set: its pictures through the usual ingest, its labels as one annotator's decisions, its
splits as placements of a release line.

Everything that the annotations say is read and checked before anything is written. A label is held back, as a doubt
for a person, where its photo is new and looks like one that was here, where a release names a face that is not here, or
where its box lies beside the face.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from db.base.clock import now_iso
from db.reads import import_doubts, imports
from db.reads.import_doubts import Doubt
from db.store.store import Db, Store
from db.tables import annotators, frames, jobs, roles
from pipeline.actions.imports import labels
from pipeline.actions.imports.data_set import DataSet, opened
from pipeline.actions.imports.in_doubt import doubt_of, looks_like, near_copies_here
from pipeline.actions.imports.labels import Labelled, Written
from pipeline.actions.imports.matching import Entry, chosen_face, is_crop, known_by_release, told_together
from pipeline.actions.imports.options import MOST_LISTED, Imported, ImportOptions
from pipeline.actions.imports.told_faces import ToldFaces, take_crop, take_faces
from pipeline.actions.ingest import ingest_all
from pipeline.actions.job import JobEnd, JobRequest, run_job, spool_folder, workspace_held
from pipeline.actions.stored_pixels.processes import Elsewhere
from pipeline.core.durable import make_below
from pipeline.core.errors import DecodeError, IntegrityError, SignInError, UsageError
from pipeline.core.messages import Message, message
from pipeline.core.names import find_name
from pipeline.files.blobs import storage_error
from pipeline.run.coordinator import Progress
from pipeline.sources.plan import SourcePlan, plan_source


@dataclass(slots=True)
class _Found:
    """Labels with their faces: those to be written, and those that wait. `other` says which photo each looks like."""

    sure: list[Labelled] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    told: list[Message] = field(default_factory=list)


def import_data_set(
    store: Store, path: Path, options: ImportOptions, request: JobRequest
) -> tuple[JobEnd | None, Imported | None]:
    """Import the folder, zip or file at `path`; the report is None where the job was cancelled before its end.

    Raises UsageError for a data set that is refused, with nothing changed; NotAllowedError, BusyError, StorageError.
    """
    name = _annotator(store, options.annotator)
    by = _starter(store, request) or name
    store.read(lambda db: roles.require(db, by, "label"))
    if options.make_classes:
        store.read(lambda db: roles.require(db, by, "classes"))
    progress, done = Progress(), list[Imported]()

    def work(job_id: str) -> None:
        with opened(store, path, options) as (found, imported):
            _take_in(store, found, options, request, progress, job_id, imported)
            _label(store, found, replace(options, annotator=name), imported, by)
            report = {"place": found.place, "labels_of": name, "at": now_iso(), **imported.as_json(MOST_LISTED)}
        store.write(lambda db: imports.keep_report(db, report))
        done.append(imported)

    with workspace_held(store, request.job_id):
        end = run_job(store, request, progress, work)
    return end, (done[0] if done else None)


def _starter(store: Store, request: JobRequest) -> str:
    """Who started the job on a page, "" where no page did."""
    job_id = request.job_id
    job = None if job_id is None else store.read(lambda db: jobs.get(db, job_id))
    return "" if job is None else job.annotator


def _annotator(store: Store, given: str) -> str:
    try:
        name = annotators.clean_name(given)
    except SignInError as e:
        raise UsageError(str(e)) from e
    return find_name(name, store.read(annotators.list_annotators)) or name


def _named(store: Store, entries: Sequence[Entry]) -> dict[str, list[imports.KnownFace]]:
    """The faces of the photos that a release names."""
    return store.read(lambda db: imports.faces(db, (e.picture.sha256 for e in entries if e.picture.sha256)))


def _take_in(
    store: Store,
    found: DataSet,
    options: ImportOptions,
    request: JobRequest,
    progress: Progress,
    job_id: str,
    imported: Imported,
) -> None:
    """Ingest the pictures that are not here."""
    named = _named(store, found.entries)
    entries = [e for e in found.entries if e.sha256]
    needed = [e for e in entries if known_by_release(e, named) is None]
    here = store.read(lambda db: imports.sizes(db, (e.sha256 for e in needed)))
    fresh = {e.sha256: e for e in reversed(needed) if e.sha256 not in here}
    imported.matched = len(entries) - sum(e.sha256 in fresh for e in needed)
    if not fresh:
        return
    plans = _plans(store, found, [e.picture.path for e in fresh.values()], options)
    ingest = replace(options.ingest, source_kind=found.kind, source_name=found.place)
    ingest_all(store, plans, ingest, request, progress, job_id)
    imported.added = len(store.read(lambda db: imports.sizes(db, fresh)))


def _plans(store: Store, found: DataSet, paths: Sequence[Path], options: ImportOptions) -> list[SourcePlan]:
    """A plan a file; of what is the workspace's own (unpacked, uploaded) one for a folder with what is needed."""
    spool, most = spool_folder(store), options.ingest.settings.max_bytes
    incoming = found.scratch.parent.resolve()
    own = [path for path in paths if path.resolve().is_relative_to(incoming)]
    plans = [plan_source(path, spool, most) for path in sorted(set(paths) - set(own))]
    if own:
        aside = found.scratch / "needed"
        for path in own:
            _link(path, aside / path.resolve().relative_to(incoming), found.scratch)
        plans.append(replace(plan_source(aside, spool, most), owned=True))
    return plans


def _link(path: Path, target: Path, scratch: Path) -> None:
    """The same file once more: ingest moves the one, and the labels still name the other. Raises StorageError."""
    try:
        make_below(scratch, target.parent)
        try:
            os.link(path, target)
        except OSError:  # a disk without hard links
            shutil.copyfile(path, target)
    except OSError as e:
        raise storage_error(e, str(target)) from e


def _label(store: Store, found: DataSet, options: ImportOptions, imported: Imported, by: str) -> None:
    """by: who makes the classes that are to be made."""
    entries = found.entries
    sizes = store.read(lambda db: imports.sizes(db, (e.sha256 for e in entries)))
    named = _named(store, entries)
    for entry in entries:  # crops have no face that a detector finds
        crop = entry.sha256 in sizes and is_crop(entry, sizes[entry.sha256], mouths=options.mouths)
        if crop and entry.picture.left is None and known_by_release(entry, named) is None:
            _as_crop(store, entry, sizes[entry.sha256], imported)
    told = take_faces(store, entries, sizes, found.place, Elsewhere(), mouths=options.mouths)
    imported.notes += told.notes
    together = told_together(entries, named)
    near = {} if options.take_doubts else near_copies_here(store, found)
    matched = _matched(store, found, sizes, told, near, options, imported)

    def write(db: Db) -> tuple[Written, int]:
        done = labels.write(db, options.annotator, matched.sure, imported.line, found.made, by)
        frames.tell_together(db, found.place, together)
        return done, import_doubts.add(db, matched.doubts)

    done, without_room = store.write(write)
    imported.saved, imported.repeats, imported.placed = done.saved, done.repeats, done.placed
    imported.decided += done.decided
    imported.unmatched += done.problems
    imported.not_taken += done.contradicted
    imported.waiting = len(matched.doubts)
    imported.doubts += matched.told
    if without_room:
        imported.doubts.append(message("import_doubts_full", n=without_room))


def _matched(
    store: Store,
    found: DataSet,
    sizes: Mapping[str, tuple[int, int]],
    told: ToldFaces,
    near: Mapping[str, imports.NearCopy],
    options: ImportOptions,
    imported: Imported,
) -> _Found:
    hashes = {e.sha256 for e in found.entries} | {e.picture.sha256 for e in found.entries if e.picture.sha256}
    faces = store.read(lambda db: imports.faces(db, hashes))
    kept = {one.face_id for one in store.read(import_doubts.kept) if one.left}
    matched = _Found()
    for number, entry in enumerate(found.entries):
        if entry.picture.left is not None:
            _not_taken(imported, message("import_left", place=entry.place, why=entry.picture.left))
            continue
        named = known_by_release(entry, faces)
        if named is not None and isinstance(named.face, Message):
            _not_taken(imported, named.face)
            continue
        sha256 = entry.sha256 if named is None else entry.picture.sha256
        face = told.chosen.get(number) or (_face_of_file(entry, faces, sizes, options) if named is None else named.face)
        if isinstance(face, Message):
            _not_taken(imported, _with_reason(store, entry, face))
            continue
        face_id = face if isinstance(face, str) else face.face_id
        one = Labelled(entry.place, face_id, sha256, entry.picture.label, entry.picture.split)
        if named is not None and named.told is not None:
            (imported.notes if named.sure or options.take_doubts else matched.told).append(named.told)
        copy = near.get(sha256) if named is None else None
        unclear = told.doubtful.get(number) if copy is None else looks_like(entry, copy)
        if unclear is not None:
            matched.told.append(unclear)
        sure = options.take_doubts or (unclear is None and (named is None or named.sure))
        if sure and (face_id not in kept or options.take_doubts):
            matched.sure.append(one)
        elif face_id not in kept:
            matched.doubts.append(doubt_of(one, options, imported.line, copy, aside=number in told.doubtful))
        else:
            imported.left += 1
    return _answered_are_sure(store, matched)


def _with_reason(store: Store, entry: Entry, told: Message) -> Message:
    """A picture that could not be taken in, by what its outcome says."""
    why = store.read(lambda db: imports.why_not_taken(db, entry.sha256))
    unknown = told.code != "import_without_photo" or why is None
    return told if unknown else message("import_photo_refused", place=entry.place, why=why)


def _not_taken(imported: Imported, why: Message) -> None:
    imported.unmatched.append(why)
    imported.not_taken += 1


def _answered_are_sure(store: Store, found: _Found) -> _Found:
    """A face that a person has answered is in no doubt: it is a repeat, or a difference that is told."""
    given = store.read(lambda db: imports.answers(db, (one.face_id for one in found.doubts)))
    sure = [
        Labelled(one.place, one.face_id, one.sha256, one.label, one.split)
        for one in found.doubts
        if one.face_id in given
    ]
    told = [one for one in found.told if one.params.get("place") not in {s.place for s in sure}]
    return _Found([*found.sure, *sure], [one for one in found.doubts if one.face_id not in given], told)


def _face_of_file(
    entry: Entry,
    faces: Mapping[str, Sequence[imports.KnownFace]],
    sizes: Mapping[str, tuple[int, int]],
    options: ImportOptions,
) -> imports.KnownFace | Message:
    size, known = sizes.get(entry.sha256), faces.get(entry.sha256, [])
    if size is None:
        return message("import_without_photo", place=entry.place)
    if is_crop(entry, size, mouths=options.mouths):
        whole = [face for face in known if (face.crop.width, face.crop.height) == size]
        if whole:
            return whole[-1]
    return chosen_face(entry, known, size)


def _as_crop(store: Store, entry: Entry, size: tuple[int, int], imported: Imported) -> None:
    try:
        take_crop(store, entry, size, Elsewhere())
    except (UsageError, IntegrityError, DecodeError) as e:
        imported.unmatched.append(e.message)


def take(store: Store, face_ids: Iterable[str]) -> Written:
    """Write the labels of these doubts as their data sets' annotators say them, and their splits; the doubts go.

    Raises UsageError where nothing could be written.
    """
    asked = set(face_ids)

    def write(db: Db) -> Written:
        chosen = [one for one in import_doubts.kept(db) if one.face_id in asked]
        done = Written()
        for annotator, line in sorted({(one.annotator, one.line) for one in chosen}):
            found = [
                Labelled(one.place, one.face_id, one.sha256, one.label, one.split)
                for one in chosen
                if (one.annotator, one.line) == (annotator, line)
            ]
            done.add(labels.write(db, annotator, found, line))
        import_doubts.drop(db, asked)
        return done

    return store.write(write)


def leave(store: Store, face_ids: Iterable[str]) -> None:
    """Do not take the labels of these doubts, now or when the data set comes again."""
    asked = set(face_ids)
    store.write(lambda db: import_doubts.leave(db, asked))
