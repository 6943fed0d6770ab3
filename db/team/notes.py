"""What people say to each other about a face: a thread of a few notes, open until somebody calls it resolved."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Final

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.tables.annotators import ensure_annotator
from db.team.texts import clean_text
from pipeline.core.errors import DecisionError
from pipeline.core.messages import message

LONGEST: Final = 500
"""Characters of a note."""
MOST: Final = 100
"""Notes on a face."""


@dataclass(frozen=True, slots=True)
class Note:
    """id: the UUID that its client made. at: UTC, ISO 8601 with milliseconds."""

    id: str
    annotator: str
    text: str
    at: str


@dataclass(frozen=True, slots=True)
class Thread:
    """The notes on a face, oldest first. resolved_by, resolved_at: who settled it and when, None while it is open."""

    notes: tuple[Note, ...] = ()
    resolved_by: str | None = None
    resolved_at: str | None = None

    @property
    def open(self) -> bool:
        return bool(self.notes) and self.resolved_by is None


def thread_of(db: Db, face_id: str) -> Thread:
    """The notes on one face; an empty thread where there is none."""
    rows = db.execute("SELECT id, annotator, text, at FROM notes WHERE face_id = ? ORDER BY rowid", [face_id])
    notes = tuple(Note(*row) for row in rows)
    settled = db.execute("SELECT annotator, at FROM resolved_notes WHERE face_id = ?", [face_id]).fetchone()
    return Thread(notes, *(settled or (None, None)))


def add_note(db: Db, annotator: str, face_id: str, key: str, text: str) -> Thread:
    """Add a note, which opens its thread again, and return the thread. Inside a write.

    key: a UUID that the client made: the same note sent twice is one. Raises DecisionError for a face that is not here,
    an empty or too long text, a key that is none or belongs to another note; SignInError for a bad name.
    """
    name = ensure_annotator(db, annotator)
    _check_face(db, face_id)
    key, said = _uuid(key), clean_text(text, LONGEST)
    if not said:
        raise DecisionError(message("note_empty"))
    earlier = db.execute("SELECT face_id, annotator, text FROM notes WHERE id = ?", [key]).fetchone()
    if earlier is not None and tuple(earlier) != (face_id, name, said):
        raise DecisionError(message("note_uuid_taken", uuid=key))
    if earlier is None:
        (count,) = db.execute("SELECT count(*) FROM notes WHERE face_id = ?", [face_id]).fetchone()
        if count >= MOST:
            raise DecisionError(message("notes_too_many", most=MOST))
        db.execute(
            "INSERT INTO notes (id, face_id, annotator, text, at) VALUES (?, ?, ?, ?, ?)",
            [key, face_id, name, said, now_iso()],
        )
        db.execute("DELETE FROM resolved_notes WHERE face_id = ?", [face_id])
    return thread_of(db, face_id)


def set_resolved(db: Db, annotator: str, face_id: str, resolved: bool) -> Thread:
    """Call a thread settled, or open it again, and return it. Inside a write. A face without notes stays without.

    Raises DecisionError for a face that is not here, SignInError for a bad name.
    """
    name = ensure_annotator(db, annotator)
    _check_face(db, face_id)
    if not resolved:
        db.execute("DELETE FROM resolved_notes WHERE face_id = ?", [face_id])
    elif thread_of(db, face_id).open:
        db.execute("INSERT INTO resolved_notes (face_id, annotator, at) VALUES (?, ?, ?)", [face_id, name, now_iso()])
    return thread_of(db, face_id)


def _check_face(db: Db, face_id: str) -> None:
    if not db.execute("SELECT 1 FROM faces WHERE id = ? AND removed_at IS NULL", [face_id]).fetchone():
        raise DecisionError(message("face_unknown", face=face_id))


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError as e:
        raise DecisionError(message("uuid_malformed", uuid=text)) from e
