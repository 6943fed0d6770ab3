"""What each mouth looks like: stored vectors, the basis they were made with, and the faces that have none yet."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlite_utils.db import Database as Db

from db.projection.looks import newest_basis
from db.tables import suggesters
from pipeline.core.geometry import CropBox

NUMBERS: Final = 48
"""Of a vector, see `pipeline.suggest.descriptor.DIMENSIONS`."""
_FACE_SQL: Final = (
    "SELECT f.seq, f.id, f.landmarks, f.crop_x, f.crop_y, f.crop_width, f.crop_height, f.crop_angle, f.crop_version"
    " FROM face_state t JOIN faces f ON f.seq = t.seq"
)
_OF_SQL: Final = """
SELECT j.key, d.data FROM json_each(?) j CROSS JOIN descriptors d ON d.seq = j.value
WHERE d.basis_id = ? AND length(d.data) > 0
"""
_WITHOUT_SQL: Final = f"""
{_FACE_SQL} LEFT JOIN descriptors d ON d.seq = f.seq AND d.basis_id = :basis
WHERE t.seq > :after AND d.seq IS NULL ORDER BY t.seq LIMIT :most
"""
_SPREAD_SQL: Final = f"{_FACE_SQL} WHERE (t.seq * 7919) % :step = 0 ORDER BY t.seq LIMIT :most"


@dataclass(frozen=True, slots=True)
class Described:
    """A face as its vector is made of it. landmarks: 68 (x, y), float32 little endian."""

    seq: int
    face_id: str
    landmarks: bytes
    crop: CropBox
    crop_version: str


@dataclass(frozen=True, slots=True)
class StoredBasis:
    id: int
    version: str
    faces: int
    data: bytes


def are_due(db: Db) -> bool:
    """Whether no mouth was described yet and there are faces. Of new and changed faces a training tells, which this
    follows. False where suggestions are switched off."""
    if not suggesters.are_on(db) or newest_basis(db) is not None:
        return False
    return db.execute("SELECT 1 FROM face_state LIMIT 1").fetchone() is not None


def basis(db: Db) -> StoredBasis | None:
    """The one in force."""
    newest = newest_basis(db)
    if newest is None:
        return None
    return StoredBasis(
        *db.execute("SELECT id, version, faces, data FROM descriptor_bases WHERE id = ?", [newest]).fetchone()
    )


def of_faces(db: Db, seqs: Sequence[int]) -> npt.NDArray[np.float32]:
    """(n, NUMBERS) float32 of the basis in force, in the order of the seqs; a row of NaN where there is none."""
    found = np.full((len(seqs), NUMBERS), np.nan, np.float32)
    wanted = json.dumps([int(one) for one in seqs])
    for place, data in db.execute(_OF_SQL, [wanted, newest_basis(db)]):
        found[place] = np.frombuffer(data, "<f2")
    return found


def listed(db: Db) -> int:
    """How many faces are listed."""
    return int(db.execute("SELECT count(*) FROM face_state").fetchone()[0])


def spread(db: Db, most: int) -> list[Described]:
    """At most `most` listed faces from all over the workspace: always the same of the same faces."""
    step = max(1, listed(db) // most)
    return _faces(db, _SPREAD_SQL, {"step": step, "most": most})


def without(db: Db, basis_id: int, after: int, most: int) -> list[Described]:
    """The next listed faces behind the seq `after` that have no vector of this basis."""
    return _faces(db, _WITHOUT_SQL, {"basis": basis_id, "after": after, "most": most})


def put_basis(db: Db, version: str, faces: int, data: bytes) -> int:
    """Put another basis in force: vectors of the one before count no more. Returns its id. Inside a write."""
    done = db.execute("INSERT INTO descriptor_bases (version, faces, data) VALUES (?, ?, ?)", [version, faces, data])
    return int(done.lastrowid or 0)


def forget_older(db: Db, basis_id: int, most: int) -> bool:
    """At most `most` vectors of other bases go, then the bases. True while there may be more. Inside a write."""
    sql = "DELETE FROM descriptors WHERE seq IN (SELECT seq FROM descriptors WHERE basis_id <> ? LIMIT ?)"
    if db.execute(sql, [basis_id, most]).rowcount == most:
        return True
    db.execute("DELETE FROM descriptor_bases WHERE id <> ?", [basis_id])
    return False


def put(db: Db, basis_id: int, found: Mapping[Described, bytes]) -> None:
    """Keep vectors, float16 little endian (b"": the crop cannot be read), of faces that are still as they were then.
    Inside a write."""
    db.conn.executemany(
        "INSERT OR REPLACE INTO descriptors (seq, basis_id, data) SELECT seq, ?, ? FROM faces"
        " WHERE seq = ? AND crop_version = ? AND landmarks = ?",
        [(basis_id, data, one.seq, one.crop_version, one.landmarks) for one, data in found.items()],
    )


def _faces(db: Db, sql: str, values: Mapping[str, int]) -> list[Described]:
    return [
        Described(seq, face_id, landmarks, CropBox(*box), version)
        for seq, face_id, landmarks, *box, version in db.execute(sql, dict(values))
    ]
