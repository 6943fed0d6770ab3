"""A part of a write that fails alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlite_utils.db import Database as Db

from db.base.savepoint import savepoint


@pytest.fixture
def db() -> Iterator[Db]:
    """Inside a write."""
    opened = Db(memory=True)
    opened.conn.isolation_level = None
    opened.execute("CREATE TABLE parts (name TEXT)")
    opened.conn.execute("BEGIN")
    yield opened
    opened.close()


def names(db: Db) -> list[str]:
    return [name for (name,) in db.execute("SELECT name FROM parts ORDER BY rowid")]


def put(db: Db, name: str) -> None:
    db.execute("INSERT INTO parts VALUES (?)", [name])


def put_and_fail(db: Db, name: str, error: type[BaseException]) -> None:
    with savepoint(db):
        put(db, name)
        raise error


def test_what_was_done_inside_is_taken_back_and_nothing_else(db: Db) -> None:
    put(db, "before")
    with pytest.raises(ZeroDivisionError):
        put_and_fail(db, "inside", ZeroDivisionError)
    with savepoint(db):
        put(db, "second")
    put(db, "behind")
    db.conn.execute("COMMIT")
    assert names(db) == ["before", "second", "behind"]


def test_one_inside_of_another(db: Db) -> None:
    with savepoint(db):
        put(db, "outer")
        with pytest.raises(KeyboardInterrupt):
            put_and_fail(db, "inner", KeyboardInterrupt)
        put(db, "behind")
    assert names(db) == ["outer", "behind"]


def roll_back_and_fail(db: Db) -> None:
    """As SQLite does by itself on a full disk."""
    with savepoint(db):
        db.conn.execute("ROLLBACK")
        raise ZeroDivisionError


def test_where_everything_was_rolled_back_the_error_itself_comes_out(db: Db) -> None:
    with pytest.raises(ZeroDivisionError):
        roll_back_and_fail(db)
    assert not db.conn.in_transaction
