"""Decisions that a file names again and again: which of them is a repeat, and what a new one is called.

A row of a file has one UUID for ever, but people edit files there and back, and undo in between. So the same row may
have to be decided anew: its turns have UUIDs that derive from the first one.
"""

from __future__ import annotations

import uuid
from itertools import count

from sqlite_utils.db import Database as Db


def newest_turn(db: Db, first: str) -> tuple[str | None, str]:
    """Of the row whose first UUID is `first`: the newest decision made of it, None where none was, and the next one."""
    newest = None
    for turn in count():
        key = _turn(first, turn)
        if not db.execute("SELECT 1 FROM decisions WHERE uuid = ?", [key]).fetchone():
            break
        newest = key
    return newest, key


def next_step(db: Db, annotator: str, first: str) -> str:
    """A name for the next step that the annotator has not used: or one undo would take back the earlier turn, too."""
    sql = "SELECT 1 FROM decisions WHERE step = ? AND annotator = ? LIMIT 1"
    return next(step for turn in count() if not db.execute(sql, [step := _turn(first, turn), annotator]).fetchone())


def still_counts(db: Db, face_id: str, first: str) -> bool:
    """Whether what counts on the face is the newest turn of the row: only then the row says nothing new."""
    row = db.execute("SELECT decision_uuid FROM face_state WHERE face_id = ?", [face_id]).fetchone()
    return row is not None and row[0] is not None and row[0] == newest_turn(db, first)[0]


def _turn(first: str, turn: int) -> str:
    return str(uuid.uuid5(uuid.UUID(first), str(turn))) if turn else str(uuid.UUID(first))
