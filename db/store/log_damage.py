"""Whether SQLite's write-ahead log was damaged after what is in it had been saved.

SQLite ends the log before the first frame whose checksum is wrong, and passes over what lies behind without a word.
That is right after a power cut, which may leave the last transaction torn. Where more lies behind the end, a bit of it
is another one: with `PRAGMA synchronous = FULL` a transaction is on the disk before the next one begins.
Layout: https://sqlite.org/walformat.html (frames, section 1; wal-index header, section 2.1).
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from db.base.database_files import size_of
from db.store.locks import InUse
from pipeline.core.errors import StorageError
from pipeline.core.messages import message

_LOG_HEADER: Final = 32
_FRAME_HEADER: Final = 24
_INDEX_HEADER: Final = 48
_SALTS: Final = slice(8, 16)
_MASK: Final = 0xFFFFFFFF
_TORN: Final = 1
"""Transactions that a power cut may leave behind the end: the last one."""

_LOOK_S: Final = 2.0
"""Longer than who only looks into a database has it open, see `peek`."""


@dataclass(frozen=True)
class _Frame:
    page: int
    """Its number, from 1."""
    ends: bool
    """Whether it is the last one of a transaction."""
    salts: bytes
    """What tells the frames of this log from those that are left of an earlier one."""
    number: int
    """From 1."""


def check_log(file: Path, in_use: InUse) -> bool:
    """Whether a process that is dead left a log. The caller holds the migration lock.

    Raises StorageError where that log is damaged: to open the database would be to pass over what cannot be read, to
    close it, to delete that.
    """
    if not size_of(_log_of(file)):
        return False
    alone = in_use.is_alone()
    lost = transactions_lost(file)
    if lost and not alone and in_use.is_alone(_LOOK_S):  # who left by now may have written while we looked
        alone, lost = True, transactions_lost(file)
    if lost and alone:
        raise StorageError(message("log_damaged", file=file, n=lost))
    return alone


def transactions_lost(file: Path) -> int:
    """How many transactions of the database `file` cannot be read, though they were saved: 0 where that cannot be said.

    Nothing is written. The newest transaction looks as if it had not been finished, and is not counted. While somebody
    else writes to the database the answer may be wrong, see `locks.InUse.is_alone`. Raises sqlite3.Error, and
    StorageError where the files cannot be read.
    """
    try:
        return _lost(file)
    except FileNotFoundError:  # whoever closed the database meanwhile had copied the log into it, and removed it
        return 0
    except OSError as e:
        raise StorageError(message("path_unreadable", file=e.filename or _log_of(file), why=e.strerror or e)) from e


def _log_of(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


def _lost(file: Path) -> int:
    log = _log_of(file)
    if not log.is_file() or log.stat().st_size <= _LOG_HEADER or not file.is_file():
        return 0
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as conn:
        conn.execute("SELECT count(*) FROM sqlite_master").fetchone()  # SQLite looks for the end of the log
        (page_size,) = conn.execute("PRAGMA page_size").fetchone()
        index = _index_header(file)
    if index is None:
        return 0
    (last,) = struct.unpack_from("=I", index, 16)
    with log.open("rb") as stream:
        header = stream.read(_LOG_HEADER)
        if len(header) < _LOG_HEADER:  # copied and emptied meanwhile
            return 0
        if last == 0 and not _is_whole(header):
            return _not_in_the_database(file, stream, page_size)
        salts = index[32:40]  # of the frames that count; those of the header are older while a log is begun again
        behind = sum(one.ends and one.salts == salts for one in _frames(stream, page_size, last))
        return behind if behind > _TORN else 0


def _is_whole(header: bytes) -> bool:
    """Whether the checksum in a log's header is right."""
    words = struct.unpack(">8I" if header[3] & 1 else "<8I", header)
    noted = struct.unpack(">2I", header[-8:])
    one = two = 0
    for first, second in zip(words[0:6:2], words[1:6:2], strict=True):
        one = (one + first + two) & _MASK
        two = (two + second + one) & _MASK
    return (one, two) == noted


def _index_header(file: Path) -> bytes | None:
    """The first bytes of the wal-index, which lies in a file of its own."""
    index = file.with_name(f"{file.name}-shm")
    if not index.is_file():
        return None
    with index.open("rb") as stream:
        found = stream.read(_INDEX_HEADER)
    return found if len(found) == _INDEX_HEADER else None


def _frames(stream: BinaryIO, page_size: int, behind: int = 0) -> Iterator[_Frame]:
    """The frames after the number `behind`, whatever their checksums say."""
    number = behind
    while True:
        stream.seek(_LOG_HEADER + number * (_FRAME_HEADER + page_size))
        head = stream.read(_FRAME_HEADER)
        if len(head) < _FRAME_HEADER:
            return
        number += 1
        page, size = struct.unpack_from(">II", head)
        yield _Frame(page, size != 0, head[_SALTS], number)


def _not_in_the_database(file: Path, stream: BinaryIO, page_size: int) -> int:
    """Transactions of a log whose own header cannot be read, unless all their pages were copied to the database before.

    They were where the header is torn: it is written anew, and flushed, when a log that was copied is begun again.
    """
    frames = list(_frames(stream, page_size))
    frames = [one for one in frames if one.salts == frames[0].salts]
    ends = [one.number for one in frames if one.ends]
    newest = {one.page: one.number for one in frames if ends and one.number <= ends[-1]}
    with file.open("rb") as database:
        for page, number in newest.items():
            database.seek((page - 1) * page_size)
            stream.seek(_LOG_HEADER + (number - 1) * (_FRAME_HEADER + page_size) + _FRAME_HEADER)
            if database.read(page_size) != stream.read(page_size):
                return len(ends)
    return 0
