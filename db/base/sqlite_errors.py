"""What SQLite's errors mean to a person: the thing and the remedy."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from pipeline.core.errors import BusyError, StorageError

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


def named(error: sqlite3.Error, file: Path) -> StorageError:
    """The StorageError that tells a person what happened to `file` and what to do; raise it `from error`."""
    code = _code(error)
    if code == sqlite3.SQLITE_FULL:
        return StorageError(f"the disk is full: nothing could be saved in {file}; free some space and try again")
    if code == sqlite3.SQLITE_BUSY:
        return BusyError(f"{file} has been locked by another process for too long; wait for it or end it")
    if code in _DAMAGE:
        return StorageError(f"{file} is damaged or no database ({error}); restore it from a backup")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN):
        return StorageError(f"{file} cannot be opened for writing ({error}); check the permissions of its folder")
    return StorageError(f"{file} could not be read or written ({error}); check the disk")


def _code(error: sqlite3.Error) -> int:
    # errors that the Python module raises by itself carry no code
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & _PRIMARY
