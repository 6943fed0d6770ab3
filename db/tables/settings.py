"""What the people of one workspace have agreed on."""

from __future__ import annotations

from typing import Final

from sqlite_utils.db import Database as Db

from db.tables import audit

_HIDE_SUGGESTIONS: Final = "hide_suggestions"


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
