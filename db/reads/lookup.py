"""Small look-ups by id."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlite_utils.db import Database as Db

from db.base.paths import to_path


@dataclass(frozen=True, slots=True)
class StoredFiles:
    """The files that one image should have. faces: (face id, crop version) of each face not removed."""

    sha256: str
    storage: str
    original: str
    unified: bool
    unified_sha256: str | None
    faces: tuple[tuple[str, str], ...]


def faces_of_image(db: Db, sha256: str) -> list[str]:
    """The ids of an image's faces, largest first; empty where the image is unknown."""
    sql = "SELECT id FROM faces WHERE sha256 = ? AND removed_at IS NULL ORDER BY rank, seq"
    return [row[0] for row in db.execute(sql, [sha256])]


def image_of_face(db: Db, face_id: str) -> str | None:
    """The SHA-256 of the image that a face is in."""
    row = db.execute("SELECT sha256 FROM faces WHERE id = ? AND removed_at IS NULL", [face_id]).fetchone()
    return row[0] if row else None


def seqs_of_faces(db: Db, face_ids: Iterable[str]) -> dict[str, int]:
    """The number under which columns and blocks know each of these faces; unknown ones are left out."""
    sql = """SELECT f.id, f.seq FROM json_each(?) j CROSS JOIN faces f ON f.id = j.value WHERE f.removed_at IS NULL"""
    return dict(db.execute(sql, [json.dumps(list(face_ids))]).fetchall())


def faces_of_images(db: Db, hashes: Iterable[str]) -> dict[str, list[str]]:
    """`faces_of_image` of many; images without a face are left out."""
    sql = """SELECT f.sha256, f.id FROM json_each(?) j CROSS JOIN faces f ON f.sha256 = j.value
    WHERE f.removed_at IS NULL ORDER BY f.rank, f.seq"""
    found: dict[str, list[str]] = {}
    for sha256, face_id in db.execute(sql, [json.dumps(sorted(set(hashes)))]):
        found.setdefault(sha256, []).append(face_id)
    return found


def stored_files(db: Db) -> Iterator[StoredFiles]:
    """What every image should have on the disk, in the order of the hashes."""
    faces: dict[str, list[tuple[str, str]]] = {}
    for sha256, face_id, version in db.execute(
        "SELECT sha256, id, crop_version FROM faces WHERE removed_at IS NULL ORDER BY sha256, seq"
    ):
        faces.setdefault(sha256, []).append((face_id, version))
    for sha256, storage, original, unified, unified_sha256 in db.execute(
        "SELECT sha256, storage, original, unified, unified_sha256 FROM images ORDER BY sha256"
    ):
        found = tuple(faces.get(sha256, ()))
        yield StoredFiles(sha256, storage, to_path(original), bool(unified), unified_sha256, found)


def image_ids(db: Db, after: str = "", size: int = 1000) -> list[str]:
    """Hashes of the stored images in order, `size` at a time behind `after`: for a walk over all of them."""
    rows = db.execute("SELECT sha256 FROM images WHERE sha256 > ? ORDER BY sha256 LIMIT ?", [after, size])
    return [sha256 for (sha256,) in rows]


def faces_of_seqs(db: Db, seqs: Sequence[int]) -> list[tuple[int, str, str]]:
    """(seq, id, version of its crop) of those of these faces that are listed."""
    sql = (
        "SELECT t.seq, t.face_id, f.crop_version FROM json_each(?) j CROSS JOIN face_state t ON t.seq = j.value"
        " JOIN faces f ON f.seq = t.seq"
    )
    return [(row[0], row[1], row[2]) for row in db.execute(sql, [json.dumps(list(seqs))])]
