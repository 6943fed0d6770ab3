"""What an export takes: the accepted faces, and which photos must not straddle its splits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import chain
from typing import Any, Final

from sqlite_utils.db import Database as Db

from db.tables import provenance
from pipeline.core.border import filled_share
from pipeline.core.geometry import BoundingBox, CropBox
from pipeline.core.records import ExportItem, Provenance, Settings

SAME_SQL: Final = """
SELECT p.a, p.b FROM near_pairs p WHERE ifnull((
  SELECT v.same FROM pair_verdicts v WHERE v.a = p.a AND v.b = p.b ORDER BY v.id DESC LIMIT 1), 1) = 1
"""
FRAMES_SQL: Final = """
SELECT min(sha256) OVER (PARTITION BY part_of), sha256
FROM sightings WHERE part_of <> '' AND sha256 IN (SELECT sha256 FROM images)
"""


def uncompared_accepted(db: Db) -> list[str]:
    """Images with an accepted face that were not compared with all others: their near copies are not known yet."""
    sql = """
    SELECT DISTINCT f.sha256 FROM face_state s JOIN faces f ON f.id = s.face_id
    LEFT JOIN image_hashes h ON h.sha256 = f.sha256
    WHERE s.verdict = 'accept' AND (h.compared IS NOT 1
      OR EXISTS (SELECT 1 FROM image_hashes WHERE compared = 1 AND by_faces = 0)
      OR (h.left_off = 1 AND EXISTS (SELECT 1 FROM meta WHERE key = 'near_incomplete_again'))) ORDER BY f.sha256
    """
    return [sha256 for (sha256,) in db.execute(sql)]


def accepted_items(db: Db) -> list[ExportItem]:
    """What an export takes: the accepted faces, sorted by image hash and face id.

    The group is the first-imported image of its near copies (`split_groups`), most often the image itself.
    """
    sql = """
    SELECT f.id, f.sha256, c.name, s.annotator, f.detector, f.x1, f.y1, f.x2, f.y2,
           f.crop_x, f.crop_y, f.crop_width, f.crop_height, f.crop_angle, f.crop_version,
           i.width, i.height, i.processing, i.margin, i.detector,
           ifnull((SELECT g.location FROM sightings g WHERE g.sha256 = f.sha256 ORDER BY g.id LIMIT 1), i.original),
           json_extract(d.context, '$.confirmed')
    FROM face_state s
    LEFT JOIN decisions d ON d.uuid = s.decision_uuid
    JOIN faces f ON f.id = s.face_id
    JOIN images i ON i.sha256 = f.sha256
    JOIN classes c ON c.id = s.class_id
    WHERE s.verdict = 'accept' ORDER BY f.sha256, f.id
    """
    groups, from_web = split_groups(db), provenance.of_all(db)
    return [_item(row, groups, from_web) for row in db.execute(sql)]


def _item(
    row: tuple[Any, ...], groups: Mapping[str, str], from_web: Mapping[str, tuple[Provenance, ...]]
) -> ExportItem:
    crop = CropBox(*row[9:14])
    return ExportItem(
        face_id=row[0],
        image_sha256=row[1],
        group=groups.get(row[1], row[1]),
        label=row[2],
        annotator=row[3],
        detector=row[4],
        box=BoundingBox(*row[5:9]),
        crop=crop,
        crop_version=row[14],
        location=row[20],
        provenance=from_web.get(row[1], ()),
        border=Settings.of_processing(*row[17:20]).border,
        filled=filled_share(crop, *row[15:17]),
        confirmed=_confirmed(row[21]),
    )


def _confirmed(said: str | None) -> str:
    """`moue 12 0.9712`: suggester, version and probability; "" for None."""
    if said is None:
        return ""
    told = json.loads(said)
    return f"{told['suggester']} {told['version']} {told['probability']:.4f}"


def split_groups(db: Db) -> dict[str, str]:
    """For each image with a near copy, or from a video or animation, the first-imported one of all it is joined with.

    Wider than the groups: chains count, so that no near copy of a training photo is in the validation set. Pairs
    judged "not the same" do not join; the frames of one file always do. Only a copy of an older image, or one that
    joins two groups, changes a name.
    """
    root: dict[str, str] = {}

    def find(sha: str) -> str:
        while root.setdefault(sha, sha) != sha:
            root[sha] = root[root[sha]]
            sha = root[sha]
        return sha

    for a, b in chain(db.execute(SAME_SQL), db.execute(FRAMES_SQL)):
        root[find(b)] = find(a)
    order = "SELECT sha256 FROM images WHERE sha256 IN (SELECT value FROM json_each(?)) ORDER BY rowid"
    first: dict[str, str] = {}
    for (sha,) in db.execute(order, [json.dumps(list(root))]):
        first.setdefault(find(sha), sha)
    return {sha: first[find(sha)] for sha in root if find(sha) in first}
