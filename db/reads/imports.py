"""What the workspace knows of the pictures and faces of a data set that is imported."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlite_utils.db import Database as Db

from db.base.messages import from_columns
from db.base.meta import put_value, value_of
from pipeline.core.geometry import BoundingBox
from pipeline.core.messages import Message

REPORT: Final = "last_import"
_SIZES_SQL: Final = """
SELECT i.sha256, i.width, i.height FROM json_each(?) j CROSS JOIN images i ON i.sha256 = j.value
"""
_FACES_SQL: Final = """
SELECT f.sha256, f.id, f.x1, f.y1, f.x2, f.y2, f.crop_x, f.crop_y, f.crop_width, f.crop_height
FROM json_each(?) j CROSS JOIN faces f ON f.sha256 = j.value WHERE f.removed_at IS NULL ORDER BY f.rank, f.seq
"""
_WHY_SQL: Final = """
SELECT reason, reason_code, reason_params FROM sightings WHERE sha256 = ? ORDER BY id DESC LIMIT 1
"""
_ELSEWHERE_SQL: Final = """
SELECT j.value FROM json_each(?1) j WHERE EXISTS (
  SELECT 1 FROM sightings g JOIN sources s ON s.id = g.source_id WHERE g.sha256 = j.value AND s.location <> ?2)
"""
_ANSWERS_SQL: Final = """
SELECT a.face_id, a.annotator, a.verdict, a.class_id FROM json_each(?) j CROSS JOIN answers a ON a.face_id = j.value
WHERE substr(a.annotator, 1, 5) <> 'rule:' ORDER BY a.face_id, a.seq
"""
_NEAR_SQL: Final = """
SELECT m.sha256, o.sha256,
       ifnull((SELECT g.location FROM sightings g WHERE g.sha256 = o.sha256 ORDER BY g.id LIMIT 1), ''),
       ifnull((SELECT c.name FROM faces f JOIN face_state s ON s.face_id = f.id JOIN classes c ON c.id = s.class_id
               WHERE f.sha256 = o.sha256 AND s.verdict = 'accept' ORDER BY f.rank LIMIT 1), '')
FROM json_each(?1) j CROSS JOIN duplicate_members m ON m.sha256 = j.value
CROSS JOIN duplicate_members o ON o.group_id = m.group_id AND o.sha256 <> m.sha256
WHERE o.sha256 NOT IN (SELECT value FROM json_each(?2)) ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class KnownFace:
    """box, crop: upright original pixels."""

    face_id: str
    box: BoundingBox
    crop: BoundingBox


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What a person said of a face; no rule's."""

    annotator: str
    verdict: str
    class_id: int | None


@dataclass(frozen=True, slots=True)
class NearCopy:
    """A new photo and one that was there before, in one group of near copies. location, label: of the other one."""

    sha256: str
    other: str
    location: str
    label: str


def sizes(db: Db, hashes: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Width and height, upright pixels, of those images that are there."""
    return {sha: (w, h) for sha, w, h in db.execute(_SIZES_SQL, [_listed(hashes)])}


def why_not_taken(db: Db, sha256: str) -> Message | None:
    """What the newest sighting of a file says that gave no photo, None where none was seen."""
    row = next(iter(db.query(_WHY_SQL, [sha256])), None)
    return None if row is None else from_columns(row["reason"], row["reason_code"], row["reason_params"])


def faces(db: Db, hashes: Iterable[str]) -> dict[str, list[KnownFace]]:
    """By image; the largest first."""
    found: dict[str, list[KnownFace]] = defaultdict(list)
    for sha, face_id, x1, y1, x2, y2, x, y, width, height in db.execute(_FACES_SQL, [_listed(hashes)]):
        crop = BoundingBox(x, y, x + width, y + height)
        found[sha].append(KnownFace(face_id, BoundingBox(x1, y1, x2, y2), crop))
    return dict(found)


def answers(db: Db, face_ids: Iterable[str]) -> dict[str, list[GivenAnswer]]:
    """What people said of these faces, oldest first."""
    found: dict[str, list[GivenAnswer]] = defaultdict(list)
    for face_id, *said in db.execute(_ANSWERS_SQL, [_listed(face_ids)]):
        found[face_id].append(GivenAnswer(*said))
    return dict(found)


def seen_elsewhere(db: Db, hashes: Iterable[str], location: str) -> set[str]:
    """Those of these images that came in otherwise than from the source at this location."""
    return {sha for (sha,) in db.execute(_ELSEWHERE_SQL, [_listed(hashes), location])}


def near_copies(db: Db, new: Iterable[str], own: Iterable[str]) -> list[NearCopy]:
    """The photos that lie in one group with a new one; own: images of the data set itself, which are left out."""
    return [NearCopy(*row) for row in db.execute(_NEAR_SQL, [_listed(new), _listed(own)])]


def keep_report(db: Db, report: Mapping[str, Any]) -> None:
    """Keep what the last import came to, for the page. Inside a write."""
    put_value(db, REPORT, json.dumps(report, sort_keys=True))


def last_report(db: Db) -> dict[str, Any] | None:
    found = value_of(db, REPORT)
    return None if found is None else dict(json.loads(found))


def _listed(texts: Iterable[str]) -> str:
    return json.dumps(sorted(set(texts)))
