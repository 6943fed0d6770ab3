"""What people say of persons: these two are one, these faces are another's, this is the name. Looks never change it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from sqlite_utils.db import Database as Db

from db.people import persons
from db.tables import audit
from pipeline.core.errors import UsageError
from pipeline.core.messages import message

_LISTED: Final = "(SELECT value FROM json_each(?))"
_SAID: Final = "UPDATE face_persons SET told_by = 'hand' WHERE person_id = ? AND told_by = 'looks'"


def merge(db: Db, into: int, others: Sequence[int], *, by: str = audit.COMMAND_LINE) -> None:
    """Say that these persons are the person `into`, who keeps the name or, without one, takes theirs. Inside a write.

    Names in lists and of folders that meant them mean that person from now on. Raises UsageError: an unknown person.
    """
    name = persons.check_known(db, into)
    db.execute("PRAGMA secure_delete = ON")
    for other in dict.fromkeys(others):
        theirs = persons.check_known(db, other)
        if other == into:
            continue
        db.execute(_SAID, [other])
        for table in ("face_persons", "sighting_persons", "person_names"):
            db.execute(f"UPDATE {table} SET person_id = ? WHERE person_id = ?", [into, other])
        db.execute("DELETE FROM persons WHERE id = ?", [other])
        name = name or theirs
        audit.append(db, by, "persons_merged", {"person": into, "other": other})
    db.execute(_SAID, [into])
    db.execute("UPDATE persons SET name = ? WHERE id = ?", [name, into])


def split(db: Db, face_ids: Sequence[str], *, by: str = audit.COMMAND_LINE) -> int:
    """Say that these faces are of one person who is none of those that they were given to; that person's number.

    The other faces of those persons stay theirs, whatever looks say. Inside a write. Raises UsageError where there is
    no such face.
    """
    listed = json.dumps(list(face_ids))
    known = {face for (face,) in db.execute(f"SELECT id FROM faces WHERE id IN {_LISTED}", [listed])}
    unknown = [face for face in face_ids if face not in known]
    if unknown or not known:
        raise UsageError(message("person_row_unknown", key=unknown[0] if unknown else "…"))
    before = db.execute(f"SELECT DISTINCT person_id FROM face_persons WHERE face_id IN {_LISTED}", [listed]).fetchall()
    for (person,) in before:
        db.execute(_SAID, [person])
    made = persons.new_person(db)
    db.conn.executemany(
        "INSERT OR REPLACE INTO face_persons (face_id, person_id, told_by) VALUES (?, ?, 'hand')",
        [(face, made) for face in sorted(known)],
    )
    persons.forget_unseen(db)
    audit.append(db, by, "person_split", {"person": made, "faces": len(known)})
    return made


def rename(db: Db, person: int, name: str, *, by: str = audit.COMMAND_LINE) -> None:
    """Name a person ("": nobody's name); the faces that looks gave them are theirs for certain now. Inside a write.

    Raises UsageError: an unknown person, a name that is too long. The audit does not tell the name.
    """
    persons.check_known(db, person)
    db.execute("PRAGMA secure_delete = ON")
    db.execute("UPDATE persons SET name = ? WHERE id = ?", [persons.as_name(name), person])
    db.execute(_SAID, [person])
    audit.append(db, by, "person_named", {"person": person})
