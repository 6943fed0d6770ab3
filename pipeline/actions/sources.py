"""Relinks a source whose folder moved, and removes a source with its images."""

from __future__ import annotations

from pathlib import Path

from db.images import relink
from db.store.deletions import delete_listed
from db.store.locks import job_lock
from db.store.store import Store
from db.tables import audit
from pipeline.core.errors import UsageError
from pipeline.core.messages import message


def relink_source(store: Store, source_id: int, location: str, *, by: str = audit.COMMAND_LINE) -> int:
    """Record that a source's files are now at `location` (an absolute path); returns the number of its images.

    Raises UsageError where nothing lies there, or the source cannot be moved there.
    """
    if not Path(location).is_absolute() or not Path(location).exists():
        raise UsageError(message("path_missing", place=location))
    return store.write(lambda db: relink.relink(db, source_id, location, by=by))


def remove_source(store: Store, source_id: int, *, by: str = audit.COMMAND_LINE) -> None:
    """Delete a source, and the images that no other source has, from the workspace; files outside of it stay.

    Raises BusyError while a job runs: one that meets such a photo again would lose its files. Raises UsageError for an
    unknown source, StorageError where a file cannot be deleted: its rows are gone then, and it is tried again whenever
    the workspace is opened.
    """
    with job_lock(store.root):
        store.write(lambda db: relink.remove_source(db, source_id, by=by))
        delete_listed(store)
