"""Deletes files whose rows were deleted: after the commit, or, after a crash in between, at the next opening."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, Protocol, TypeVar

from sqlite_utils.db import Database as Db

from db.store.locks import files_lock, job_lock
from db.tables import file_deletions
from pipeline.core.durable import flush
from pipeline.core.errors import BusyError, StorageError
from pipeline.core.messages import os_message

T = TypeVar("T")

_AT_ONCE: Final = 500
_FLUSH_THREADS: Final = 8


class OpenStore(Protocol):
    """The part of `Store` that this module uses."""

    root: Path

    def read(self, fn: Callable[[Db], T]) -> T: ...

    def write(self, fn: Callable[[Db], T]) -> T: ...


def delete_listed(store: OpenStore) -> None:
    """Delete the files on the list in the database, durably, and empty the list.

    A file that is gone already, or that a row names again, is skipped. The caller holds the job lock. Raises
    StorageError that names the file that cannot be deleted; it stays on the list.
    """
    after, folders, done = "", set[Path](), list[str]()
    refused: StorageError | None = None
    while page := store.read(partial(file_deletions.listed, after=after, most=_AT_ONCE)):
        after = page[-1]
        with files_lock(store.root):
            going = set(store.read(partial(file_deletions.unnamed, paths=page)))
            for path in page:
                file = store.root / path
                try:
                    if path in going:
                        file.unlink(missing_ok=True)
                        folders.add(file.parent)
                    done.append(path)
                except OSError as e:
                    refused = StorageError(os_message(e, "undeletable", file=file))
    if done:
        _flush(sorted(folders))
        store.write(lambda db: file_deletions.forget(db, done))
    if refused is not None:
        raise refused


def try_delete_listed(store: OpenStore) -> None:
    """Like `delete_listed`, but a file that cannot be deleted is only logged; `verify` names it."""
    try:
        delete_listed(store)
    except (StorageError, BusyError) as e:
        logging.warning("%s", e)


def finish_interrupted(store: OpenStore) -> None:
    """Delete the files that a killed process listed and did not delete; called when a store is opened.

    Does nothing while a job runs: that job's process did it when it started.
    """
    if not store.read(lambda db: file_deletions.listed(db, most=1)):
        return
    with suppress(BusyError), job_lock(store.root, patience_s=0):
        try_delete_listed(store)


def _flush(folders: Sequence[Path]) -> None:
    """A power cut must not bring a file back that is off the list."""
    with ThreadPoolExecutor(_FLUSH_THREADS) as pool:
        try:
            for _ in pool.map(flush, (folder for folder in folders if folder.is_dir())):
                pass
        except OSError as e:
            raise StorageError(os_message(e, "undeletable", file=e.filename or folders[0])) from e
