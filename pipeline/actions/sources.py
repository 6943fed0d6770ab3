"""Relinks a source whose folder moved, and removes a source with its images."""

from __future__ import annotations

import os
from functools import partial
from typing import Final

from db.images import relink
from db.store.deletions import delete_listed
from db.store.locks import job_lock
from db.store.store import Store
from db.tables import audit
from pipeline.core.errors import UsageError
from pipeline.core.messages import message

PART: Final = 50
"""Images that one write takes out: whoever labels meanwhile waits for no more."""


def relink_source(store: Store, source_id: int, location: str, *, by: str = audit.COMMAND_LINE) -> int:
    """Record that a source's files are now at `location` (an absolute path); returns the number of its images.

    Raises UsageError where nothing lies there, or the source cannot be moved there.
    """
    if not os.path.isabs(location) or not os.path.exists(location):
        raise UsageError(message("path_missing", place=location))
    return store.write(lambda db: relink.relink(db, source_id, location, by=by))


def remove_source(store: Store, source_id: int, *, by: str = audit.COMMAND_LINE) -> None:
    """Delete a source, and the images that no other source has, from the workspace; files outside of it stay.

    One of many images goes in parts, between which others save; who stops in between leaves a source with fewer images,
    which is removed like any. Raises BusyError while a job runs: one that meets such a photo again would lose its
    files. Raises UsageError for an unknown source, StorageError where a file cannot be deleted: its rows are gone then,
    and it is tried again whenever the workspace is opened.
    """
    with job_lock(store.root):
        images = store.read(lambda db: relink.images_of(db, source_id))
        gone = 0
        for start in range(0, len(images) - PART, PART):
            some = images[start : start + PART]
            gone += store.write(partial(relink.remove_images, source_id=source_id, images=some))[1]
        store.write(lambda db: relink.remove_source(db, source_id, by=by, gone=gone))
        delete_listed(store)
