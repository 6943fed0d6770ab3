"""Persons as lists and folders tell them: a column of a list, a table of photos, a level of a source's folders."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlite_utils.db import Database as Db

from db.base.paths import to_text
from db.people import persons
from db.tables import audit
from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.names import clean_name, plain_parts

AT_ONCE: Final = 5_000
"""Files of one look, and at the most of one write: some 20 ms."""
FOLDERS: Final = 64
"""Levels, counted from either end."""
_PUT_SQL: Final = """
INSERT INTO sighting_persons (sighting, person_id, told_by) {0}
ON CONFLICT (sighting) DO UPDATE SET person_id = excluded.person_id, told_by = excluded.told_by
"""
_UNTOLD_SQL: Final = """
SELECT g.id, g.location FROM sightings g LEFT JOIN sighting_persons p ON p.sighting = g.id
WHERE g.source_id = ? AND g.id > ? AND p.sighting IS NULL AND g.sha256 IS NOT NULL ORDER BY g.id LIMIT ?
"""
_STILL_UNTOLD_SQL: Final = """
SELECT g.id FROM json_each(?) j JOIN sightings g ON g.id = j.value LEFT JOIN sighting_persons p ON p.sighting = g.id
WHERE p.sighting IS NULL
"""
_NAMED_BY: Final = {
    "sha256": "SELECT id, ?, 'list' FROM sightings WHERE sha256 = ?",
    "location": "SELECT id, ?, 'list' FROM sightings WHERE location = ?",
}


@dataclass(frozen=True, slots=True)
class Level:
    """level: 1 for the folders in the source, 2 for those in them …; -1 for the folder that a file lies in, -2 for that
    around it … own: its names mean nobody outside of the source ("001" of one data set is not "001" of another)."""

    source_id: int
    level: int
    own: bool


def note_listed(db: Db, source_id: int, location: str, name: str) -> None:
    """Note whom a list names for the file `location` of a source, which has its row. Inside a write."""
    if not (name := clean_name(name)[: persons.LONGEST_NAME]):
        return
    sql = "SELECT id, ?, 'list' FROM sightings WHERE source_id = ? AND location = ?"
    db.execute(_PUT_SQL.format(sql), [persons.ensure_named(db, name), source_id, to_text(location)])


def put(db: Db, by: Literal["sha256", "location", "face_id"], key: str, name: str) -> bool:
    """Note whom a table names for an image, a file or a face; False where it is unknown. Inside a write.

    Raises UsageError for a name that is too long.
    """
    person = persons.ensure_named(db, persons.as_name(name))
    if by == "face_id":
        sql = "INSERT OR REPLACE INTO face_persons (face_id, person_id, told_by) SELECT id, ?, 'list' FROM faces"
        return db.execute(f"{sql} WHERE id = ?", [person, key]).rowcount > 0
    return db.execute(_PUT_SQL.format(_NAMED_BY[by]), [person, to_text(key)]).rowcount > 0


def levels(db: Db) -> list[Level]:
    """Each source whose folders are named after persons."""
    rows = db.execute("SELECT source_id, level, own FROM person_levels ORDER BY source_id").fetchall()
    return [Level(source, level, bool(own)) for source, level, own in rows]


def set_level(db: Db, source_id: int, level: int | None, own: bool = False, *, by: str = audit.COMMAND_LINE) -> None:
    """Say which folder of a source's files is named after the person on them (None: none is); what was told by another
    one is forgotten. Inside a write; `tell` follows. Raises UsageError for an unknown source or level."""
    if db.execute("SELECT 1 FROM sources WHERE id = ?", [source_id]).fetchone() is None:
        raise UsageError(message("source_unknown", n=source_id))
    if level is not None and not 0 < abs(level) <= FOLDERS:
        raise UsageError(message("person_level", level=level, most=FOLDERS))
    db.execute("PRAGMA secure_delete = ON")
    db.execute("DELETE FROM person_levels WHERE source_id = ?", [source_id])
    db.execute(
        "DELETE FROM sighting_persons WHERE told_by = 'folder' AND sighting IN"
        " (SELECT id FROM sightings WHERE source_id = ?)",
        [source_id],
    )
    db.execute("DELETE FROM person_names WHERE scope = ?", [source_id])
    if level is not None:
        db.execute("INSERT INTO person_levels (source_id, level, own) VALUES (?, ?, ?)", [source_id, level, int(own)])
    persons.forget_unseen(db)
    audit.append(db, by, "person_level", {"source": source_id, "level": level or 0})


@dataclass(frozen=True, slots=True)
class Named:
    """files: sightings that nothing tells of yet, with the person whom their folder names. after: the place to go on
    behind, None at the end."""

    files: tuple[tuple[int, str], ...]
    after: int | None


def named_by_level(db: Db, level: Level, after: int = 0) -> Named:
    """Of the next AT_ONCE files that nothing tells of yet, those that lie in a folder of the level."""
    row = db.execute("SELECT location FROM sources WHERE id = ?", [level.source_id]).fetchone()
    files = [] if row is None else db.execute(_UNTOLD_SQL, [level.source_id, after, AT_ONCE]).fetchall()
    named = (
        (sighting, clean_name(folder_at(level.level, folders_of(location, row[0])))[: persons.LONGEST_NAME])
        for sighting, location in files
    )
    return Named(tuple(one for one in named if one[1]), files[-1][0] if len(files) == AT_ONCE else None)


def tell(db: Db, level: Level, named: Named) -> None:
    """Tell the persons of those files, unless the level is another one by now. Inside a write."""
    if level not in levels(db):
        return
    scope = level.source_id if level.own else persons.EVERYWHERE
    names = dict(named.files)
    for (sighting,) in db.execute(_STILL_UNTOLD_SQL, [json.dumps(list(names))]).fetchall():
        db.execute(
            "INSERT INTO sighting_persons (sighting, person_id, told_by) VALUES (?, ?, 'folder')",
            [sighting, persons.ensure_named(db, names[sighting], scope)],
        )


def folders_of(location: str, source: str) -> list[str]:
    """The folders in a source (folder or zip) that one of its files lies in, the outermost first."""
    inside = location.removeprefix(source).lstrip("!/\\") if location.startswith(source) else location
    return list(plain_parts(inside.replace("\\", "/"))[:-1])


def folder_at(level: int, folders: Sequence[str]) -> str:
    """The folder of a level (see `Level`), "" where the file lies too high."""
    at = level - 1 if level > 0 else len(folders) + level
    return folders[at] if 0 <= at < len(folders) else ""
