"""Writes a release: the accepted crops as a folder or zip, recorded in the workspace's list of releases."""

from __future__ import annotations

import shutil
import tempfile
from functools import partial
from itertools import count
from pathlib import Path

from db.store.store import Store
from pipeline.actions.release.accepted import line_of
from pipeline.actions.release.record import Release, named_plan, record, refuse_stale, write_pictures
from pipeline.actions.release.turn import export_turn
from pipeline.core.durable import make_folder
from pipeline.export.export import ExportPlan
from pipeline.export.place import folder_held
from pipeline.export.write import ExportReport, ReleaseName, Tell, untold
from pipeline.export.zip_folder import zip_folder
from pipeline.files.blobs import storage_error, sync_folder
from pipeline.files.exchange import rename_new


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
    with export_turn(store.root, tell):  # what was found free stays free until it is written
        refuse_stale(store, plan, line)
        named, plan = named_plan(store, plan, line)
        done = write_pictures(store, plan, out, named, tell, overwrite=overwrite)
        return record(store, named, line, done.out, "imagefolder", done, plan, annotator)


def write_zip(store: Store, plan: ExportPlan, name: str, annotator: str | None, tell: Tell = untold) -> Release:
    """Write the release as `releases/<name>.zip` in the workspace; the name gets a number if it is taken.

    Raises ExportError and StorageError.
    """
    with export_turn(store.root, tell):  # the number that was found free stays free until it is written
        refuse_stale(store, plan, name)
        named, plan = named_plan(store, plan, name)
        target, done = _zip(store, plan, named, tell)
        return record(store, named, target.stem, target, "zip", done, plan, annotator)


def _zip(store: Store, plan: ExportPlan, named: ReleaseName, tell: Tell) -> tuple[Path, ExportReport]:
    folder = store.root / "releases"
    try:
        make_folder(folder, inside=store.root)
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
        done = write_pictures(store, plan, aside / name, named, tell, overwrite=False)
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
