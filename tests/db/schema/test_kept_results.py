"""Results in memory: what a reader gets is what its snapshot says, and only what may have changed is worked out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from db.decisions.log import apply_ops
from db.schema import kept_results, table_digests
from db.schema.kept_results import kept
from db.store.store import DATABASE_NAME, Db, Store
from tests.db.fresh import open_fresh
from tests.db.make import add_images, decide

_read: list[str] = []


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    for what in (kept_results._kept, _read):
        what.clear()
    yield
    kept_results._kept.clear()


def names(db: Db) -> tuple[str, ...]:
    _read.append("names")
    return tuple(name for (name,) in db.execute("SELECT original FROM images ORDER BY sha256"))


def files(db: Db) -> int:
    _read.append("files")
    return int(db.execute("SELECT count(*) FROM sightings").fetchone()[0])


def check(store: Store) -> list[str]:
    """That what is told is what the tables say; and what had to be read for it."""

    def both(db: Db) -> list[str]:
        told = kept(db, names, "images"), kept(db, files, "sightings")
        read = _read.copy()
        assert told == (names(db), files(db))
        _read.clear()
        return read

    return store.read(both)


def test_only_what_a_change_may_have_touched_is_worked_out_anew(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    assert check(store) == ["names", "files"]
    assert check(store) == []
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face)]))
    assert check(store) == [], "a decision changes no photo and no file"
    store.write(lambda db: db.execute("UPDATE sightings SET location = '/moved'"))
    assert check(store) == ["files"]
    store.write(lambda db: db.execute("UPDATE images SET original = '/moved'"))
    assert check(store) == ["names"]
    add_images(store, ["b"])
    assert check(store) == ["names", "files"]
    store.write(lambda db: db.execute("UPDATE images SET original = original"))
    assert check(store) == [], "written, and the same"


def test_what_another_connection_writes_is_seen(store: Store) -> None:
    add_images(store, ["a", "b"])
    check(store)
    with closing(sqlite3.connect(store.root / DATABASE_NAME)) as other, other:
        table_digests.register(other)
        other.execute("UPDATE images SET original = '/elsewhere' WHERE rowid = 2")
    assert check(store) == ["names"]


def test_what_is_taken_back_leaves_nothing_behind(store: Store) -> None:
    add_images(store, ["a"])
    check(store)

    def broken(db: Db) -> None:
        db.execute("UPDATE images SET original = '/never'")
        assert kept(db, names, "images") == ("/never",)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.write(broken)
    check(store)


def test_a_snapshot_of_before_is_told_what_was_then(store: Store) -> None:
    add_images(store, ["a"])

    def of_before(db: Db) -> None:
        before = kept(db, names, "images")
        store.write(lambda db: db.execute("UPDATE images SET original = '/later'"))
        with closing(sqlite3.connect(store.root / DATABASE_NAME, isolation_level=None)) as newer:
            newer.execute("BEGIN")
            assert kept(Db(newer, execute_plugins=False), names, "images") == ("/later",)
        assert kept(db, names, "images") == before == names(db)

    store.read(of_before)


def test_another_database_at_the_same_path_is_read_anew(tmp_path: Path) -> None:
    with open_fresh(tmp_path / "w") as store:
        add_images(store, ["a"])
        with closing(sqlite3.connect(tmp_path / "backup.db")) as copy:
            store.read(lambda db: db.conn.backup(copy))
        store.write(lambda db: db.execute("UPDATE images SET original = '/later'"))
        check(store)
    for name in ("moue.db", "moue.db-wal", "moue.db-shm"):
        (tmp_path / "w" / name).unlink(missing_ok=True)
    (tmp_path / "backup.db").rename(tmp_path / "w" / "moue.db")
    with Store.open(tmp_path / "w") as store:
        assert check(store) == ["names"]


def test_two_workspaces_are_kept_apart(store: Store, tmp_path: Path) -> None:
    with open_fresh(tmp_path / "other") as other:
        add_images(store, ["a"])
        add_images(other, ["b"])
        assert [check(one) for one in (store, other, store, other)] == [["names", "files"]] * 2 + [[], []]


def test_nothing_is_kept_where_digests_say_nothing(store: Store) -> None:
    """While a migration has them off, of tables without one, and where digest and rows could be of two moments."""
    add_images(store, ["a"])
    assert check(store) == ["names", "files"]
    store.write(table_digests.suspend)
    store.write(lambda db: db.execute("UPDATE images SET original = '/migrated'"))
    assert [check(store), check(store)] == [["names", "files"]] * 2
    store.write(table_digests.resume)
    assert check(store) == ["names"]
    assert store.read(lambda db: table_digests.noted(db, ["images", "decisions"])) is None
    with closing(sqlite3.connect(store.root / DATABASE_NAME, isolation_level=None)) as outside:
        db = Db(outside, execute_plugins=False)
        _read.clear()
        assert kept(db, names, "images") == kept(db, names, "images")
        assert _read == ["names", "names"]


def test_what_is_kept_has_an_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_images(store, ["a"])
    monkeypatch.setattr(kept_results, "MOST", 1)
    assert [check(store), check(store)] == [["names", "files"]] * 2
