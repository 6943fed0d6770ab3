"""The descriptions of faces by the recognition net, and the groups that were found by them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlite_utils.db import Database as Db

from db.people.persons import forget_unseen, new_person
from db.people.switch import IS_ON_SQL, is_on

NUMBERS: Final = 128
NOTHING: Final = b""
"""Kept of a face whose pixels are gone."""
_WITHOUT: Final = """
FROM face_state t JOIN faces f ON f.seq = t.seq LEFT JOIN face_embeddings e ON e.face_id = f.id WHERE e.face_id IS NULL
"""
_LOADED_SQL: Final = """
SELECT e.face_id, e.data, p.person_id, p.told_by, ifnull((
  SELECT max(s.person_id) FROM sightings g JOIN sighting_persons s ON s.sighting = g.id WHERE g.sha256 = f.sha256
  HAVING count(DISTINCT s.person_id) = 1
    AND (SELECT count(*) FROM faces o WHERE o.sha256 = f.sha256 AND o.removed_at IS NULL) = 1), 0)
FROM face_embeddings e JOIN faces f ON f.id = e.face_id
JOIN face_state t ON t.face_id = e.face_id LEFT JOIN face_persons p ON p.face_id = e.face_id
WHERE length(e.data) > 0 ORDER BY e.face_id
"""


@dataclass(frozen=True, slots=True)
class Described:
    """All described faces, by id in order. vectors: (n, 128) float32. known: whose face it is by hand or by a list, 0
    where nobody said; before: the person that looks gave it last, 0 where they gave none; on_photo: the one person whom
    a folder or a list tells on its photo, where it is the only face there, else 0."""

    face_ids: tuple[str, ...]
    vectors: npt.NDArray[np.float32]
    known: tuple[int, ...]
    before: tuple[int, ...]
    on_photo: tuple[int, ...]


def are_due(db: Db) -> bool:
    """Whether a listed face has no description yet. False where they are switched off."""
    return is_on(db) and db.execute(f"SELECT 1 {_WITHOUT} LIMIT 1").fetchone() is not None


def images_without(db: Db, after: str, most: int) -> list[str]:
    """SHA-256 of images, behind `after` in their order, with a listed face that has none."""
    sql = f"SELECT DISTINCT f.sha256 {_WITHOUT} AND f.sha256 > ? ORDER BY f.sha256 LIMIT ?"
    return [sha256 for (sha256,) in db.execute(sql, [after, most])]


def put(db: Db, face_id: str, landmarks: bytes, data: bytes) -> bool:
    """Keep the description of a face whose landmarks (float32 little endian) were these; False where they are others by
    now, or where this was switched off meanwhile. Inside a write."""
    sql = f"""
    INSERT OR REPLACE INTO face_embeddings (face_id, data)
    SELECT id, ? FROM faces WHERE id = ? AND landmarks = ? AND removed_at IS NULL AND {IS_ON_SQL}
    """
    return db.execute(sql, [data, face_id, landmarks]).rowcount == 1


def count(db: Db) -> int:
    """How many faces are described."""
    return int(db.execute("SELECT count(*) FROM face_embeddings WHERE length(data) > 0").fetchone()[0])


def load(db: Db) -> Described:
    """All that are listed. 512 bytes each."""
    rows = db.execute(_LOADED_SQL).fetchall()
    vectors = np.frombuffer(b"".join(data for _, data, *_ in rows), "<f4").reshape(len(rows), NUMBERS)
    return Described(
        tuple(face for face, *_ in rows),
        vectors.astype(np.float32),
        tuple(person if person and by != "looks" else 0 for _, _, person, by, _ in rows),
        tuple(person if person and by == "looks" else 0 for _, _, person, by, _ in rows),
        tuple(person for *_, person in rows),
    )


def persons_of(described: Described, numbers: Sequence[int]) -> dict[str, int]:
    """The person of each face that is in a group of several, or of one who is known; negative: a new one.

    numbers: the group of each face. A group with a known face is that person's; one whose photos tell of one person
    alone is theirs. Any other keeps the person whom most of its faces had, if not more of another group had them.
    """
    members: dict[int, list[int]] = {}
    for at, number in enumerate(numbers):
        members.setdefault(number, []).append(at)
    owner: dict[int, int] = {}
    claims: list[tuple[int, int, int]] = []
    for number, each in members.items():
        named = next((described.known[at] for at in each if described.known[at]), 0)
        told = {described.on_photo[at] for at in each} - {0}
        if not named and len(each) > 1 and len(told) == 1:
            (named,) = told
        if named:
            owner[number] = named
        elif len(each) > 1:
            owner[number] = -1 - number
            had = Counter(described.before[at] for at in each if described.before[at])
            claims += [(-share, number, person) for person, share in had.items()]
    taken: set[int] = {*described.known, *described.on_photo}
    for _, number, person in sorted(claims):
        if owner[number] < 0 and person not in taken:
            owner[number] = person
            taken.add(person)
    return {
        described.face_ids[at]: owner[number]
        for number, each in members.items()
        if number in owner
        for at in each
        if not described.known[at]
    }


def keep_groups(db: Db, found: Mapping[str, int]) -> int:
    """Keep whose each face is by looks (see `persons_of`); what people and lists say is left. Inside a write.

    Returns how many persons looks tell of. Nothing is kept where this was switched off meanwhile.
    """
    if not is_on(db):
        return 0
    db.execute("DELETE FROM face_embeddings WHERE face_id NOT IN (SELECT face_id FROM face_state)")
    existing = {person for (person,) in db.execute("SELECT id FROM persons")}
    made: dict[int, int] = {}
    rows = []
    for face, person in sorted(found.items()):
        if person not in existing and person not in made:
            made[person] = new_person(db)
        rows.append((face, made.get(person, person)))
    db.execute("DELETE FROM face_persons WHERE told_by = 'looks'")
    db.conn.executemany(
        "INSERT INTO face_persons (face_id, person_id, told_by) SELECT id, ?2, 'looks' FROM faces WHERE id = ?1"
        " ON CONFLICT DO NOTHING",
        rows,
    )
    forget_unseen(db)
    return len({person for _, person in rows})
