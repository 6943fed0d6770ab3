"""What a search for near copies asks beside hashes: where the faces are, which images are equal, what people said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlite_utils.db import Database as Db

from db.duplicates.grouping import Pair
from db.duplicates.region import LISTED, as_json


@dataclass(frozen=True, slots=True, eq=False)
class FacesOfImage:
    """Where the faces of an image are. width: of the upright original. landmarks: each float32 (68, 2), its pixels."""

    width: int
    landmarks: tuple[npt.NDArray[np.float32], ...]


def standing(db: Db) -> dict[str, str]:
    """Of equal images: image -> the one that stands for it."""
    return dict(db.execute("SELECT sha256, same_as FROM image_hashes WHERE same_as IS NOT NULL"))


def faces_of(db: Db, shas: Sequence[str]) -> dict[str, FacesOfImage]:
    """The faces of each of these images; one that has gone has none."""
    found: dict[str, tuple[int, list[npt.NDArray[np.float32]]]] = {sha: (1, []) for sha in shas}
    sql = f"""
    SELECT i.sha256, i.width, f.landmarks FROM images i JOIN faces f ON f.sha256 = i.sha256
    WHERE f.removed_at IS NULL AND i.sha256 IN {LISTED} ORDER BY f.sha256, f.seq
    """
    for sha, width, landmarks in db.execute(sql, [as_json(shas)]):
        points = np.frombuffer(landmarks, "<f4").reshape(68, 2).astype(np.float32)
        found[sha] = width, [*found[sha][1], points]
    return {sha: FacesOfImage(width, tuple(points)) for sha, (width, points) in found.items()}


def all_distinct(db: Db) -> set[Pair]:
    """All pairs whose newest verdict is "not the same"."""
    sql = """
    SELECT a, b FROM pair_verdicts v WHERE same = 0
    AND NOT EXISTS (SELECT 1 FROM pair_verdicts w WHERE w.a = v.a AND w.b = v.b AND w.id > v.id)
    """
    return {(a, b) for a, b in db.execute(sql)}
