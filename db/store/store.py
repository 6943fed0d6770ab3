"""One workspace's database: open it, read from it, write to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Final, TypeVar

from filelock import FileLock, Timeout
from sqlite_utils.db import Database as Db

from db.base.sqlite_errors import named
from db.projection import columns
from db.schema import migrate
from db.store.readers import BUSY_TIMEOUT_MS, Readers
from db.store.writer import Writer
from pipeline.core.errors import BusyError, StorageError

__all__ = ["DATABASE_NAME", "Db", "Store"]

T = TypeVar("T")

DATABASE_NAME: Final = "moue.db"
_MIGRATE_TIMEOUT_S: Final = 60.0


class Store:
    """The open database of one workspace; one per process. Any thread may use it."""

    def __init__(self, root: Path, writer: Writer, readers: Readers) -> None:
        """Use `Store.open`."""
        self.root = root
        self._writer = writer
        self._readers = readers

    @classmethod
    def open(cls, root: Path) -> Store:
        """Open the workspace in folder `root`; what is missing is created, an older schema is migrated.

        Raises StorageError (permissions, a newer schema, a damaged file) and BusyError (another process migrates).
        """
        root = Path(root).absolute()
        file = root / DATABASE_NAME
        try:
            (root / ".locks").mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise StorageError(f"the workspace {root} cannot be created ({e.strerror}); choose another folder") from e
        try:
            with FileLock(root / ".locks" / "migrate.lock", timeout=_MIGRATE_TIMEOUT_S):
                db = _open_for_writing(file)
                try:
                    migrate.migrate(db, file, root / "backups")
                    _tidy(db)
                except BaseException:
                    db.conn.close()
                    raise
        except Timeout as e:
            raise BusyError(f"another process has been migrating {file} for a minute; wait for it or end it") from e
        except OSError as e:
            raise StorageError(f"the workspace {root} cannot be written ({e}); check its permissions") from e
        except sqlite3.Error as e:
            raise named(e, file) from e
        return cls(root, Writer(db, file, columns.tidy), Readers(file))

    @property
    def file(self) -> Path:
        return self.root / DATABASE_NAME

    def read(self, fn: Callable[[Db], T]) -> T:
        """`fn` on a read-only connection, in one snapshot. It returns values, not cursors. Raises StorageError."""
        return self._readers.read(fn)

    def write(self, fn: Callable[[Db], T]) -> T:
        """`fn` on the writer thread; returns after COMMIT, or raises its error with nothing of it kept."""
        return self.submit(fn).result()

    def submit(self, fn: Callable[[Db], T]) -> Future[T]:
        """`write` without waiting; the future resolves after COMMIT. `fn` must not commit and returns values."""
        return self._writer.submit(fn)

    def close(self) -> None:
        """Finish the waiting writes and close all connections. A second call does nothing."""
        self._readers.close()
        self._writer.close()  # the last to go: only a connection that may write folds the log into the file

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _open_for_writing(file: Path) -> Db:
    conn = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
    try:
        _prepare(conn, file)
        return Db(conn, execute_plugins=False)
    except BaseException:
        conn.close()
        raise


def _tidy(db: Db) -> None:
    """What others left to be folded in: a migration, a database written by hand."""
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        columns.tidy(db)
    except BaseException:
        db.conn.execute("ROLLBACK")
        raise
    db.conn.execute("COMMIT")


def _prepare(conn: sqlite3.Connection, file: Path) -> None:
    conn.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    (mode,) = conn.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StorageError(f"{file} lies on a disk without shared memory (a network drive?); use a local folder")
    conn.execute("PRAGMA synchronous = FULL")
    conn.execute("PRAGMA foreign_keys = ON")
