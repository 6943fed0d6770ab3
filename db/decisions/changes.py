"""Decisions since a row of the log, by anyone: polled by open pages to see other annotators' decisions."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlite_utils.db import Database as Db

from db.decisions.ops import FaceState, face_states

MOST_AT_ONCE: Final = 1000
_SETTLED_NS: Final = 100_000_000
"""File times are coarse: two writes may share one that is younger than this."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened in the log since the client last asked.

    seq: that of the last row that was read. faces: the present state of each face that one of these rows is about.
    more: there are rows after `seq`: ask again from there.
    """

    seq: int
    faces: tuple[FaceState, ...] = ()
    more: bool = False


def newest_seq(db: Db) -> int:
    """The seq of the newest row of the log, 0 while it is empty."""
    (seq,) = db.execute("SELECT ifnull(max(seq), 0) FROM decisions").fetchone()
    return int(seq)


def changes_since(db: Db, after: int, most: int = MOST_AT_ONCE) -> Changes:
    """The faces that the rows after seq `after` are about; reads at most `most` rows of the log."""
    newest = newest_seq(db)
    if newest <= after:
        return Changes(newest)
    upto = min(newest, after + most)
    sql = "SELECT face_id FROM decisions WHERE seq > ? AND seq <= ? ORDER BY seq"
    faces = dict.fromkeys(face_id for (face_id,) in db.execute(sql, [after, upto]))
    return Changes(upto, face_states(db, list(faces)), upto < newest)


def mark_of(file: Path) -> tuple[int, int] | None:
    """Size (bytes) and time (ns) of the WAL of the database `file`: they change with each commit, by any process.

    Read without opening the database. None where nothing was written yet, or too recently to be sure.
    """
    try:
        wal = file.with_name(f"{file.name}-wal").stat()
    except OSError:
        return None
    return (wal.st_size, wal.st_mtime_ns) if time.time_ns() - wal.st_mtime_ns > _SETTLED_NS else None
