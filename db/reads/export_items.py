"""What an export takes: the accepted faces, and which photos must not straddle its splits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils.db import Database as Db

from db.reads.groups import split_groups
from db.tables import provenance
from pipeline.core.border import Border, filled_share
from pipeline.core.geometry import BoundingBox, CropBox
from pipeline.core.metrics import BY_NAME
from pipeline.core.records import ExportItem, Provenance, Settings


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

    The group is the smallest SHA-256 of all it is joined with (`split_groups`), most often the image itself.
    """
    sql = """
    SELECT f.id, f.sha256, c.name, s.annotator, f.detector, f.x1, f.y1, f.x2, f.y2,
           f.crop_x, f.crop_y, f.crop_width, f.crop_height, f.crop_angle, f.crop_version,
           i.width, i.height, i.processing, i.margin, i.detector,
           ifnull((SELECT g.location FROM sightings g WHERE g.sha256 = f.sha256 ORDER BY g.id LIMIT 1), i.original),
           json_extract(d.context, '$.confirmed'), f.landmark_model,
           (SELECT avg(a.verdict = 'accept' AND a.class_id IS s.class_id) FROM answers a
            WHERE a.face_id = f.id AND substr(a.annotator, 1, 5) <> 'rule:'), q.sharpness, i.original
    FROM face_state s
    LEFT JOIN decisions d ON d.uuid = s.decision_uuid
    JOIN faces f ON f.id = s.face_id
    JOIN images i ON i.sha256 = f.sha256
    JOIN classes c ON c.id = s.class_id
    LEFT JOIN face_quality q ON q.seq = f.seq
    WHERE s.verdict = 'accept' ORDER BY f.sha256, f.id
    """
    groups, from_web = split_groups(db), provenance.of_all(db)
    return [_item(row, groups, from_web) for row in db.execute(sql)]


@dataclass(frozen=True, slots=True)
class KnownFace:
    """What an export needs of a face beside what its manifest says; as in `ExportItem`."""

    crop_version: str
    border: Border
    filled: float
    provenance: tuple[Provenance, ...]
    location: str
    width: int
    height: int
    margin: float
    upright: bool
    original: str


def known_faces(db: Db, face_ids: Sequence[str]) -> dict[str, KnownFace]:
    """Those of these faces that are there, whatever was decided on them."""
    sql = """
    SELECT f.id, f.sha256, f.crop_version, f.crop_x, f.crop_y, f.crop_width, f.crop_height, f.crop_angle,
           i.width, i.height, i.processing, i.margin, i.detector,
           ifnull((SELECT g.location FROM sightings g WHERE g.sha256 = f.sha256 ORDER BY g.id LIMIT 1), i.original),
           i.original
    FROM json_each(?) w JOIN faces f ON f.id = w.value JOIN images i ON i.sha256 = f.sha256
    WHERE f.removed_at IS NULL
    """
    from_web = provenance.of_all(db)
    return {row[0]: _known(row, from_web) for row in db.execute(sql, [json.dumps(list(face_ids))])}


def _known(row: tuple[Any, ...], from_web: Mapping[str, tuple[Provenance, ...]]) -> KnownFace:
    width, height = row[8:10]
    settings = Settings.of_processing(*row[10:13])
    return KnownFace(
        row[2], settings.border, filled_share(CropBox(*row[3:8]), width, height), from_web.get(row[1], ()), row[13],
        width, height, settings.margin, settings.upright, row[14],
    )  # fmt: skip


def _item(
    row: tuple[Any, ...], groups: Mapping[str, str], from_web: Mapping[str, tuple[Provenance, ...]]
) -> ExportItem:
    crop, settings = CropBox(*row[9:14]), Settings.of_processing(*row[17:20])
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
        border=settings.border,
        filled=filled_share(crop, *row[15:17]),
        confirmed=_confirmed(row[21]),
        landmark_model=row[22],
        agreement=row[23],
        sharpness=None if row[24] is None else BY_NAME["sharpness"].from_stored(row[24]),
        width=row[15],
        height=row[16],
        margin=settings.margin,
        upright=settings.upright,
        original=row[25],
    )


def _confirmed(said: str | None) -> str:
    """`moue 12 0.9712`: suggester, version and probability; "" for None."""
    if said is None:
        return ""
    told = json.loads(said)
    return f"{told['suggester']} {told['version']} {told['probability']:.4f}"
