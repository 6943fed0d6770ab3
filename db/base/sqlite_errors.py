"""What SQLite's errors mean to a person: the thing and the remedy."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from pipeline.core.errors import BusyError, StorageError
from pipeline.core.messages import message

_PRIMARY = 0xFF  # an extended result code carries its primary code in the low byte
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_STORAGE = (
    *_DAMAGE,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_BUSY,
)


def is_storage(error: BaseException) -> bool:
    """Whether the file or the disk is at fault, and not the statement."""
    return isinstance(error, sqlite3.Error) and _code(error) in _STORAGE


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is damaged, or no database."""
    return _code(error) in _DAMAGE


def named(error: sqlite3.Error | UnicodeDecodeError, file: Path) -> StorageError:
    """The StorageError that says what happened to `file` and what to do; raise it `from error`.

    A UnicodeDecodeError: SQLite's own words quoted damaged bytes of a schema, and Python could not read them.
    """
    if isinstance(error, UnicodeDecodeError):
        return StorageError(message("database_damaged", file=file, why=error.reason))
    code = _code(error)
    if code == sqlite3.SQLITE_FULL:
        return StorageError(message("database_disk_full", file=file))
    if code == sqlite3.SQLITE_BUSY:
        return BusyError(message("database_locked", file=file))
    if code in _DAMAGE:
        return StorageError(message("database_damaged", file=file, why=error))
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN):
        return StorageError(message("database_unopened", file=file, why=error))
    return StorageError(message("database_unreadable", file=file, why=error))


def _code(error: sqlite3.Error) -> int:
    # errors that the Python module raises by itself carry no code
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & _PRIMARY
