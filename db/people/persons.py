"""The persons of a workspace: who is on which photo and whose a face is, as far as anything tells."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.names import clean_name

LONGEST_NAME: Final = 200
EVERYWHERE: Final = 0
"""The scope of names that mean the same person in every source."""
FACES_SQL: Final = """
SELECT f.seq FROM face_persons p JOIN faces f ON f.id = p.face_id WHERE p.person_id = ?1
UNION
SELECT f.seq FROM sighting_persons s JOIN sightings g ON g.id = s.sighting JOIN faces f ON f.sha256 = g.sha256
WHERE s.person_id = ?1
  AND NOT EXISTS (SELECT 1 FROM face_persons p WHERE p.face_id = f.id AND p.told_by <> 'looks' AND p.person_id <> ?1)
"""
"""The seqs of a person's faces. A list or a folder tells of photos: all faces of one, but those that somebody or a list
gave to another person."""
_OF_IMAGES_SQL: Final = """
SELECT g.sha256, s.person_id FROM sighting_persons s CROSS JOIN sightings g ON g.id = s.sighting
WHERE EXISTS (SELECT 1 FROM images i WHERE i.sha256 = g.sha256)
UNION
SELECT f.sha256, p.person_id FROM face_persons p CROSS JOIN faces f ON f.id = p.face_id WHERE f.removed_at IS NULL
"""
"""CROSS: from what is told of persons; left to itself SQLite goes through all photos and faces where nothing is."""
_OF_FACES_SQL: Final = """
SELECT f.id, ifnull((SELECT p.person_id FROM face_persons p WHERE p.face_id = f.id), min(s.person_id))
FROM faces f LEFT JOIN sightings g ON g.sha256 = f.sha256 LEFT JOIN sighting_persons s ON s.sighting = g.id
WHERE f.removed_at IS NULL GROUP BY f.id
"""
_LIST_SQL: Final = """
SELECT p.id, p.name,
  (SELECT count(*) FROM (SELECT g.sha256 FROM sighting_persons s JOIN sightings g ON g.id = s.sighting
     WHERE s.person_id = p.id AND g.sha256 IS NOT NULL
   UNION SELECT f.sha256 FROM face_persons h JOIN faces f ON f.id = h.face_id WHERE h.person_id = p.id)),
  (SELECT count(*) FROM face_persons h WHERE h.person_id = p.id),
  EXISTS (SELECT 1 FROM sighting_persons s WHERE s.person_id = p.id AND s.told_by = 'list')
    OR EXISTS (SELECT 1 FROM face_persons h WHERE h.person_id = p.id AND h.told_by = 'list'),
  EXISTS (SELECT 1 FROM sighting_persons s WHERE s.person_id = p.id AND s.told_by = 'folder'),
  EXISTS (SELECT 1 FROM face_persons h WHERE h.person_id = p.id AND h.told_by = 'looks'),
  EXISTS (SELECT 1 FROM face_persons h WHERE h.person_id = p.id AND h.told_by = 'hand')
FROM persons p
"""
_TOLD_BY: Final = ("list", "folder", "looks", "hand")


@dataclass(frozen=True, slots=True)
class Person:
    """name: "" where nobody gave one. photos: with the person on them; faces: that are the person's by looks, by hand
    or by a list of faces. told_by: what tells of the person, of list, folder, looks and hand."""

    id: int
    name: str
    photos: int
    faces: int
    told_by: tuple[str, ...]


def person_of_images(db: Db) -> dict[str, frozenset[int]]:
    """The persons on each image (by SHA-256) that anything tells of."""
    found: dict[str, set[int]] = defaultdict(set)
    for sha256, person in db.execute(_OF_IMAGES_SQL):
        found[sha256].add(person)
    return {sha256: frozenset(persons) for sha256, persons in found.items()}


def person_of_faces(db: Db) -> dict[str, int]:
    """The person of each face (by id) that anything tells of: what is said of the face itself, else of its photo."""
    if not any_known(db):
        return {}
    return {face: person for face, person in db.execute(_OF_FACES_SQL) if person is not None}


def person_of_seqs(db: Db) -> dict[int, int]:
    """As `person_of_faces`, by the face's seq."""
    if not any_known(db):
        return {}
    sql = _OF_FACES_SQL.replace("SELECT f.id,", "SELECT f.seq,")
    return {seq: person for seq, person in db.execute(sql) if person is not None}


def any_known(db: Db) -> bool:
    """Whether anything tells persons apart."""
    return db.execute("SELECT 1 FROM persons LIMIT 1").fetchone() is not None


def names(db: Db, most: int = -1) -> dict[int, str]:
    """The name of each person (of the first `most`), "" where nobody gave one, by id."""
    return dict(db.execute("SELECT id, name FROM persons ORDER BY id LIMIT ?", [most]).fetchall())


def list_persons(db: Db) -> list[Person]:
    """All persons, those with the most photos first."""
    rows = db.execute(f"{_LIST_SQL} ORDER BY 3 DESC, p.id").fetchall()
    return [
        Person(number, name, photos, faces, tuple(by for by, says in zip(_TOLD_BY, told, strict=True) if says))
        for number, name, photos, faces, *told in rows
    ]


def images_of(db: Db, person_id: int) -> list[str]:
    """SHA-256 of each image that shows the person, in their order. Raises UsageError for an unknown person."""
    check_known(db, person_id)
    sql = """
    SELECT g.sha256 FROM sighting_persons s JOIN sightings g ON g.id = s.sighting JOIN images i ON i.sha256 = g.sha256
    WHERE s.person_id = ?1
    UNION SELECT f.sha256 FROM face_persons p JOIN faces f ON f.id = p.face_id WHERE p.person_id = ?1 ORDER BY 1
    """
    return [sha256 for (sha256,) in db.execute(sql, [person_id])]


def check_known(db: Db, person_id: int) -> str:
    """The person's name. Raises UsageError for an unknown person."""
    row = db.execute("SELECT name FROM persons WHERE id = ?", [person_id]).fetchone()
    if row is None:
        raise UsageError(message("person_unknown", person=person_id))
    return str(row[0])


def as_name(text: str) -> str:
    """A person's name as it is kept. Raises UsageError where it is too long."""
    name = clean_name(text)
    if len(name) > LONGEST_NAME:
        raise UsageError(message("person_name_long", most=LONGEST_NAME))
    return name


def ensure_named(db: Db, name: str, scope: int = EVERYWHERE) -> int:
    """The person whom a name means, made where nobody had it. Inside a write. name: as `as_name` gives it, not ""."""
    row = db.execute("SELECT person_id FROM person_names WHERE scope = ? AND name = ?", [scope, name]).fetchone()
    if row is not None:
        return int(row[0])
    person = new_person(db, name)
    db.execute("INSERT INTO person_names (scope, name, person_id) VALUES (?, ?, ?)", [scope, name, person])
    return person


def new_person(db: Db, name: str = "") -> int:
    """The id of a person who is new. Inside a write."""
    done = db.execute("INSERT INTO persons (name, at) VALUES (?, ?)", [name, now_iso()])
    return int(done.lastrowid or 0)


def forget_unseen(db: Db) -> int:
    """Take out the persons whom nothing tells of any more, with their names; their bytes on the disk are overwritten.
    Inside a write. Returns how many they were."""
    db.execute("PRAGMA secure_delete = ON")
    sql = """
    DELETE FROM persons WHERE id NOT IN (SELECT person_id FROM sighting_persons)
      AND id NOT IN (SELECT person_id FROM face_persons)
    """
    return db.execute(sql).rowcount
