"""Copies of one photo whose faces were accepted with different classes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, groupby
from operator import itemgetter
from typing import Any, Final

from sqlite_utils.db import Database as Db

from pipeline.core.geometry import BoundingBox

SAME_FACE: Final = 0.5
"""Least IoU of two boxes, each relative to its photo, that show the same face."""
_CENTRE: Final = 0.92
"""Share of each side that the centre view shows (`pipeline.pixels.phash.CENTRE`)."""

CANDIDATES_SQL: Final = """
SELECT group_id FROM duplicate_members WHERE least_class IS NOT NULL {chosen}
GROUP BY group_id HAVING count(*) > 1 AND min(least_class) <> max(most_class)
"""
_CHOSEN: Final = "AND group_id IN (SELECT value FROM json_each(?))"
_FACES_SQL: Final = """
SELECT m.group_id, f.sha256, f.id, f.crop_version, s.class_id, s.annotator,
       f.x1 / i.width, f.y1 / i.height, f.x2 / i.width, f.y2 / i.height,
       NOT EXISTS (SELECT 1 FROM faces o WHERE o.sha256 = f.sha256 AND o.seq <> f.seq AND o.removed_at IS NULL)
FROM json_each(?) w CROSS JOIN duplicate_members m ON m.group_id = w.value
CROSS JOIN images i ON i.sha256 = m.sha256 CROSS JOIN faces f ON f.sha256 = m.sha256
CROSS JOIN face_state s ON s.seq = f.seq
WHERE s.verdict = 'accept' ORDER BY m.group_id, f.sha256, f.seq
"""
_VIEWS_SQL: Final = """
SELECT p.a, p.b, p.view FROM json_each(?) w CROSS JOIN duplicate_members m ON m.group_id = w.value
CROSS JOIN near_pairs p ON p.a = m.sha256 WHERE p.view <> 'plain'
"""

_Place = tuple[Any, ...]
"""Of a face: the edges of its box, as shares of its photo, and whether it is the only one there."""


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


def conflicts(db: Db, groups: Sequence[int] | None = None) -> tuple[LabelConflict, ...]:
    """All label conflicts, or those of some groups, by group and hash.

    Two faces are the same where each is its image's only one, or where their boxes overlap; in a mirrored or cut copy
    after mirroring or cutting.
    """
    sql = CANDIDATES_SQL.format(chosen="" if groups is None else _CHOSEN)
    candidates = [number for (number,) in db.execute(sql, [] if groups is None else [json.dumps(list(groups))])]
    listed = [json.dumps(candidates)]
    views = views_of(db, listed[0])
    found: list[LabelConflict] = []
    for number, rows in groupby(db.execute(_FACES_SQL, listed), itemgetter(0)):
        for one, other in combinations(rows, 2):
            view = views.get((one[1], other[1]))
            if one[1] != other[1] and one[4] != other[4] and same_face(one[6:], other[6:], view):
                found.append(LabelConflict(number, ConflictFace(*one[1:6]), ConflictFace(*other[1:6])))
    return tuple(found)


def views_of(db: Db, groups: str) -> dict[tuple[str, str], str]:
    """The pairs of images of these groups (a JSON list) that are near in another view than the plain one."""
    return {(a, b): view for a, b, view in db.execute(_VIEWS_SQL, [groups])}


def same_face(one: _Place, other: _Place, view: str | None) -> bool:
    """Whether the first box shows the same face as the second, which is in the image with the larger hash."""
    if one[4] and other[4]:
        return True
    return _overlap(BoundingBox(*one[:4]), BoundingBox(*other[:4]), view) >= SAME_FACE


def _overlap(one: BoundingBox, other: BoundingBox, view: str | None) -> float:
    if view == "mirror":
        return BoundingBox(1 - one.x2, one.y1, 1 - one.x1, one.y2).iou(other)
    if view == "centre":  # which of the two is the cut one is not remembered
        return max(one.iou(other), _in_centre(one).iou(other), one.iou(_in_centre(other)))
    return one.iou(other)


def _in_centre(box: BoundingBox) -> BoundingBox:
    x1, y1, x2, y2 = ((n - 0.5) / _CENTRE + 0.5 for n in (box.x1, box.y1, box.x2, box.y2))
    return BoundingBox(x1, y1, x2, y2)
