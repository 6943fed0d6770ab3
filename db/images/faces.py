"""Faces: written by an ingest, drawn by a person, found again, moved, taken out. Decisions are not touched here."""

from __future__ import annotations

from typing import Final, Literal

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.base.messages import to_columns
from db.base.outcome_order import OUTCOME_RANKS
from db.duplicates.near_pairs import compare_again
from db.projection.face_state import refresh_face
from db.team import second_opinions
from pipeline.core.errors import IntegrityError
from pipeline.core.geometry import CropBox, LandmarkModel, Points
from pipeline.core.messages import message
from pipeline.core.metrics import METRICS, QualityMetrics
from pipeline.core.outcome import Outcome
from pipeline.core.records import Face

_DRAWN_REASON: Final = to_columns(message("face_drawn"))
_NAMES: Final = tuple(metric.name for metric in METRICS)
_PUT_QUALITY: Final = (
    f"INSERT INTO face_quality (seq, {', '.join(_NAMES)}) SELECT seq, {', '.join('?' * len(_NAMES))} FROM faces"
    f" WHERE id = ? ON CONFLICT (seq) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _NAMES)}"
)
_PLACE: Final = (
    "landmark_model = :landmark_model,"
    " rank = :rank, detector = :detector, look = :look, score = :score, x1 = :x1, y1 = :y1, x2 = :x2, y2 = :y2,"
    " landmarks = :landmarks, crop_x = :crop_x, crop_y = :crop_y, crop_width = :crop_width,"
    " crop_height = :crop_height, crop_angle = :crop_angle, crop_version = :crop_version"
)


def insert_face(db: Db, face: Face, crop_version: str, origin: str, at: str) -> None:
    """Write a face that is new; one whose id is there stays as it is. Inside a write.

    Two boxes that round to the same pixels have one id: they are one face, the first one stays.
    """
    values = _values(face, crop_version) | {"id": face.face_id, "sha256": face.image_sha256}
    values |= {"origin": origin, "created_at": at}
    columns = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    done = db.execute(f"INSERT INTO faces ({columns}) VALUES ({marks}) ON CONFLICT (id) DO NOTHING", values)
    if done.rowcount:
        put_quality(db, face.face_id, face.quality)
        _put_mesh(db, face)
        refresh_face(db, face.face_id)
        second_opinions.choose_new(db, face.face_id)


def record_face(db: Db, face: Face, crop_version: str, at: str) -> None:
    """Write a face as a reprocessing found it: a known one is moved (and is back where it was taken out)."""
    values = _values(face, crop_version) | {"id": face.face_id}
    if not db.execute(f"UPDATE faces SET {_PLACE}, removed_at = NULL WHERE id = :id", values).rowcount:
        insert_face(db, face, crop_version, "detector", at)
        return
    put_quality(db, face.face_id, face.quality)
    _put_mesh(db, face)
    refresh_face(db, face.face_id)


def remove_face(db: Db, face_id: str) -> None:
    """Take a face out: its row stays, so that the log's decisions on it keep their meaning. Inside a write."""
    db.execute("DELETE FROM face_state WHERE face_id = ?", [face_id])
    db.execute("DELETE FROM face_quality WHERE seq = (SELECT seq FROM faces WHERE id = ?)", [face_id])
    db.execute("UPDATE faces SET removed_at = ? WHERE id = ?", [now_iso(), face_id])


def add_face(db: Db, face: Face, crop_version: str, origin: Literal["detector", "drawn"] = "drawn") -> None:
    """Add one face to an image; where it is the first, `no_face` becomes `added`. Inside a write.

    A face that is there already gets the new landmarks and crop. Raises IntegrityError for an unknown image.
    """
    row = db.execute("SELECT outcome FROM images WHERE sha256 = ?", [face.image_sha256]).fetchone()
    if row is None:
        raise IntegrityError(message("image_unknown_ingest", image=face.image_sha256))
    if db.execute("SELECT 1 FROM faces WHERE id = ?", [face.face_id]).fetchone():
        db.execute("UPDATE faces SET removed_at = NULL WHERE id = ?", [face.face_id])
        replace_crop(db, face.face_id, face.crop, face.landmarks, crop_version, face.quality, face.landmark_model)
        refresh_face(db, face.face_id)
    else:
        insert_face(db, face, crop_version, origin, now_iso())
    if row[0] == Outcome.NO_FACE:
        compare_again(db, face.image_sha256)
        changed = "outcome = 'added', reason = :reason, reason_code = :code, reason_params = :params"
        row_is = "WHERE sha256 = :sha AND outcome = 'no_face'"
        params: dict[str, str | int] = dict(zip(("reason", "code", "params"), _DRAWN_REASON, strict=True))
        params |= {"sha": face.image_sha256, "rank": OUTCOME_RANKS.index(Outcome.ADDED)}
        db.execute(f"UPDATE images SET {changed} {row_is}", params)
        db.execute(f"UPDATE sightings SET {changed}, outcome_rank = :rank {row_is}", params)


def replace_crop(
    db: Db,
    face_id: str,
    crop: CropBox,
    landmarks: Points | None,
    crop_version: str,
    quality: QualityMetrics | None = None,
    model: LandmarkModel | None = None,
) -> None:
    """Move a face's crop (its landmarks, the model that placed them and its metrics too, where given). Inside a write;
    decisions stay.

    Raises IntegrityError.
    """
    cursor = db.execute(
        "UPDATE faces SET crop_x = ?, crop_y = ?, crop_width = ?, crop_height = ?, crop_angle = ?, crop_version = ?,"
        " landmarks = ifnull(?, landmarks), landmark_model = ifnull(?, landmark_model) WHERE id = ?",
        [crop.x, crop.y, crop.width, crop.height, crop.angle, crop_version, _pack(landmarks), model, face_id],
    )
    if cursor.rowcount == 0:
        raise IntegrityError(message("face_unknown", face=face_id))
    put_quality(db, face_id, quality)


def put_quality(db: Db, face_id: str, quality: QualityMetrics | None) -> None:
    """Write a face's metrics; None leaves those that are there. Inside a write."""
    if quality is not None:
        stored = [metric.to_stored(getattr(quality, metric.name)) for metric in METRICS]
        db.execute(_PUT_QUALITY, [*stored, face_id])


def _put_mesh(db: Db, face: Face) -> None:
    """None leaves what is there: it goes by itself when the landmarks move."""
    if face.mesh is not None:
        sql = "INSERT OR REPLACE INTO face_meshes (face_id, data) VALUES (?, ?)"
        db.execute(sql, [face.face_id, face.mesh.astype("<f4").tobytes()])


def _values(face: Face, crop_version: str) -> dict[str, object]:
    box, crop = face.box, face.crop
    return {
        "landmark_model": face.landmark_model,
        "rank": face.rank, "detector": face.detector, "look": face.look, "score": face.score,
        "x1": box.x1, "y1": box.y1, "x2": box.x2, "y2": box.y2, "landmarks": _pack(face.landmarks),
        "crop_x": crop.x, "crop_y": crop.y, "crop_width": crop.width, "crop_height": crop.height,
        "crop_angle": crop.angle, "crop_version": crop_version,
    }  # fmt: skip


def _pack(landmarks: Points | None) -> bytes | None:
    """(68, 2) points as 544 bytes, float32 little endian."""
    return None if landmarks is None else landmarks.astype("<f4").tobytes()
