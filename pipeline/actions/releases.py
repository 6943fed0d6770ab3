"""Writes a release: the accepted crops as a folder or zip, recorded in the workspace's list of releases."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final

from db.reads.groups import straddling
from db.store.locks import export_lock
from db.store.past_labels import REJECTED
from db.store.store import Db, Store
from db.tables import classes, placements, releases
from db.tables.releases import Written
from pipeline.actions.release.accepted import line_of
from pipeline.actions.release.cutter import cutter
from pipeline.actions.release.facts import facts_of
from pipeline.core.durable import make_folder
from pipeline.core.errors import ExportError
from pipeline.core.messages import message
from pipeline.export.export import ExportPlan
from pipeline.export.formats.registry import IMAGEFOLDER
from pipeline.export.moves import shown
from pipeline.export.place import folder_held
from pipeline.export.release.release_file import from_bytes
from pipeline.export.split import Moved
from pipeline.export.upload import check_remote, upload
from pipeline.export.write import ExportReport, ReleaseName, Tell, content_key, untold, write
from pipeline.export.zip_folder import zip_folder
from pipeline.files.blobs import BlobStore, storage_error, sync_folder
from pipeline.files.exchange import rename_new

_STRADDLING: Final = {"copy": "straddling_copy", "file": "straddling_file", "person": "straddling_person"}
MOST_NAMED: Final = 10
"""Pairs that a refusal names."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release that was written. release_id: its number in the list. path: of the folder or zip. digest: see
    `ExportReport`."""

    release_id: int
    path: Path
    files: int
    digest: str


def refuse_stale(store: Store, plan: ExportPlan, line: str) -> None:
    """Raise ExportError where, since the plan was made, photos came to belong together that it has in two splits, or
    another release of the line placed some of them elsewhere. Inside the lock of exports."""
    split_of = {row.item.image_sha256: row.split for row in plan.rows}
    if pairs := store.read(lambda db: straddling(db, split_of)):
        named = {row.item.image_sha256: shown(row.item) for row in plan.rows}
        told = tuple(
            message(_STRADDLING[p.why], a=named[p.a], b=named[p.b], split_a=split_of[p.a], split_b=split_of[p.b])
            for p in pairs[:MOST_NAMED]
        )
        raise ExportError(message("export_straddles", n=len(pairs), pairs=told))
    placed = store.read(lambda db: placements.placements_of(db, line))
    if any(split_of.get(sha, split) != split != plan.known.get(sha) for sha, split in placed.items()):
        raise ExportError(message("export_line_moved_on", line=line))


def write_folder(
    store: Store,
    plan: ExportPlan,
    out: Path,
    name: str | None,
    annotator: str | None,
    *,
    overwrite: bool,
    tell: Tell = untold,
) -> Release:
    """Write the release to the folder `out`. name: None for the folder's name. Raises ExportError and StorageError."""
    line = line_of(name, out)
    with export_lock(store.root):  # what was found free stays free until it is written
        refuse_stale(store, plan, line)
        named, plan = _named(store, plan, line)
        done = _write_crops(store, plan, out, named, tell, overwrite=overwrite)
        return _record(store, named, line, done.out, "imagefolder", done, plan, annotator)


def write_zip(store: Store, plan: ExportPlan, name: str, annotator: str | None, tell: Tell = untold) -> Release:
    """Write the release as `releases/<name>.zip` in the workspace; the name gets a number if it is taken.

    Raises ExportError and StorageError.
    """
    with export_lock(store.root):  # the number that was found free stays free until it is written
        refuse_stale(store, plan, name)
        named, plan = _named(store, plan, name)
        target, done = _zip(store, plan, named, tell)
        return _record(store, named, target.stem, target, "zip", done, plan, annotator)


def write_remote(
    store: Store,
    plan: ExportPlan,
    url: str,
    name: str | None,
    annotator: str | None,
    *,
    overwrite: bool,
    tell: Tell = untold,
) -> Release:
    """Send the release to where `url` leads. name: None for the URL's last part.

    It is written aside first, then sent: the same decisions give the same bytes, so a second call sends only what the
    first one did not. Held back until all is there: what is erased meanwhile would still be on its way. Raises
    ExportError, StorageError and UsageError.
    """
    line, folder = line_of(name, url), store.root / "releases"
    check_remote(url)
    with export_lock(store.root):
        refuse_stale(store, plan, line)
        named, plan = _named(store, plan, line)
        try:
            make_folder(folder)
            aside = Path(tempfile.mkdtemp(prefix=".zip-", dir=folder))  # what is left is cleared as of a zip
        except OSError as e:
            raise storage_error(e, str(folder)) from e
        try:
            done = _write_crops(store, plan, aside / "release", named, tell, overwrite=False)
            upload(done.out, url, overwrite=overwrite, tell=partial(tell, "upload"))
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        return _record(store, named, line, url, "remote", done, plan, annotator)


def _named(store: Store, plan: ExportPlan, line: str) -> tuple[ReleaseName, ExportPlan]:
    """The next number of the line; that of its newest release where this one is the same, with what was moved then:
    by now that is where the line has it."""
    content = content_key(plan, line)

    def snapshot(db: Db) -> tuple[int, bytes]:
        number = releases.next_number(db, line, content)
        same = releases.find_release(db, f"{line}#{number}")
        kept = None if same is None else releases.kept_manifest(db, same)
        return number, b"" if kept is None else kept.release

    number, said = store.read(snapshot)
    if said:
        moved = tuple(Moved(**{**one, "classes": tuple(one["classes"])}) for one in from_bytes(said, line).moved)
        plan = replace(plan, moved=moved)
    return ReleaseName(line, number), plan


def _zip(store: Store, plan: ExportPlan, named: ReleaseName, tell: Tell) -> tuple[Path, ExportReport]:
    folder = store.root / "releases"
    try:
        make_folder(folder)
        with folder_held(folder):
            for left in folder.glob(".zip-*"):  # of a process that was killed
                shutil.rmtree(left)
            return _zip_in(folder, store, plan, named, tell)
    except OSError as e:
        raise storage_error(e, str(folder / f"{named.line}.zip")) from e


def _zip_in(folder: Path, store: Store, plan: ExportPlan, named: ReleaseName, tell: Tell) -> tuple[Path, ExportReport]:
    name = named.line
    aside = Path(tempfile.mkdtemp(prefix=".zip-", dir=folder))
    try:
        done = _write_crops(store, plan, aside / name, named, tell, overwrite=False)
        zip_folder(aside / name, aside / "release.zip", partial(tell, "zip"))
        target = folder / f"{name}.zip"
        for number in count(2):
            try:
                rename_new(aside / "release.zip", target)
                break
            except FileExistsError:
                target = folder / f"{name} ({number}).zip"
        sync_folder(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return target, done


def _write_crops(
    store: Store, plan: ExportPlan, out: Path, named: ReleaseName, tell: Tell, *, overwrite: bool
) -> ExportReport:
    blobs = BlobStore(store.root)
    return write(
        plan, lambda face_id: blobs.path("crops", face_id, "png"), out, overwrite=overwrite, name=named,
        facts=facts_of(store), cut_all=cutter(store.root), tell=tell,
    )  # fmt: skip


def _record(
    store: Store,
    named: ReleaseName,
    name: str,
    path: Path | str,
    packed_as: str,
    done: ExportReport,
    plan: ExportPlan,
    annotator: str | None,
) -> Release:
    params: dict[str, Any] = {
        "format": " + ".join(plan.options.formats) or IMAGEFOLDER,
        "as": packed_as,
        "consensus": plan.agreed.rule,
    }
    params |= {**plan.split_plan.params, **plan.options.params}
    by_split: dict[str, Any] = {split: dict(by_class) for split, by_class in done.counts.items()}
    content = content_key(plan, named.line)

    def add(db: Db) -> int:
        ids = {spec.name: spec.id for spec in classes.list_classes(db, archived=True)}  # votes may name any
        if plan.options.rejects_as:
            ids[plan.options.rejects_as] = REJECTED
        made = Written(
            named.line, named.number, content, plan.agreed.head, ids, done.made.release, done.made.manifest
        )  # fmt: skip
        number = releases.add_release(db, name, str(path), params, by_split, done.digest, annotator, made)
        before = {} if placements.placements_of(db, named.line) else plan.known  # what only a manifest told
        placements.remember(db, named.line, {**before, **plan.placements}, number)
        return number

    number = store.write(add)
    store.note_head("release")
    return Release(number, Path(path), done.files, done.digest)
