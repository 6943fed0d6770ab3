"""One workspace's database: open it, read from it, write to it."""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from sqlite_utils.db import Database as Db

from db.base.database_files import restoring_mark, side_files, size_of
from db.base.sqlite_errors import is_storage, named
from db.projection import columns
from db.schema import migrate, table_digests
from db.store import anchors, deletions, log_damage, recounting
from db.store.locks import InUse, migration_lock
from db.store.place import Place
from db.store.readers import BUSY_TIMEOUT_MS, Readers
from db.store.writer import Writer
from db.tables import audit
from pipeline.core.durable import make_folder
from pipeline.core.errors import StorageError
from pipeline.core.messages import Message, message, os_message
from pipeline.core.system.regular import read_regular

__all__ = ["DATABASE_NAME", "Db", "Store"]  # Db: what reads and writes are handed, for packages without sqlite-utils

T = TypeVar("T")

DATABASE_NAME: Final = "moue.db"

_EMPTY_TIMEOUT_MS: Final = 2000


class Store:
    """The open database of one workspace; one per process. Any thread may use it."""

    def __init__(self, root: Path, writer: Writer, readers: Readers, in_use: InUse, place: Place) -> None:
        """Use `Store.open`."""
        self.root = root
        self._place = place
        self._in_use = in_use
        self._closed = False
        self.restored = ""
        """A hash, another one since a backup was put in place: an open page then knows that it shows what another log
        says."""
        self._rest_s = 0.0
        self.rested_s = 0.0
        """Seconds that `write` waited behind commits, see `rest_between_writes`."""
        self._writer = writer
        self._readers = readers

    @classmethod
    def open(cls, root: Path) -> Store:
        """Open the workspace in folder `root`; what is missing is created, an older schema is migrated.

        Raises StorageError (permissions, a newer schema, a damaged file) and BusyError (another process migrates or
        restores).
        """
        root = Path(root).absolute()
        file = root / DATABASE_NAME
        try:
            make_folder(root, inside=None)
        except OSError as e:
            raise StorageError(os_message(e, "workspace_not_made", root=root)) from e
        InUse(root).release()  # a restore is told at once, not after a minute
        with migration_lock(root):  # who waits for it does not have the database open, see `log_damage.check_log`
            in_use = InUse(root)
            try:
                db = _opened(file, in_use)
            except BaseException as e:
                in_use.release()
                if isinstance(e, sqlite3.Error | UnicodeDecodeError):
                    raise named(e, file) from e
                if isinstance(e, OSError):
                    raise StorageError(os_message(e, "workspace_unwritable", root=root)) from e
                raise
        place = Place(file)
        store = cls(root, Writer(db, file, columns.maybe_compact, place), Readers(file, place=place), in_use, place)
        try:
            deletions.finish_interrupted(store)
            recounting.finish_interrupted(store)
            store.restored = _log_there(file, store.read(audit.newest_restore))
        except BaseException:
            store.close()
            raise
        return store

    @property
    def file(self) -> Path:
        return self.root / DATABASE_NAME

    def problem(self) -> Message | None:
        """Why nothing can be saved: the workspace is not at its place any more, see `Place`; None where it is."""
        return self._place.problem()

    def check_in_place(self) -> None:
        """Raises StorageError where the workspace is not at its place any more: for who writes files beside it."""
        self._place.check()

    def read(self, fn: Callable[[Db], T]) -> T:
        """Run `fn` on a read-only connection, in one snapshot; it returns values, not cursors. Raises StorageError."""
        return self._readers.read(fn)

    def read_beside(self, fn: Callable[[Db], T]) -> T:
        """The same on a connection of its own: for a second thread that helps one which reads, and which would wait for
        ever where the others of the pool did so, too."""
        with closing(Readers(self.file, 1, self._place)) as own:
            return own.read(fn)

    def write(self, fn: Callable[[Db], T]) -> T:
        """Run `fn` on the writer thread. Returns after COMMIT; if `fn` raises, its changes are rolled back."""
        result = self.submit(fn).result()
        if self._rest_s:
            time.sleep(self._rest_s)
            self.rested_s += self._rest_s
        return result

    def rest_between_writes(self, seconds: float) -> None:
        """From now on `write` waits so long behind each commit: for a background job that writes often.

        A writer of another process that finds the database locked asks again after up to 25 ms: without a rest it comes
        too late time after time, and whoever decides waits.
        """
        self._rest_s = seconds

    def submit(self, fn: Callable[[Db], T]) -> Future[T]:
        """Like `write`, without waiting: the future resolves after COMMIT. `fn` must not commit; it returns values."""
        return self._writer.submit(fn)

    def await_writer(self) -> None:
        """Return once the writer has had a turn, with nothing to do. Raises StorageError where nothing can be saved."""
        self.submit(lambda _db: None).result()

    def empty_log(self) -> bool:
        """Checkpoint and truncate SQLite's write-ahead log, in which overwritten data would stay readable.

        Returns False while a reader still uses an older snapshot, and where the disk is full; then the last connection
        empties it when it closes.
        """
        self._place.check()  # what is not there would be made
        with closing(sqlite3.connect(self.file, isolation_level=None)) as conn:
            conn.execute(f"PRAGMA busy_timeout = {_EMPTY_TIMEOUT_MS}")
            try:
                (busy, _, _) = conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.Error as e:
                if not is_storage(e):
                    raise
                logging.warning("the log of %s could not be emptied: %s", self.file, e)
                return False
        return not busy

    def close(self) -> None:
        """Finish the waiting writes and close all connections. A second call does nothing."""
        if not self._closed:
            self._closed = True
            self._note_the_end()
        self._readers.close()
        self._writer.close()  # the last to go: only a connection that may write folds the log into the file
        self._in_use.release()

    def note_head(self, occasion: anchors.Occasion) -> None:
        """Append the present ends of the decision log and of the audit to their anchors files, see `anchors`."""
        for name, table in anchors.LOGS.items():
            anchors.try_note(self.root, self.read(partial(anchors.read_head, table=table)), occasion, name)

    def _note_the_end(self) -> None:
        try:
            self.note_head("closed")
        except (StorageError, sqlite3.Error) as e:  # what cannot be read any more is closed all the same
            logging.warning("%s could not be read when it was closed: %s", self.file, e)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _log_there(file: Path, newest_restore: str) -> str:
    """By the file, too: where a backup contradicts itself, or the process was killed, the audit tells of no restore."""
    return hashlib.sha256(f"{newest_restore} {os.stat(file).st_ino}".encode()).hexdigest()


def _check_is_whole(file: Path) -> None:
    """A database that is gone is not begun anew over what is left of it.

    SQLite would delete its log, and with it what was saved last. Raises StorageError.
    """
    mark = restoring_mark(file)
    if mark.exists() and not file.exists():
        aside = file.parent / "backups" / read_regular(mark).decode("ascii", "replace")
        raise StorageError(message("restore_interrupted", file=file, folder=aside))
    mark.unlink(missing_ok=True)
    beside = [path for path in side_files(file) if not path.name.endswith("-shm") and size_of(path)]
    being_made = beside == [file.with_name(f"{file.name}-journal")] and file.is_file()  # killed at its first opening
    if not beside or being_made or size_of(file):
        return
    raise StorageError(message("database_gone", file=file, part=beside[0].name, name=file.name))


def _opened(file: Path, in_use: InUse) -> Db:
    """For writing, with today's tables. The caller holds the migration lock."""
    _check_is_whole(file)
    left = log_damage.check_log(file, in_use)
    db = _open_for_writing(file)
    try:
        if left:
            _begin_log_anew(db)
        migrate.migrate(db, file, file.parent / "backups")
        _compact_waiting(db)
    except BaseException:
        db.conn.close()
        raise
    return db


def _begin_log_anew(db: Db) -> None:
    """So that nothing torn stays behind the end of the log, where the next power cut would make it look like damage."""
    db.conn.execute("PRAGMA busy_timeout = 0")  # whoever reads it meanwhile is not waited for
    db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    db.conn.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")


def _open_for_writing(file: Path) -> Db:
    conn = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
    try:
        _prepare(conn, file)
        return Db(conn, execute_plugins=False)
    except BaseException:
        conn.close()
        raise


def _compact_waiting(db: Db) -> None:
    """Compact the changes that a migration, or a database written by hand, left waiting."""
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        columns.maybe_compact(db)
    except BaseException:
        db.conn.execute("ROLLBACK")
        raise
    db.conn.execute("COMMIT")


def _prepare(conn: sqlite3.Connection, file: Path) -> None:
    conn.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    (mode,) = conn.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StorageError(message("database_on_network", file=file))
    conn.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten: some of it is biometric data
    conn.execute("PRAGMA synchronous = FULL")
    conn.execute("PRAGMA foreign_keys = ON")
    table_digests.register(conn)
