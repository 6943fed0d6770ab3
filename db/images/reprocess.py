"""Reprocessing: which images are pending, and what replaces their faces. Decisions stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.base.messages import from_columns, to_columns
from db.base.outcome_order import OUTCOME_RANKS
from db.duplicates.near_pairs import compare_again, put_hashes
from db.images.faces import record_face, remove_face
from db.reads.details import image_info
from db.schema.kept_results import kept
from db.tables import file_deletions
from pipeline.core.messages import Message, message
from pipeline.core.outcome import Outcome
from pipeline.core.records import Face, StoredOutcome

_STORED: Final = "('added', 'no_face')"
_ODD_FILES: Final = ("faces_end_cut_off", "faces_in_frame", "faces_in_page")
"""Reasons that say beside the number of faces what is odd about their file."""


@dataclass(frozen=True, slots=True)
class Processed:
    """Images that were processed alike. processing: `Settings.processing`, empty where an older Moue did it."""

    processing: str
    detector: str | None
    margin: float | None
    images: int


@dataclass(frozen=True, slots=True, eq=False)
class PendingFace:
    """A face as it is now. pinned: it was drawn, or somebody decided on it."""

    face: Face
    crop_version: str
    pinned: bool


@dataclass(frozen=True, slots=True, eq=False)
class PendingImage:
    """An image to be reprocessed. original: absolute where `referenced`, else workspace-relative."""

    sha256: str
    storage: Literal["referenced", "stored"]
    original: str
    byte_size: int
    width: int
    height: int
    faces: tuple[PendingFace, ...]

    @property
    def seen(self) -> dict[str, str]:
        return {one.face.face_id: one.crop_version for one in self.faces}


def processed(db: Db) -> list[Processed]:
    """How the stored images were processed, the commonest way first."""
    return list(kept(db, _processed, "images"))


def _processed(db: Db) -> tuple[Processed, ...]:
    sql = """
    SELECT processing, detector, margin, count(*) AS n FROM images
    GROUP BY processing, detector, margin ORDER BY n DESC, processing
    """
    return tuple(Processed(*row) for row in db.execute(sql))


def pending(db: Db, done_as: Processed, after: str, size: int) -> list[PendingImage]:
    """At most `size` images that were processed as `done_as`, in the order of their hashes behind `after`."""
    rows = db.execute(
        "SELECT sha256 FROM images WHERE processing = ? AND detector IS ? AND margin IS ? AND sha256 > ?"
        " ORDER BY sha256 LIMIT ?",
        [done_as.processing, done_as.detector, done_as.margin, after, size],
    ).fetchall()
    return [image for (sha256,) in rows if (image := pending_image(db, sha256)) is not None]


def pending_image(db: Db, sha256: str) -> PendingImage | None:
    """One image with its faces as they are now, None where it is gone."""
    info = image_info(db, sha256)
    if info is None:
        return None
    pinned = {
        face_id
        for (face_id,) in db.execute(
            "SELECT f.id FROM faces f JOIN face_state s ON s.face_id = f.id"
            " WHERE f.sha256 = ? AND (f.origin = 'drawn' OR s.n_decisions > 0)",
            [sha256],
        )
    }
    faces = tuple(
        PendingFace(face, version, face.face_id in pinned)
        for face, version in zip(info.faces, info.crop_versions, strict=True)
    )
    return PendingImage(
        sha256,
        "stored" if info.storage == "stored" else "referenced",
        info.original,
        info.byte_size,
        info.width,
        info.height,
        faces,
    )


def replace_faces(db: Db, stored: StoredOutcome, seen: dict[str, str]) -> bool:
    """Replace the faces of an image by those of its reprocessing; False, and nothing done, where it changed meanwhile.

    seen: face id -> crop version when the reprocessing began (`PendingImage.seen`).
    A face that was decided on meanwhile stays; the crops of those that go are listed to be deleted. Inside a write.
    """
    outcome = stored.outcome
    sha256 = outcome.sha256 or ""
    now = pending_image(db, sha256)
    if now is None or now.seen != seen:
        return False
    wanted = {face.face_id for face in outcome.faces}
    for face_now in now.faces:
        if face_now.face.face_id not in wanted and not face_now.pinned:
            remove_face(db, face_now.face.face_id)
            file_deletions.add(db, [file_deletions.crop_file(face_now.face.face_id)])
    at = now_iso()
    for face, version in zip(outcome.faces, stored.crop_versions, strict=True):
        record_face(db, face, version, at)
    if outcome.hashes is not None:
        put_hashes(db, [(sha256, outcome.hashes)])
    if outcome.faces and not now.faces:
        compare_again(db, sha256)
    _rename_outcome(db, stored, sha256)
    return True


def _rename_outcome(db: Db, stored: StoredOutcome, sha256: str) -> None:
    """The image's outcome and how it was processed, in its row and in those of its files."""
    (faces,) = db.execute("SELECT count(*) FROM faces WHERE sha256 = ? AND removed_at IS NULL", [sha256]).fetchone()
    final = Outcome.ADDED if faces else Outcome.NO_FACE
    reason = to_columns(_found(db, faces, stored, sha256) if faces else stored.outcome.reason)
    db.execute(
        "UPDATE images SET outcome = ?, reason = ?, reason_code = ?, reason_params = ?, detector = ?, margin = ?,"
        " processing = ?, unified_sha256 = iif(unified, ifnull(?, unified_sha256), NULL) WHERE sha256 = ?",
        [str(final), *reason, stored.detector, stored.margin, stored.processing, stored.unified_sha256, sha256],
    )
    db.execute(
        "UPDATE sightings SET outcome = ?, outcome_rank = ?, reason = ?, reason_code = ?, reason_params = ?"
        f" WHERE sha256 = ? AND outcome IN {_STORED}",
        [str(final), OUTCOME_RANKS.index(final), *reason, sha256],
    )


def _found(db: Db, faces: int, stored: StoredOutcome, sha256: str) -> Message:
    """How many faces there are, with what is odd about the file: told by this reading of it, or where that found no
    face by the one before."""
    odd = stored.outcome.reason
    if not stored.outcome.faces:
        row = db.execute("SELECT reason, reason_code, reason_params FROM images WHERE sha256 = ?", [sha256]).fetchone()
        odd = from_columns(*row)
    if odd.code in _ODD_FILES:
        return message(odd.code, **{**odd.params, "n": faces})
    return message("face_found") if faces == 1 else message("faces_found", n=faces)
