from __future__ import annotations

import errno
import sqlite3
import threading
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils.db import Database as Db

from db.store.store import Store
from db.store.writer import Writer
from pipeline.core.errors import BusyError, StorageError
from pipeline.core.messages import message


def put(key: str, value: str = "v") -> Any:
    return lambda db: db.execute("INSERT INTO meta (key, value) VALUES (?, ?)", [key, value]).rowcount


def keys(store: Store) -> list[str]:
    return store.read(lambda db: [k for (k,) in db.execute("SELECT key FROM meta ORDER BY key")])


def test_a_write_is_seen_by_the_next_read(store: Store) -> None:
    assert store.write(put("a")) == 1
    assert keys(store) == ["a"]


def test_a_failing_write_fails_alone_and_leaves_nothing(store: Store) -> None:
    def bad(db: Db) -> None:
        put("half")(db)
        raise ValueError("mine")

    hold = threading.Event()
    first = store.submit(lambda _: hold.wait(10))  # the others pile up behind it and share its transaction
    futures: list[Future[Any]] = [store.submit(put("a")), store.submit(bad), store.submit(put("b"))]
    hold.set()
    wait([first, *futures])
    assert [f.exception() is None for f in futures] == [True, False, True]
    with pytest.raises(ValueError, match="mine"):
        futures[1].result()
    assert keys(store) == ["a", "b"]


def test_a_constraint_comes_back_as_it_is_and_the_writer_lives(store: Store) -> None:
    store.write(put("a"))
    with pytest.raises(sqlite3.IntegrityError):
        store.write(put("a"))
    assert store.write(put("b")) == 1


def test_the_future_resolves_only_after_the_commit(store: Store) -> None:
    seen: list[list[str]] = []
    done = threading.Event()
    future = store.submit(put("a"))
    future.add_done_callback(lambda _: (seen.append(keys(store)), done.set()))
    assert done.wait(10)
    assert seen == [["a"]]


def test_work_is_done_in_order(store: Store) -> None:
    futures = [store.submit(put(f"k{n:04}", str(n))) for n in range(600)]
    wait(futures)
    stored = store.read(lambda db: db.execute("SELECT value FROM meta ORDER BY rowid").fetchall())
    assert [int(v) for (v,) in stored] == list(range(600))


def test_a_cancelled_write_is_not_done(store: Store) -> None:
    hold = threading.Event()
    blocker = store.submit(lambda _: hold.wait(10))
    unwanted = store.submit(put("no"))
    assert unwanted.cancel()
    hold.set()
    blocker.result()
    store.write(put("yes"))
    assert keys(store) == ["yes"]


def test_a_write_inside_a_write_is_refused_instead_of_waiting_for_itself(store: Store) -> None:
    with pytest.raises(RuntimeError, match="inside a write"):
        store.write(lambda _: store.write(put("a")))


def test_a_function_that_commits_is_told(store: Store) -> None:
    with pytest.raises(RuntimeError, match="end the transaction"):
        store.write(lambda db: db.execute("COMMIT"))
    assert store.write(put("a")) == 1


def test_after_close_nothing_is_taken_and_what_waited_is_done(store: Store) -> None:
    futures = [store.submit(put(f"k{n}")) for n in range(50)]
    store.close()
    assert [f.result() for f in futures] == [1] * 50
    with pytest.raises(StorageError, match="closed"):
        store.submit(put("late"))
    store.close()


def test_threads_write_at_once_and_nothing_is_lost(store: Store) -> None:
    def work(name: str) -> None:
        for n in range(40):
            store.write(put(f"{name}-{n}"))

    threads = [threading.Thread(target=work, args=(f"t{t}",)) for t in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys(store)) == 8 * 40


def test_another_process_that_keeps_the_lock_is_named(store: Store) -> None:
    other = sqlite3.connect(store.file, isolation_level=None)
    store.write(lambda db: db.execute("PRAGMA busy_timeout = 50").fetchall())
    other.execute("BEGIN IMMEDIATE")
    futures = [store.submit(put("a")), store.submit(put("b"))]
    for future in futures:
        with pytest.raises(BusyError, match="another process"):
            future.result(20)
    other.execute("ROLLBACK")
    other.close()
    assert store.write(put("c")) == 1


def test_a_writer_that_is_closed_while_it_refuses_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits behind a refused write is refused with it, and the end of the queue is not passed over."""
    real = sqlite3.connect(tmp_path / "x.db", check_same_thread=False, isolation_level=None)
    real.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT)")
    writer = Writer(Db(real, execute_plugins=False), tmp_path / "x.db")
    hold = threading.Event()

    def gone() -> None:
        hold.wait(10)
        raise StorageError(message("workspace_gone", root=tmp_path))

    monkeypatch.setattr(writer._place, "check", gone)
    futures = [writer.submit(put("a")), writer.submit(put("b"))]
    closing = threading.Thread(target=writer.close, daemon=True)
    closing.start()
    while not writer._closed:
        closing.join(0.01)
    hold.set()
    for future in futures:
        with pytest.raises(StorageError, match="not at its place"):
            future.result(10)
    closing.join(10)
    assert not closing.is_alive(), "it waits for work that never comes"


def test_a_full_disk_is_named_and_nothing_is_said_to_be_saved(store: Store) -> None:
    (pages,) = store.read(lambda db: db.execute("PRAGMA page_count").fetchone())
    # SQLite's own cap on the pages stands for the disk: the error is the same one, SQLITE_FULL
    store.write(lambda db: db.execute(f"PRAGMA max_page_count = {pages + 2}").fetchall())
    with pytest.raises(StorageError, match="disk is full"):
        store.write(put("big", "x" * 1_000_000))
    assert keys(store) == []
    assert store.write(put("small")) == 1


class _FailingCommit:
    """A connection whose COMMIT fails while `fail` is set, as on a disk that breaks."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        self.fail = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._conn, name)

    def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
        if sql == "COMMIT" and self.fail:
            raise sqlite3.OperationalError(f"disk I/O error {errno.EIO}")
        return self._conn.execute(sql, *args)


def test_where_the_commit_fails_all_of_the_batch_are_told(tmp_path: Path) -> None:
    real = sqlite3.connect(tmp_path / "x.db", check_same_thread=False, isolation_level=None)
    real.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT)")
    db = Db(real, execute_plugins=False)
    conn = _FailingCommit(real)
    db.conn = conn  # type: ignore[assignment]
    writer = Writer(db, tmp_path / "x.db")
    hold = threading.Event()
    conn.fail = True
    futures: list[Future[Any]] = [writer.submit(lambda _: hold.wait(10)), writer.submit(put("a"))]
    hold.set()
    for future in futures:
        with pytest.raises(StorageError, match=r"x\.db"):
            future.result(10)
    conn.fail = False
    assert writer.submit(put("b")).result(10) == 1
    writer.close()
    rest = sqlite3.connect(tmp_path / "x.db").execute("SELECT key FROM meta").fetchall()
    assert rest == [("b",)]


def test_an_error_of_sqlite_beside_the_work_fails_that_batch_and_not_the_writer(store: Store) -> None:
    class Failing:
        """The connection, but for one savepoint that the disk refuses."""

        def __init__(self, conn: sqlite3.Connection) -> None:
            self._conn, self.armed = conn, True

        def __getattr__(self, name: str) -> object:
            return getattr(self._conn, name)

        def execute(self, sql: str, *rest: object) -> object:
            if self.armed and sql.startswith("RELEASE"):
                self.armed = False
                raise sqlite3.OperationalError("disk I/O error")
            return self._conn.execute(sql, *rest)

    writer = store._writer
    real = writer._db.conn
    writer._db.conn = Failing(real)  # type: ignore[assignment]
    with pytest.raises(StorageError):
        store.write(lambda db: real.execute("INSERT INTO meta (key, value) VALUES ('lost', '1')"))
    store.write(lambda db: real.execute("INSERT INTO meta (key, value) VALUES ('kept', '1')") and None)
    writer._db.conn = real
    rows = store.read(lambda db: [key for (key,) in db.execute("SELECT key FROM meta WHERE key IN ('lost', 'kept')")])
    assert rows == ["kept"]


def test_a_failing_tidy_saves_nothing_and_the_writer_lives_on(tmp_path: Path) -> None:
    conn = sqlite3.connect(tmp_path / "x.db", check_same_thread=False, isolation_level=None)
    conn.execute("CREATE TABLE meta (key TEXT PRIMARY KEY)")
    broken = True

    def before_commit(db: Db) -> None:
        db.execute("INSERT INTO meta VALUES ('tidied') ON CONFLICT DO NOTHING")
        if broken:
            raise ValueError("no such block")

    writer = Writer(Db(conn), tmp_path / "x.db", before_commit)
    with pytest.raises(StorageError, match=r"nothing of this batch was saved.*ValueError, test_writer"):
        writer.submit(lambda db: db.execute("INSERT INTO meta VALUES ('lost')").rowcount).result(10)
    broken = False
    assert writer.submit(lambda db: db.execute("INSERT INTO meta VALUES ('kept')").rowcount).result(10) == 1
    writer.close()
    rest = sqlite3.connect(tmp_path / "x.db").execute("SELECT key FROM meta ORDER BY key").fetchall()
    assert rest == [("kept",), ("tidied",)]
