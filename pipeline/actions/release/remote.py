"""Sends a release to where a URL leads. Others can export meanwhile: only its beginning and its end hold them up."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from db.reads.export_items import known_faces
from db.store.locks import export_lock, upload_lock
from db.store.store import Store
from pipeline.actions.release.accepted import line_of
from pipeline.actions.release.record import Release, named_plan, record, refuse_stale, write_pictures
from pipeline.actions.release.turn import export_turn
from pipeline.core.durable import make_folder
from pipeline.core.errors import ExportError
from pipeline.core.messages import message
from pipeline.export.export import ExportPlan
from pipeline.export.upload import check_remote, delete_upload, upload
from pipeline.export.write import ExportReport, ReleaseName, Tell, untold
from pipeline.files.blobs import storage_error

_ASIDE: Final = ".upload-"


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
    first one did not. It is whole there, and noted here, only if nothing of it was erased, cut anew or overtaken while
    it was on its way. Raises ExportError, StorageError and UsageError.
    """
    line = line_of(name, url)
    check_remote(url)
    with upload_lock(store.root):
        aside = _folder(store)
        try:
            with export_turn(store.root, tell):
                refuse_stale(store, plan, line)
                named, plan = named_plan(store, plan, line)
                done = write_pictures(store, plan, aside / "release", named, tell, overwrite=False)
            noted: list[Release] = []
            finishing = partial(_finishing, store, plan, named, url, done, annotator, noted)
            upload(done.out, url, overwrite=overwrite, tell=partial(tell, "upload"), finishing=finishing)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return noted[0]


def _folder(store: Store) -> Path:
    """A new one; what uploads that were killed left goes."""
    folder = store.root / "releases"
    try:
        make_folder(folder, inside=store.root)
        for left in folder.glob(f"{_ASIDE}*"):
            shutil.rmtree(left)
        return Path(tempfile.mkdtemp(prefix=_ASIDE, dir=folder))
    except OSError as e:
        raise storage_error(e, str(folder)) from e


@contextmanager
def _finishing(
    store: Store,
    plan: ExportPlan,
    named: ReleaseName,
    url: str,
    done: ExportReport,
    annotator: str | None,
    noted: list[Release],
) -> Iterator[None]:
    """The moment in which the release becomes whole. Raises ExportError where it must not."""
    with export_lock(store.root):
        _refuse_gone(store, plan, url)
        refuse_stale(store, plan, named.line)
        if named_plan(store, plan, named.line)[0] != named:
            raise ExportError(message("upload_overtaken", url=url, line=named.line))
        yield
        noted.append(record(store, named, named.line, url, "remote", done, plan, annotator))


def _refuse_gone(store: Store, plan: ExportPlan, url: str) -> None:
    items = [row.item for row in plan.rows]
    known = store.read(lambda db: known_faces(db, [item.face_id for item in items]))
    gone = [one for one in items if one.face_id not in known or known[one.face_id].crop_version != one.crop_version]
    if gone:
        delete_upload(url)
        raise ExportError(message("upload_faces_gone", url=url, n=len(gone)))
