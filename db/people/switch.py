"""Whether faces are described to tell people apart: biometric data, so off until the owner switches it on."""

from __future__ import annotations

from typing import Final

from sqlite_utils.db import Database as Db

from db.base.meta import put_value
from db.people.persons import forget_unseen
from db.tables import audit

KEY: Final = "people_by_looks"
IS_ON_SQL: Final = f"EXISTS (SELECT 1 FROM meta WHERE key = '{KEY}' AND value = '1')"


def is_on(db: Db) -> bool:
    """False at first."""
    return bool(db.execute(f"SELECT {IS_ON_SQL}").fetchone()[0])


def switch(db: Db, on: bool, *, by: str = audit.COMMAND_LINE) -> int:
    """Describe faces from now on; or no more, and every description goes, with the groups that were found by them.
    Their bytes in the database are overwritten; `Store.empty_log` does the same for its log. Inside a write.

    What people said by hand stays. Returns how many descriptions went.
    """
    if on != is_on(db):
        audit.append(db, by, "people_by_looks_on" if on else "people_by_looks_off", {})
    put_value(db, KEY, "1" if on else "0")
    if on:
        return 0
    db.execute("PRAGMA secure_delete = ON")
    gone = db.execute("DELETE FROM face_embeddings").rowcount
    db.execute("DELETE FROM face_persons WHERE told_by = 'looks'")
    forget_unseen(db)
    return gone
