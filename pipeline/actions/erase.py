"""One person's photo out of the workspace for good: its files, then its rows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from db.images import erase
from db.images.erase import ErasePlan
from db.store.locks import job_lock
from db.store.store import Store
from pipeline.core.errors import StorageError
from pipeline.core.messages import message


def erase_image(store: Store, sha256: str) -> ErasePlan:
    """Delete an image with its faces and crops; returns what that was. Decisions stay in the log, as hashes.

    Raises UsageError for an unknown image, BusyError while a job runs, StorageError where a file cannot be deleted.
    """
    with job_lock(store.root):
        plan = store.read(lambda db: erase.plan_erase(db, sha256))
        # Files first: while the rows are there, an interrupted erase can be done again.
        delete_files(store.root, plan.files)
        store.write(lambda db: erase.erase(db, sha256))
    return plan


def delete_files(root: Path, names: Iterable[str]) -> None:
    """Delete files, by names relative to the workspace's `root`; one that is gone is no error. Raises StorageError."""
    for name in names:
        try:
            (root / name).unlink(missing_ok=True)
        except OSError as e:
            raise StorageError(message("undeletable", file=root / name, why=e.strerror or e)) from e
