"""Take one person's photo out of the workspace for good.

The decision log stays whole: its rows name a face and an image by hashes alone, and the chain would break without
them. What is personal goes: the image, its faces with their landmarks and crops, the names of its files.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils.db import Database as Db

from db.duplicates import near_pairs
from db.projection import columns
from pipeline.core.errors import UsageError
from pipeline.core.messages import message


@dataclass(frozen=True, slots=True)
class ErasePlan:
    """What erasing an image means.

    files: to delete, relative to the workspace; some may not exist. outside: originals that are only referenced and
    stay where they are. decisions: rows of the log that stay, and name the image by its hash alone.
    """

    sha256: str
    files: tuple[str, ...]
    outside: tuple[str, ...]
    faces: int
    decisions: int


def plan_erase(db: Db, sha256: str) -> ErasePlan:
    """What `erase` will do. Raises UsageError for an unknown image."""
    row = db.execute("SELECT storage, original FROM images WHERE sha256 = ?", [sha256]).fetchone()
    if row is None:
        raise UsageError(message("image_unknown", image=sha256))
    faces = [face_id for (face_id,) in db.execute("SELECT id FROM faces WHERE sha256 = ? ORDER BY seq", [sha256])]
    files = [f"crops/{face_id[:2]}/{face_id}.png" for face_id in faces]
    files += [f"{kind}/{sha256[:2]}/{sha256}.jpg" for kind in ("images", "thumbs")]
    if row[0] == "stored":
        files.append(row[1])
        outside: tuple[str, ...] = ()
    else:
        locations = db.execute("SELECT location FROM sightings WHERE sha256 = ? ORDER BY id", [sha256])
        outside = tuple(dict.fromkeys([row[1], *(location for (location,) in locations)]))
    (decisions,) = db.execute("SELECT count(*) FROM decisions WHERE sha256 = ?", [sha256]).fetchone()
    return ErasePlan(sha256, tuple(files), outside, len(faces), decisions)


def erase(db: Db, sha256: str) -> ErasePlan:
    """Remove the image's rows; the bytes they had on the disk are overwritten. Inside a write. Raises UsageError.

    Delete the plan's files first: while the rows are there, an interrupted erase can be done again. Backups made
    earlier and releases still hold what they held.
    """
    plan = erase_rows(db, sha256)
    columns.compact(db)  # the quality metrics go from there, too
    return plan


def erase_rows(db: Db, sha256: str) -> ErasePlan:
    """`erase`, but for the columns: for many images, and one `columns.compact` behind them."""
    plan = plan_erase(db, sha256)
    db.execute("PRAGMA secure_delete = ON")
    near_pairs.forget(db, [sha256])
    db.execute("DELETE FROM face_state WHERE face_id IN (SELECT id FROM faces WHERE sha256 = ?)", [sha256])
    db.execute("DELETE FROM face_quality WHERE seq IN (SELECT seq FROM faces WHERE sha256 = ?)", [sha256])
    for table in ("faces", "sightings", "images"):
        db.execute(f"DELETE FROM {table} WHERE sha256 = ?", [sha256])
    return plan
