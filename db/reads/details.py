"""One face and one image with everything that is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlite_utils.db import Database as Db

from db.base.messages import with_message
from db.base.paths import to_path
from db.base.quality_columns import QUALITY_COLUMNS, quality_of
from db.decisions.log import history
from db.decisions.ops import FaceState
from db.tables import provenance
from pipeline.core.geometry import BoundingBox, CropBox, Points
from pipeline.core.messages import Message
from pipeline.core.records import Face, Provenance

_FACE_COLUMNS: Final = (
    "f.id, f.sha256, f.rank, f.detector, f.score, f.x1, f.y1, f.x2, f.y2, f.landmarks, f.crop_x, f.crop_y,"
    f" f.crop_width, f.crop_height, f.crop_angle, f.crop_version, f.origin, f.removed_at, f.look, f.landmark_model,"
    f" {QUALITY_COLUMNS}"
)
_FACES: Final = f"SELECT {_FACE_COLUMNS} FROM faces f LEFT JOIN face_quality q ON q.seq = f.seq"


@dataclass(frozen=True, slots=True, eq=False)
class FaceInfo:
    """One face, its state and its decisions (oldest first, see `db.decisions.log.history`).

    width, height: of its upright image, pixels. locations: of every file with its bytes. proposal: a class id.
    provenance: each web page that it is from, as they were recorded.
    """

    face: Face
    crop_version: str
    origin: str
    removed: bool
    state: FaceState
    width: int
    height: int
    locations: tuple[str, ...]
    source_id: int
    source_kind: str
    source_location: str
    proposal: int | None
    history: tuple[dict[str, Any], ...]
    provenance: tuple[Provenance, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ImageInfo:
    """One image and its faces, the largest first. original: where its bytes lie, absolute where `referenced`,
    workspace-relative where `stored`. unified: whether `images/` holds a JPEG of it (else the original is one).
    unified_sha256: of that JPEG; None where an older Moue wrote it."""

    sha256: str
    outcome: str
    reason: Message
    width: int
    height: int
    format: str
    byte_size: int
    storage: str
    original: str
    unified: bool
    unified_sha256: str | None
    source_id: int
    source_kind: str
    source_location: str
    locations: tuple[str, ...]
    proposal: int | None
    detector: str | None
    margin: float | None
    processing: str
    faces: tuple[Face, ...]
    crop_versions: tuple[str, ...]
    provenance: tuple[Provenance, ...]


def face_info(db: Db, face_id: str) -> FaceInfo | None:
    """Everything about one face, None where it is unknown."""
    row = db.execute(f"{_FACES} WHERE f.id = ?", [face_id]).fetchone()
    if row is None:
        return None
    face = _face(row)
    image = _image_row(db, face.image_sha256)
    state = db.execute(
        "SELECT face_id, verdict, class_id, reason, annotator, at, decision_uuid FROM face_state WHERE face_id = ?",
        [face_id],
    ).fetchone()
    return FaceInfo(
        face, row[15], row[16], row[17] is not None, FaceState(*state) if state else FaceState(face_id),
        image["width"], image["height"], locations(db, face.image_sha256), image["source_id"], image["source_kind"],
        image["source_location"], image["proposal"], tuple(history(db, face_id)),
        provenance.of_image(db, face.image_sha256),
    )  # fmt: skip


def image_info(db: Db, sha256: str) -> ImageInfo | None:
    """Everything about one stored image, None where it is unknown."""
    if not db.execute("SELECT 1 FROM images WHERE sha256 = ?", [sha256]).fetchone():
        return None
    row = _image_row(db, sha256)
    sql = f"{_FACES} WHERE f.sha256 = ? AND f.removed_at IS NULL ORDER BY f.rank, f.seq"
    faces = db.execute(sql, [sha256]).fetchall()
    return ImageInfo(
        **{**with_message(row, "reason"), "unified": bool(row["unified"]), "original": to_path(row["original"])},
        locations=locations(db, sha256),
        faces=tuple(_face(face) for face in faces),
        crop_versions=tuple(face[15] for face in faces),
        provenance=provenance.of_image(db, sha256),
    )


def locations(db: Db, sha256: str) -> tuple[str, ...]:
    """The location of every file with the image's bytes, as they were recorded; its original where there is none."""
    found = tuple(
        name for (name,) in db.execute("SELECT location FROM sightings WHERE sha256 = ? ORDER BY id", [sha256])
    )
    return found or tuple(name for (name,) in db.execute("SELECT original FROM images WHERE sha256 = ?", [sha256]))


def unpack_landmarks(data: bytes) -> Points:
    """544 stored bytes as float32 (68, 2), upright original pixels."""
    return np.frombuffer(data, dtype="<f4").reshape(68, 2).astype(np.float32)


def _image_row(db: Db, sha256: str) -> dict[str, Any]:
    sql = """
    SELECT i.sha256, i.outcome, i.reason, i.reason_code, i.reason_params, i.width, i.height, i.format,
           i.byte_size, i.storage, i.original, i.unified, i.unified_sha256,
           i.source_id, s.kind AS source_kind, s.location AS source_location, i.proposal, i.detector, i.margin,
           i.processing
    FROM images i JOIN sources s ON s.id = i.source_id WHERE i.sha256 = ?
    """
    return dict(next(iter(db.query(sql, [sha256]))))


def _face(row: tuple[Any, ...]) -> Face:
    box, crop = BoundingBox(*row[5:9]), CropBox(*row[10:15])
    points, quality = unpack_landmarks(row[9]), quality_of(row[20:])
    return Face(
        row[0], row[1], row[2], box, row[3], row[4], points, crop, quality, look=row[18], landmark_model=row[19]
    )
