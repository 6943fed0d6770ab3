"""What the people of one workspace have agreed on, and what each has put away."""

from __future__ import annotations

from typing import Final

from sqlite_utils.db import Database as Db

from db.tables import audit

_HIDE_SUGGESTIONS: Final = "hide_suggestions"
_PUT_AWAY: Final = "put_away:"
"""And the annotator's name: no two people share a row."""


def suggestions_hidden(db: Db) -> bool:
    """Whether a class that is proposed for a face is told nowhere until the face is decided on; False at first."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", [_HIDE_SUGGESTIONS]).fetchone()
    return row is not None and row[0] == "1"


def hide_suggestions(db: Db, hidden: bool, *, by: str = audit.COMMAND_LINE) -> None:
    """Hide suggestions until answered, or show them. Inside a write."""
    sql = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
    if hidden != suggestions_hidden(db):
        audit.append(db, by, "setting", {"name": _HIDE_SUGGESTIONS, "value": hidden})
    db.execute(sql, [_HIDE_SUGGESTIONS, "1" if hidden else "0"])


def job_put_away(db: Db, annotator: str) -> str:
    """The id of the job whose end this person has read and put away; "" for none."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", [f"{_PUT_AWAY}{annotator}"]).fetchone()
    return "" if row is None else str(row[0])


def put_job_away(db: Db, annotator: str, job_id: str) -> None:
    """This person has read how the job ended. No work depends on it, so the audit does not tell it. Inside a write."""
    sql = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
    db.execute(sql, [f"{_PUT_AWAY}{annotator}", job_id])
