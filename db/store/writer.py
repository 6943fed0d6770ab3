"""The one thread of a process that writes to the database; waiting writes are committed together.

Why: `db.atomic()` begins deferred and fails under threads; one thread with BEGIN IMMEDIATE and group commit pays
one fsync for everything that waits (docs/adr).
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlite_utils.db import Database as Db

from db.base.sqlite_errors import is_storage, named
from db.store.place import Place
from pipeline.core.errors import StorageError
from pipeline.core.messages import message

T = TypeVar("T")

_MOST_PER_COMMIT: Final = 256
_LONGEST_BATCH_S: Final = 0.1
"""Seconds after which a batch takes no more work, so that a long write delays others by one commit only."""


class _Work:
    """One function and the future of the one who waits for it."""

    __slots__ = ("fn", "future")

    def __init__(self, fn: Callable[[Db], Any]) -> None:
        self.fn = fn
        self.future: Future[Any] = Future()


class Writer:
    """Owns the writing connection. Functions run in the order in which they were submitted."""

    def __init__(
        self, db: Db, file: Path, before_commit: Callable[[Db], None] = lambda _: None, place: Place | None = None
    ) -> None:
        """`db`: a connection that no other thread uses from now on; the writer closes it.

        before_commit: done before each commit, as part of it. place: of `file`, asked at each commit: nothing is called
        saved that is not in the file at its path.
        """
        self._db = db
        self._file = file
        self._place = place or Place(file)
        self._before_commit = before_commit
        self._queue: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        # a daemon: a script that forgets close() must still be able to end; unfinished work was never acknowledged
        self._thread = threading.Thread(target=self._run, name="moue-writer", daemon=True)
        self._thread.start()

    def submit(self, fn: Callable[[Db], T]) -> Future[T]:
        """Queue `fn`; the future resolves after COMMIT. Raises StorageError once the writer is closed."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("a write inside a write would wait for itself: use the db that the function was given")
        work = _Work(fn)
        with self._gate:
            if self._closed:
                raise StorageError(message("closed_for_writing", file=self._file))
            self._queue.put(work)
        return work.future

    def close(self) -> None:
        """Run the functions that are waiting, then close the connection. A second call does nothing."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            while (work := self._queue.get()) is not None:
                if self._batch(work):
                    break
        finally:
            self._refuse_the_rest()
            self._db.conn.close()

    def _refuse_the_rest(self) -> None:
        """Nobody may wait for a thread that is gone."""
        with self._gate:
            self._closed = True
        while not self._queue.empty():
            work = self._queue.get()
            if work is not None and work.future.set_running_or_notify_cancel():
                work.future.set_exception(StorageError(message("closed_for_writing", file=self._file)))

    def _batch(self, first: _Work) -> bool:
        """One transaction over `first` and what waits behind it. True where the end of the queue was reached."""
        try:
            self._place.check()
            self._db.conn.execute("BEGIN IMMEDIATE")
        except (sqlite3.Error, StorageError) as e:
            # whoever waits behind would wait the whole busy timeout once more, so all are told now
            return self._fail_waiting(first, named(e, self._file) if isinstance(e, sqlite3.Error) else e)
        finished: list[tuple[_Work, Any]] = []
        deadline = time.monotonic() + _LONGEST_BATCH_S
        work: _Work | None = first
        ended = False
        while work is not None:
            try:
                self._apply(work, finished)
            except sqlite3.Error as e:  # beside the work itself: a full disk, an I/O error at a savepoint
                work.future.set_exception(named(e, self._file))
                self._roll_back()
            if not self._db.conn.in_transaction or len(finished) >= _MOST_PER_COMMIT or time.monotonic() > deadline:
                break
            try:
                work = self._queue.get_nowait()
            except queue.Empty:
                break
            ended = work is None
        self._commit(finished)
        return ended

    def _apply(self, work: _Work, finished: list[tuple[_Work, Any]]) -> None:
        """Run one function in its own savepoint: where it fails, it fails alone."""
        if not work.future.set_running_or_notify_cancel():
            return
        conn = self._db.conn
        conn.execute("SAVEPOINT moue_write")
        try:
            result = work.fn(self._db)
        except BaseException as e:  # noqa: BLE001 - it is the caller's error: handed over whole, and the thread lives on
            if conn.in_transaction:
                conn.execute("ROLLBACK TO moue_write")
                conn.execute("RELEASE moue_write")
            work.future.set_exception(self._as_storage_error(e))
            return
        if conn.in_transaction:
            conn.execute("RELEASE moue_write")
            finished.append((work, result))
        else:
            work.future.set_exception(RuntimeError("a write function must not end the transaction it runs in"))

    def _commit(self, finished: list[tuple[_Work, Any]]) -> None:
        conn = self._db.conn
        failure: StorageError | None = None
        if not conn.in_transaction:
            # SQLite rolled everything back (a full disk, an I/O error), also what had worked before it in this batch
            failure = StorageError(message("batch_not_saved", file=self._file))
        else:
            try:
                if finished:
                    self._before_commit(self._db)
                self._place.check()
                conn.execute("COMMIT")
                self._place.check()  # it may have gone while that was being flushed
            except Exception as e:  # noqa: BLE001 - whoever waits is told, and the thread lives on
                failure = self._as_failure(e)
                self._roll_back()
        for work, result in finished:
            if failure is None:
                work.future.set_result(result)
            else:
                work.future.set_exception(failure)

    def _as_failure(self, error: Exception) -> StorageError:
        """What those are told whose batch could not be committed."""
        if isinstance(error, StorageError):
            return error
        if isinstance(error, sqlite3.Error):
            failure = named(error, self._file)
        else:
            failure = StorageError(message("batch_failed", file=self._file, why=error))
        failure.__cause__ = error
        return failure

    def _roll_back(self) -> None:
        try:
            if self._db.conn.in_transaction:
                self._db.conn.execute("ROLLBACK")
        except sqlite3.Error:
            logging.exception("%s could not be rolled back; the next write will say why", self._file)

    def _fail_waiting(self, first: _Work, failure: StorageError) -> bool:
        work: _Work | None = first
        while work is not None:
            if work.future.set_running_or_notify_cancel():
                work.future.set_exception(failure)
            try:
                work = self._queue.get_nowait()
            except queue.Empty:
                return False
        return True

    def _as_storage_error(self, error: BaseException) -> BaseException:
        if isinstance(error, sqlite3.Error) and is_storage(error):
            storage_error = named(error, self._file)
            storage_error.__cause__ = error
            return storage_error
        return error
