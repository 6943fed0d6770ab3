"""Copies of one photo whose faces were accepted with different classes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from sqlite_utils.db import Database as Db

from pipeline.records import BoundingBox

SAME_FACE: Final = 0.5
"""Least IoU of two boxes, each relative to its photo, that show the same face."""
_CENTRE: Final = 0.92
"""Share of each side that the centre view shows (`pipeline.phash.CENTRE`)."""

CANDIDATES_SQL: Final = """
SELECT group_id FROM duplicate_members WHERE least_class IS NOT NULL {chosen}
GROUP BY group_id HAVING count(*) > 1 AND min(least_class) <> max(most_class)
"""
_CHOSEN: Final = "AND group_id IN (SELECT value FROM json_each(?))"
_FACES_SQL: Final = """
SELECT m.group_id, f.sha256, f.id, f.crop_version, s.class_id, s.annotator,
       f.x1 / i.width, f.y1 / i.height, f.x2 / i.width, f.y2 / i.height,
       (SELECT count(*) FROM faces o WHERE o.sha256 = f.sha256 AND o.removed_at IS NULL)
FROM duplicate_members m JOIN images i ON i.sha256 = m.sha256 JOIN faces f ON f.sha256 = m.sha256
JOIN face_state s ON s.face_id = f.id
WHERE m.group_id IN (SELECT value FROM json_each(?)) AND s.verdict = 'accept' ORDER BY m.group_id, f.sha256, f.seq
"""


@dataclass(frozen=True, slots=True)
class ConflictFace:
    """One accepted face of a conflict."""

    sha256: str
    face_id: str
    crop_version: str
    class_id: int
    annotator: str


@dataclass(frozen=True, slots=True)
class LabelConflict:
    """The same face in two copies of one photo, with two classes. one: of the image with the smaller hash."""

    group_id: int
    one: ConflictFace
    other: ConflictFace


@dataclass(frozen=True, slots=True)
class _Placed:
    face: ConflictFace
    box: BoundingBox
    alone: bool


def conflicts(db: Db, groups: Sequence[int] | None = None) -> tuple[LabelConflict, ...]:
    """All label conflicts, or those of some groups, by group and hash.

    Two faces are the same where each is its image's only one, or where their boxes overlap; in a mirrored or cut copy
    after mirroring or cutting.
    """
    sql = CANDIDATES_SQL.format(chosen="" if groups is None else _CHOSEN)
    candidates = [number for (number,) in db.execute(sql, [] if groups is None else [json.dumps(list(groups))])]
    placed: dict[int, dict[str, list[_Placed]]] = {}
    for row in db.execute(_FACES_SQL, [json.dumps(candidates)]):
        one = _Placed(ConflictFace(*row[1:6]), BoundingBox(*row[6:10]), row[10] == 1)
        placed.setdefault(row[0], {}).setdefault(row[1], []).append(one)
    found: list[LabelConflict] = []
    for number, images in placed.items():
        views = _views(db, list(images))
        for a, b in combinations(images, 2):
            view = views.get((a, b), "plain")
            found += [LabelConflict(number, one, other) for one, other in _differing(images[a], images[b], view)]
    return tuple(found)


def _differing(one: list[_Placed], other: list[_Placed], view: str) -> list[tuple[ConflictFace, ConflictFace]]:
    return [
        (a.face, b.face)
        for a in one
        for b in other
        if a.face.class_id != b.face.class_id and ((a.alone and b.alone) or _overlap(a.box, b.box, view) >= SAME_FACE)
    ]


def _overlap(one: BoundingBox, other: BoundingBox, view: str) -> float:
    if view == "mirror":
        return BoundingBox(1 - one.x2, one.y1, 1 - one.x1, one.y2).iou(other)
    if view == "centre":  # which of the two is the cut one is not remembered
        return max(one.iou(other), _in_centre(one).iou(other), one.iou(_in_centre(other)))
    return one.iou(other)


def _in_centre(box: BoundingBox) -> BoundingBox:
    x1, y1, x2, y2 = ((n - 0.5) / _CENTRE + 0.5 for n in (box.x1, box.y1, box.x2, box.y2))
    return BoundingBox(x1, y1, x2, y2)


def _views(db: Db, shas: list[str]) -> dict[tuple[str, str], str]:
    listed = "(SELECT value FROM json_each(:shas))"
    rows = db.execute(
        f"SELECT a, b, view FROM near_pairs WHERE a IN {listed} AND b IN {listed} AND view <> 'plain'",
        {"shas": json.dumps(shas)},
    )
    return {(a, b): view for a, b, view in rows}
