"""What the people of one workspace have agreed on, and what each has put away."""

from __future__ import annotations

from typing import Final

from sqlite_utils.db import Database as Db

from db.base.meta import put_value, value_of
from db.tables import audit

_HIDE_SUGGESTIONS: Final = "hide_suggestions"
_PUT_AWAY: Final = "put_away:"
"""And the annotator's name: no two people share a row."""


def suggestions_hidden(db: Db) -> bool:
    """Whether a class that is proposed for a face is told nowhere until the face is decided on; False at first."""
    return value_of(db, _HIDE_SUGGESTIONS) == "1"


def hide_suggestions(db: Db, hidden: bool, *, by: str = audit.COMMAND_LINE) -> None:
    """Hide suggestions until answered, or show them. Inside a write."""
    if hidden != suggestions_hidden(db):
        audit.append(db, by, "setting", {"name": _HIDE_SUGGESTIONS, "value": hidden})
    put_value(db, _HIDE_SUGGESTIONS, "1" if hidden else "0")


def job_put_away(db: Db, annotator: str) -> str:
    """The id of the job whose end this person has read and put away; "" for none."""
    return value_of(db, f"{_PUT_AWAY}{annotator}") or ""


def put_job_away(db: Db, annotator: str, job_id: str) -> None:
    """This person has read how the job ended. No work depends on it, so the audit does not tell it. Inside a write."""
    put_value(db, f"{_PUT_AWAY}{annotator}", job_id)
