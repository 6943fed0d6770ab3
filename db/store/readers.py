"""A small, bounded pool of read-only connections.

Why no connection per thread: Streamlit runs scripts in ever new threads, and each would leave a connection open.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from sqlite_utils.db import Database as Db

from db.base.sqlite_errors import is_storage, named
from db.store.place import Place
from pipeline.core.errors import StorageError
from pipeline.core.messages import message

T = TypeVar("T")

MOST_READERS: Final = 8
BUSY_TIMEOUT_MS: Final = 30_000


def open_read_only(file: Path) -> Db:
    """A connection that cannot write. Raises StorageError where `file` cannot be opened."""
    try:
        conn = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
        conn.isolation_level = None
        conn.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        conn.execute("PRAGMA query_only = ON")
        return Db(conn, execute_plugins=False)
    except (sqlite3.Error, UnicodeDecodeError) as e:
        raise named(e, file) from e


class Readers:
    """At most `most` connections, opened when needed and kept; a thread waits where all are in use."""

    def __init__(self, file: Path, most: int = MOST_READERS, place: Place | None = None) -> None:
        """place: of `file`; a database that is not there any more is not read either, and no other one instead."""
        self._file = file
        self._place = place
        self._most = most
        self._free: list[Db] = []
        self._open = 0
        self._closed = False
        self._changed = threading.Condition()
        self._mine = threading.local()

    def read(self, fn: Callable[[Db], T]) -> T:
        """Run `fn` in one read transaction, so that it sees one snapshot. Raises StorageError, and what `fn` raises."""
        held: Db | None = getattr(self._mine, "db", None)
        if held is not None:
            return fn(held)  # a read within a read shares the snapshot; a second connection could wait for ever
        if self._place is not None:
            self._place.check()
        with self._borrow() as db:
            self._mine.db = db
            try:
                db.conn.execute("BEGIN")
                return fn(db)
            except sqlite3.Error as e:
                if is_storage(e):
                    raise named(e, self._file) from e
                raise
            finally:
                self._mine.db = None
                if db.conn.in_transaction:
                    db.conn.execute("ROLLBACK")

    def close(self) -> None:
        """Close the idle connections now, and each other one when its reader has finished."""
        with self._changed:
            self._closed = True
            for db in self._free:
                db.conn.close()
            self._open -= len(self._free)
            self._free.clear()
            self._changed.notify_all()

    @property
    def open_connections(self) -> int:
        return self._open

    @contextmanager
    def _borrow(self) -> Iterator[Db]:
        db = self._take()
        try:
            yield db
        finally:
            with self._changed:
                if self._closed:
                    db.conn.close()
                    self._open -= 1
                else:
                    self._free.append(db)
                self._changed.notify()

    def _take(self) -> Db:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._free or self._open < self._most)
            if self._closed:
                raise StorageError(message("closed_for_reading", file=self._file))
            if self._free:
                return self._free.pop()
            self._open += 1
        try:
            return open_read_only(self._file)
        except BaseException:
            with self._changed:
                self._open -= 1
                self._changed.notify()
            raise
