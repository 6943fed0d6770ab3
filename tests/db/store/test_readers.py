from __future__ import annotations

import threading
from pathlib import Path

import pytest

from db.store.readers import MOST_READERS, Readers
from db.store.store import Db, Store
from pipeline.core.errors import StorageError


def count(db: Db) -> int:
    (number,) = db.execute("SELECT count(*) FROM meta").fetchone()
    return int(number)


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StorageError, match="it may be read, not written"):
        store.read(lambda db: db.execute("DELETE FROM jobs"))

    def sly(db: Db) -> None:
        db.execute("PRAGMA query_only = OFF")
        db.execute("DELETE FROM jobs")

    with pytest.raises(StorageError, match="it may be read, not written"):
        store.read(sly)
    assert store.read(count) == 0


def test_one_read_sees_one_moment(store: Store) -> None:
    def twice(db: Db) -> tuple[int, int]:
        first = count(db)
        store.write(lambda w: w.execute("INSERT INTO meta VALUES ('a', 'b')"))
        return first, count(db)

    assert store.read(twice) == (0, 0)
    assert store.read(count) == 1


def test_a_read_within_a_read_shares_the_snapshot(store: Store) -> None:
    assert store.read(lambda outer: store.read(lambda inner: inner is outer))


def test_an_error_gives_the_connection_back(store: Store) -> None:
    for _ in range(MOST_READERS * 3):
        with pytest.raises(KeyError):
            store.read(lambda _: {}["x"])
    assert store.read(count) == 0


def test_a_read_beside_others_waits_for_none_of_them(store: Store) -> None:
    """All of the pool are taken by those that wait for it, as a second thread of each would."""
    here = threading.Barrier(MOST_READERS + 1)
    found: list[int] = []

    def work(_: Db) -> None:
        here.wait(10)
        found.append(store.read_beside(count))
        here.wait(10)

    threads = [threading.Thread(target=store.read, args=(work,)) for _ in range(MOST_READERS)]
    for thread in threads:
        thread.start()
    here.wait(10)
    here.wait(10)
    for thread in threads:
        thread.join()
    assert found == [0] * MOST_READERS
    with pytest.raises(StorageError, match="it may be read, not written"):
        store.read_beside(lambda db: db.execute("DELETE FROM jobs"))


def test_many_short_lived_threads_leave_few_connections(store: Store) -> None:
    readers = Readers(store.file, most=3)
    together = threading.Barrier(20)
    found: list[int] = []

    def work() -> None:
        together.wait(10)
        for _ in range(5):
            found.append(readers.read(count))

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [0] * 100
    assert 1 <= readers.open_connections <= 3
    readers.close()
    assert readers.open_connections == 0
    with pytest.raises(StorageError, match="closed"):
        readers.read(count)


def test_closing_while_a_read_runs_closes_its_connection_too(store: Store) -> None:
    readers = Readers(store.file)
    inside, go = threading.Event(), threading.Event()

    def slow(db: Db) -> int:
        inside.set()
        go.wait(10)
        return count(db)

    thread = threading.Thread(target=lambda: readers.read(slow))
    thread.start()
    assert inside.wait(10)
    readers.close()
    assert readers.open_connections == 1
    go.set()
    thread.join()
    assert readers.open_connections == 0


def test_a_missing_file_is_named_and_does_not_use_up_the_pool(tmp_path: Path) -> None:
    readers = Readers(tmp_path / "none.db", most=1)
    for _ in range(3):
        with pytest.raises(StorageError, match=r"none\.db"):
            readers.read(count)
