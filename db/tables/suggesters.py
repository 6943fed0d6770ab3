"""Whether a workspace has suggestions, and from which suggester (its people see and filter by one at a time)."""

from __future__ import annotations

from typing import Final

from sqlite_utils.db import Database as Db

from db.base.meta import put_value, value_of
from db.tables import audit
from pipeline.core.errors import UsageError
from pipeline.core.messages import message

OURS: Final = "moue"
"""The suggester that learns here; any other came with a file of predictions."""
_ON: Final = "suggestions"
_IN_FORCE: Final = "suggester"


def are_on(db: Db) -> bool:
    """Whether classes are suggested at all; True at first."""
    return value_of(db, _ON) != "0"


def switch(db: Db, on: bool, *, by: str = audit.COMMAND_LINE) -> None:
    """Suggest classes from now on, or not. Inside a write."""
    if on != are_on(db):
        audit.append(db, by, "setting", {"name": _ON, "value": on})
    put_value(db, _ON, "1" if on else "0")


def in_force(db: Db) -> str:
    """The name of the suggester whose suggestions are shown; OURS at first."""
    return value_of(db, _IN_FORCE) or OURS


def choose(db: Db, name: str, *, by: str = audit.COMMAND_LINE) -> None:
    """Show this suggester's from now on. Inside a write. Raises UsageError for one that has suggested nothing yet."""
    known = db.execute("SELECT 1 FROM suggestion_models WHERE name = ? AND ready = 1", [name]).fetchone()
    if known is None and name != OURS:
        names = [one for (one,) in db.execute("SELECT DISTINCT name FROM suggestion_models WHERE ready = 1 ORDER BY 1")]
        raise UsageError(message("suggester_unknown", name=name, names=tuple(names) or OURS))
    if name != in_force(db):
        audit.append(db, by, "setting", {"name": _IN_FORCE, "value": name})
    put_value(db, _IN_FORCE, name)
