"""Decision files that are applied more than once: which rows are repeats, and the UUIDs of those that are not.

A row's UUID is computed from the annotator, the file and the row. If somebody edits a file, applies it and later
restores the old row, or undoes in between, that row has to be decided again: each such "turn" has its own UUID, which
is derived from the row's.
"""

from __future__ import annotations

import uuid
from itertools import count
from typing import Final

from sqlite_utils.db import Database as Db

OWN_UUID_SQL: Final = """
SELECT d.uuid FROM answers a JOIN decisions d ON d.seq = a.seq WHERE a.face_id = ? AND a.annotator = ?
"""


def newest_turn(db: Db, first: str) -> tuple[str | None, str]:
    """(UUID of the newest decision made from a row, None if none was; UUID for its next one). first: the row's UUID."""
    newest = None
    for turn in count():
        key = _turn(first, turn)
        if not db.execute("SELECT 1 FROM decisions WHERE uuid = ?", [key]).fetchone():
            break
        newest = key
    return newest, key


def next_step(db: Db, annotator: str, first: str) -> str:
    """A step name that the annotator has not used yet: with a used one, one undo would take back both turns."""
    sql = "SELECT 1 FROM decisions WHERE step = ? AND annotator = ? LIMIT 1"
    return next(step for turn in count() if not db.execute(sql, [step := _turn(first, turn), annotator]).fetchone())


def still_stands(db: Db, annotator: str, face_id: str, first: str) -> bool:
    """Whether the annotator's answer on the face is the row's newest turn, so that the row changes nothing."""
    row = db.execute(OWN_UUID_SQL, [face_id, annotator]).fetchone()
    return row is not None and row[0] == newest_turn(db, first)[0]


def still_counts(db: Db, face_id: str, first: str) -> bool:
    """Whether the decision that counts on the face is the row's newest turn, so that it has nobody to overrule."""
    row = db.execute("SELECT decision_uuid FROM face_state WHERE face_id = ?", [face_id]).fetchone()
    return row is not None and row[0] is not None and row[0] == newest_turn(db, first)[0]


def _turn(first: str, turn: int) -> str:
    return str(uuid.uuid5(uuid.UUID(first), str(turn))) if turn else str(uuid.UUID(first))
