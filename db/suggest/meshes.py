"""What the Face Landmarker said of faces, and of which it said nothing yet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlite_utils.db import Database as Db

NUMBERS: Final = 58
"""Of a face, see `pipeline.faces.landmarker.values.COLUMNS`."""
NOTHING: Final = np.full(NUMBERS, np.nan, "<f4").tobytes()
"""Kept of a face where the landmarker sees none."""
_OF_SQL: Final = """
SELECT j.key, m.data FROM json_each(?) j CROSS JOIN faces f ON f.seq = j.value JOIN face_meshes m ON m.face_id = f.id
"""
_WITHOUT_SQL: Final = """
SELECT DISTINCT f.sha256 FROM face_state t JOIN faces f ON f.seq = t.seq LEFT JOIN face_meshes m ON m.face_id = f.id
WHERE m.face_id IS NULL AND f.sha256 > ? ORDER BY f.sha256 LIMIT ?
"""


def of_faces(db: Db, seqs: Sequence[int]) -> npt.NDArray[np.float32]:
    """(n, 58) float32, in the order of the seqs; a row of NaN where nothing is kept."""
    found = np.full((len(seqs), NUMBERS), np.nan, np.float32)
    for place, data in db.execute(_OF_SQL, [json.dumps([int(one) for one in seqs])]):
        found[place] = np.frombuffer(data, "<f4")
    return found


def count(db: Db) -> int:
    """How many listed faces it saw."""
    sql = "SELECT count(*) FROM face_meshes m JOIN face_state t ON t.face_id = m.face_id WHERE m.data <> ?"
    return int(db.execute(sql, [NOTHING]).fetchone()[0])


def images_without(db: Db, after: str, most: int) -> list[str]:
    """SHA-256 of images, behind `after` in their order, with a listed face that has none."""
    return [sha for (sha,) in db.execute(_WITHOUT_SQL, [after, most])]


def put(db: Db, face_id: str, landmarks: bytes, data: bytes) -> bool:
    """Keep what was said of a face whose landmarks were these; False where they are others by now. Inside a write."""
    sql = "INSERT OR REPLACE INTO face_meshes (face_id, data) SELECT id, ? FROM faces WHERE id = ? AND landmarks = ?"
    return db.execute(sql, [data, face_id, landmarks]).rowcount == 1


def put_disagreement(db: Db, face_id: str, stored: int) -> None:
    """How far the landmark models disagree on its mouth, as `face_quality` stores it; nothing of a face that was never
    measured. Inside a write."""
    sql = "UPDATE face_quality SET mouth_disagreement = ? WHERE seq = (SELECT seq FROM faces WHERE id = ?)"
    db.execute(sql, [stored, face_id])
