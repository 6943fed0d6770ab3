"""Deletes the files whose rows are gone: after the commit, and where a kill came in between, at the next opening."""

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
from pipeline.core.messages import message

T = TypeVar("T")

_AT_ONCE: Final = 500
_FLUSH_THREADS: Final = 8


class OpenStore(Protocol):
    """What is needed of a `Store`."""

    root: Path

    def read(self, fn: Callable[[Db], T]) -> T: ...

    def write(self, fn: Callable[[Db], T]) -> T: ...


def delete_listed(store: OpenStore) -> None:
    """Delete what is listed, durably, and take it off the list; a file that is gone or named again is no error.

    The caller holds the job lock. Raises StorageError, naming a file that cannot be deleted; it stays on the list.
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
                    refused = StorageError(message("undeletable", file=file, why=e.strerror or e))
    if done:
        _flush(sorted(folders))
        store.write(lambda db: file_deletions.forget(db, done))
    if refused is not None:
        raise refused


def try_delete_listed(store: OpenStore) -> None:
    """`delete_listed` where nothing else depends on it: what cannot be deleted is logged, and `verify` names it."""
    try:
        delete_listed(store)
    except (StorageError, BusyError) as e:
        logging.warning("%s", e)


def finish_interrupted(store: OpenStore) -> None:
    """At the opening of a store: what a killed process listed and did not delete goes.

    While a job runs nothing is done: its process did this when it began.
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
            raise StorageError(message("undeletable", file=e.filename or folders[0], why=e.strerror or e)) from e
