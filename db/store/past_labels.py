"""What the decision log said when it was shorter: the labels that counted at an earlier head, and people's answers."""

from __future__ import annotations

import sqlite3
import tempfile
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlite_utils.db import Database as Db

from db.base.sqlite_errors import named
from db.projection.face_state import rebuild_state
from db.store.readers import open_read_only
from db.store.store import DATABASE_NAME

REJECTED: Final = 0
UNSURE: Final = -1
"""No class has these ids."""
_LATER: Final = (
    "DELETE FROM decisions WHERE seq > :seq",
    "DELETE FROM consensus_rules WHERE at > :at",
    "UPDATE consensus_rules SET undone_by = NULL, undone_at = NULL WHERE undone_at > :at",
    "DELETE FROM second_opinions WHERE chosen_at > :at",
)
"""What came behind the head, or the time at which it was the log's end."""


@dataclass(frozen=True, slots=True)
class Past:
    """labels: the class id of each face that was accepted then, REJECTED of one that was rejected. votes: by face, how
    many people gave which answer: a class id, REJECTED or UNSURE; none of a face that nobody answered."""

    labels: dict[str, int]
    votes: dict[str, dict[int, int]]


def labels_at(root: Path, seq: int, at: str) -> Past:
    """What counted, and what people had answered, when decision number `seq` was the newest.

    Worked out from the log, in a copy of the database beside it that goes again; faces that are no longer there are
    left out. root: the workspace's folder. at: when that was, UTC ISO 8601 with milliseconds: which consensus rule
    held, and who wanted second opinions. Raises StorageError.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".past-", dir=root) as folder:
            copy = Path(folder) / DATABASE_NAME
            with closing(open_read_only(root / DATABASE_NAME).conn) as source, closing(sqlite3.connect(copy)) as target:
                source.backup(target)
                return _shortened(target, seq, at)
    except sqlite3.Error as e:
        raise named(e, root / DATABASE_NAME) from e


def _shortened(conn: sqlite3.Connection, seq: int, at: str) -> Past:
    conn.execute("PRAGMA journal_mode = OFF")
    conn.execute("PRAGMA foreign_keys = OFF")
    for (trigger,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        conn.execute(f'DROP TRIGGER "{trigger}"')
    for sql in _LATER:
        conn.execute(sql, {"seq": seq, "at": at})
    db = Db(conn, execute_plugins=False)
    rebuild_state(db)
    code = "CASE verdict WHEN 'accept' THEN class_id WHEN 'reject' THEN :rejected ELSE :unsure END"
    codes = {"rejected": REJECTED, "unsure": UNSURE}
    counted = f"SELECT face_id, {code} FROM face_state WHERE verdict IN ('accept', 'reject')"
    labels = dict(conn.execute(counted, codes).fetchall())
    votes: dict[str, dict[int, int]] = defaultdict(dict)
    for face, answer, number in conn.execute(f"SELECT face_id, {code}, count(*) FROM answers GROUP BY 1, 2", codes):
        votes[face][answer] = number
    return Past(labels, dict(votes))
