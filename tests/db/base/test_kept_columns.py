"""Columns in memory: what a reader gets is what is stored, whatever changed, and only columns that changed are read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.base import kept_columns
from db.decisions.log import apply_ops
from db.projection import columns
from db.projection.columns import BLOCK, Faces
from db.store.store import Db, Store
from pipeline.core.records import Verdict
from tests.db.fresh import open_fresh
from tests.db.make import add_images
from tests.db.make import decide as decision

NAMES = [f"n{number}" for number in range(4)]


def decide(store: Store, face: str, verdict: Verdict = Verdict.ACCEPT) -> None:
    store.write(lambda db: apply_ops(db, "Ann", [decision(db, face, verdict)]))


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    kept_columns._kept.clear()
    yield
    kept_columns._kept.clear()


def as_stored(db: Db, name: str) -> list[int]:
    """What blocks and tables say, without numpy and without what is kept."""
    return list(Faces(db).plain_column(name))


def check(store: Store, *names: str) -> None:
    def both(db: Db) -> None:
        faces = Faces(db)
        for name in names or ("state", "source", "sharpness", "wanted", "outcome"):
            assert faces.column(name).tolist() == as_stored(db, name), name

    store.read(both)


def reads(store: Store, name: str) -> int:
    """How many blocks of a column a reader reads now."""
    asked: list[str] = []

    def work(db: Db) -> None:
        db.conn.set_trace_callback(asked.append)
        try:
            Faces(db).column(name)
        finally:
            db.conn.set_trace_callback(None)

    store.read(work)
    return sum(f"SELECT block, data FROM face_columns WHERE name = '{name}'" in sql for sql in asked)


def test_every_way_of_changing_is_seen(store: Store) -> None:
    first, second, *_ = add_images(store, NAMES)
    check(store)
    decide(store, first)
    check(store)
    store.write(columns.compact)
    check(store)
    store.write(lambda db: db.execute("UPDATE face_quality SET sharpness = 77 WHERE seq = 1"))
    check(store)
    decide(store, second, Verdict.REJECT)
    store.write(columns.rebuild)
    check(store)
    add_images(store, [f"m{number}" for number in range(5)])
    check(store)
    store.write(lambda db: db.execute("DELETE FROM face_columns WHERE name = 'state'"))
    check(store, "state")


def test_a_column_is_read_once(store: Store) -> None:
    faces = add_images(store, NAMES)
    store.write(columns.compact)
    assert [reads(store, "state"), reads(store, "state"), reads(store, "source")] == [1, 0, 1]
    decide(store, faces[0])  # waits beside the blocks
    assert reads(store, "state") == 0
    store.write(columns.compact)
    assert [reads(store, "state"), reads(store, "state")] == [1, 0]
    assert reads(store, "source") == 0, "nothing of it changed"


def test_a_write_that_is_taken_back_leaves_nothing_behind(store: Store) -> None:
    faces = add_images(store, NAMES)
    store.write(columns.compact)
    check(store)

    def broken(db: Db) -> None:
        db.execute("UPDATE face_columns SET data = zeroblob(?) WHERE name = 'state'", [4 * BLOCK])
        assert Faces(db).column("state")[0] == 0
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.write(broken)
    check(store)
    assert faces


def test_a_snapshot_of_before_reads_what_was_then(store: Store) -> None:
    faces = add_images(store, NAMES)
    store.write(columns.compact)

    def of_before(db: Db) -> None:
        before = Faces(db).column("state").tolist()
        decide(store, faces[0])
        store.write(columns.compact)
        check(store, "state")  # the newer one is kept now
        assert Faces(db).column("state").tolist() == before == as_stored(db, "state")

    store.read(of_before)


def test_another_database_at_the_same_path_is_read_anew(tmp_path: Path) -> None:
    with open_fresh(tmp_path / "w") as store:
        faces = add_images(store, NAMES)
        store.write(columns.compact)
        with sqlite3.connect(tmp_path / "backup.db") as copy:
            store.read(lambda db: db.conn.backup(copy))
        copy.close()
        decide(store, faces[0])
        store.write(columns.compact)
        check(store)
    for name in ("moue.db", "moue.db-wal", "moue.db-shm"):
        (tmp_path / "w" / name).unlink(missing_ok=True)
    (tmp_path / "backup.db").rename(tmp_path / "w" / "moue.db")
    with Store.open(tmp_path / "w") as store:
        check(store)


def test_what_is_kept_can_not_be_changed_and_has_an_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_images(store, NAMES)
    store.write(columns.compact)
    with pytest.raises(ValueError, match="read-only"):
        store.read(lambda db: Faces(db).column("source")).fill(3)
    kept_columns._kept.clear()
    monkeypatch.setattr(kept_columns, "MOST_BYTES", 2 * 4 * BLOCK)
    read = [reads(store, name) for name in ("state", "source", "state", "outcome", "state", "source")]
    assert read == [1, 1, 0, 1, 0, 1], "the one that was asked for longest ago goes"


def test_a_column_without_a_token_is_read_each_time(store: Store) -> None:
    add_images(store, NAMES)
    store.write(columns.compact)
    store.write(lambda db: db.execute("DELETE FROM column_tokens"))
    assert [reads(store, "state"), reads(store, "state")] == [1, 1]
