"""A source whose folder moved, or that is not wanted any more: its rows, and the workspace's files of its images."""

from __future__ import annotations

from pathlib import Path

from db.images import relink
from db.store.deletions import delete_listed
from db.store.locks import job_lock
from db.store.store import Store
from pipeline.core.errors import UsageError
from pipeline.core.messages import message


def relink_source(store: Store, source_id: int, location: str) -> int:
    """Look for a source's files at `location` (an absolute path) from now on; returns how many images that concerns.

    Raises UsageError where nothing lies there, or the source cannot be moved there.
    """
    if not Path(location).is_absolute() or not Path(location).exists():
        raise UsageError(message("path_missing", place=location))
    return store.write(lambda db: relink.relink(db, source_id, location))


def remove_source(store: Store, source_id: int) -> None:
    """Take a source and the images that no other source has out of the workspace; files outside it stay.

    Raises BusyError while a job runs: one that meets such a photo again would lose its files. Raises UsageError for an
    unknown source, StorageError where a file cannot be deleted: its rows are gone then, and it is tried again whenever
    the workspace is opened.
    """
    with job_lock(store.root):
        store.write(lambda db: relink.remove_source(db, source_id))
        delete_listed(store)
