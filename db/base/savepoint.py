"""A part of a write that fails alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlite_utils.db import Database as Db

VALUE_ERRORS: Final = (
    ValueError,  # text that is no Unicode: a lone surrogate
    TypeError,
    OverflowError,
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
)
"""What SQLite and its module raise for a value that they cannot store. The file and the disk are well."""


@contextmanager
def savepoint(db: Db) -> Iterator[None]:
    """Inside a write: what is done here is taken back where it raises, and only that."""
    db.conn.execute("SAVEPOINT moue_op")
    try:
        yield
    except BaseException:
        if db.conn.in_transaction:  # a full disk rolls everything back by itself
            db.conn.execute("ROLLBACK TO moue_op")
            db.conn.execute("RELEASE moue_op")
        raise
    db.conn.execute("RELEASE moue_op")
