"""Take one person's photo out of the workspace for good.

The decision log stays whole: its rows name a face and an image by hashes alone, and the chain would break without
them. What is personal goes: the image, its faces with their landmarks and crops, the names of its files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlite_utils.db import Database as Db

from db.duplicates import near_pairs
from db.people.persons import forget_unseen
from db.projection import columns, suggestions
from db.reads import import_doubts
from db.tables import audit, file_deletions
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
    files = [file_deletions.crop_file(face_id) for face_id in faces]
    files += [f"{kind}/{sha256[:2]}/{sha256}.jpg" for kind in ("images", "thumbs")]
    if row[0] == "stored":
        files.append(row[1])
        outside: tuple[str, ...] = ()
    else:
        locations = db.execute("SELECT location FROM sightings WHERE sha256 = ? ORDER BY id", [sha256])
        outside = tuple(dict.fromkeys([row[1], *(location for (location,) in locations)]))
    (decisions,) = db.execute("SELECT count(*) FROM decisions WHERE sha256 = ?", [sha256]).fetchone()
    return ErasePlan(sha256, tuple(files), outside, len(faces), decisions)


def erase(db: Db, sha256: str, *, by: str = audit.COMMAND_LINE) -> ErasePlan:
    """Remove the image's rows, a source that nothing else is of, and its names in jobs; their bytes on the disk are
    overwritten. Inside a write. Raises UsageError.

    The plan's files are listed to be deleted after the commit (`db.store.deletions`). Backups made earlier and releases
    still hold what they held.
    """
    names = names_of(db, sha256)
    sources = [row[0] for row in db.execute("SELECT DISTINCT source_id FROM sightings WHERE sha256 = ?", [sha256])]
    forget_suggestions(db, [sha256])
    plan = erase_rows(db, sha256)
    listed = "(SELECT value FROM json_each(?))"
    empty = "NOT EXISTS (SELECT 1 FROM {0} x WHERE x.source_id = sources.id)"
    db.execute(
        f"DELETE FROM sources WHERE id IN {listed} AND {empty.format('sightings')} AND {empty.format('images')}",
        [json.dumps(sources)],
    )
    forget_unseen(db)
    import_doubts.forget_image(db, sha256, names)
    _forget_names(db, names)
    columns.compact(db)  # the quality metrics go from there, too
    told = {"image": digest_of(sha256), "faces": plan.faces, "decisions": plan.decisions}
    audit.append(db, by, "erase", told)
    return plan


def erase_rows(db: Db, sha256: str) -> ErasePlan:
    """`erase`, but for what stands in blocks: for many images, one `forget_suggestions` before and one
    `columns.compact` behind them."""
    plan = plan_erase(db, sha256)
    db.execute("PRAGMA secure_delete = ON")
    near_pairs.forget(db, [sha256])
    db.execute("DELETE FROM face_state WHERE face_id IN (SELECT id FROM faces WHERE sha256 = ?)", [sha256])
    db.execute("DELETE FROM face_quality WHERE seq IN (SELECT seq FROM faces WHERE sha256 = ?)", [sha256])
    for table in ("faces", "sightings", "images"):
        db.execute(f"DELETE FROM {table} WHERE sha256 = ?", [sha256])
    file_deletions.add(db, plan.files)
    return plan


def forget_suggestions(db: Db, images: Sequence[str]) -> None:
    """Overwrite what any model suggested for the faces of these images, while their rows are there. Inside a write."""
    db.execute("PRAGMA secure_delete = ON")
    sql = "SELECT f.seq FROM json_each(?) j CROSS JOIN faces f ON f.sha256 = j.value"
    suggestions.clear(db, [seq for (seq,) in db.execute(sql, [json.dumps(list(images))])])


def digest_of(sha256: str) -> str:
    """How the audit names an erased image: whoever has the photo can tell that it was this one, and nobody else."""
    return hashlib.sha256(sha256.encode()).hexdigest()


PLACES: Final = {"jobs": ("params", "counts", "error", "error_params")}
"""Where else a photo's name may stand, as text or in JSON; what belongs to the image goes with its rows."""
ERASED: Final = "(erased)"


def names_of(db: Db, sha256: str) -> list[str]:
    """Where the image's bytes lay: the locations of its files, and its original."""
    sql = "SELECT location FROM sightings WHERE sha256 = ?1 UNION SELECT original FROM images WHERE sha256 = ?1"
    return [name for (name,) in db.execute(sql, [sha256]) if name]


def _forget_names(db: Db, names: Sequence[str]) -> None:
    """Write ERASED for the names of a photo's files wherever jobs keep them. Inside a write."""
    for table, columns_of in PLACES.items():
        for column in columns_of:
            for name in sorted(filter(None, names), key=len, reverse=True):
                quoted = json.dumps(name)[1:-1], json.dumps(name, ensure_ascii=False)[1:-1]
                for form in dict.fromkeys((*quoted, name)):
                    db.execute(
                        f"UPDATE {table} SET {column} = replace({column}, ?1, ?2) WHERE instr({column}, ?1) > 0",
                        [form, ERASED],
                    )
