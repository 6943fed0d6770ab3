"""Single values of a workspace, each under a key of its own: the rows of the table `meta`."""

from __future__ import annotations

from sqlite_utils.db import Database as Db


def value_of(db: Db, key: str) -> str | None:
    """The text that is kept under a key; None where there is none."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
    return None if row is None else str(row[0])


def put_value(db: Db, key: str, value: str) -> None:
    """Keep a text under a key, in place of an earlier one. Inside a write."""
    sql = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
    db.execute(sql, [key, value])


def forget_value(db: Db, key: str) -> None:
    """Keep nothing under a key any more. Inside a write."""
    db.execute("DELETE FROM meta WHERE key = ?", [key])
