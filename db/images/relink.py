"""A source's folder moved, or is not wanted any more."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from sqlite_utils.db import Database as Db

from db.base.paths import to_text
from db.duplicates import near_pairs
from db.images.erase import erase_rows, forget_suggestions
from db.people.persons import forget_unseen
from db.projection import columns
from db.tables import audit
from pipeline.core.errors import UsageError
from pipeline.core.messages import message

_ON_DISK: Final = ("folder", "file", "zip")


def relink(db: Db, source_id: int, location: str, *, by: str = audit.COMMAND_LINE) -> int:
    """Record where a folder, file or zip lies now; returns how many images are looked for there from now on.

    location: absolute path. Inside a write. Raises UsageError for an unknown source, one that lies in the workspace
    itself, or the location of another source.
    """
    kind, old = _source(db, source_id)
    new = to_text(location)
    if kind not in _ON_DISK:
        raise UsageError(message("source_in_workspace", kind=kind))
    if db.execute(
        "SELECT 1 FROM sources WHERE kind = ? AND location = ? AND id <> ?", [kind, new, source_id]
    ).fetchone():
        raise UsageError(message("source_place_taken", place=location))
    db.execute("UPDATE sources SET location = ? WHERE id = ?", [new, source_id])
    tail = "substr({0}, length(:old) + 1)"
    under = "({0} = :old OR substr({0}, 1, length(:old) + 1) IN (:old || '/', :old || '!'))"
    names = {"old": old.rstrip("/"), "new": new.rstrip("/"), "source": source_id}
    for table in ("sightings", "taken_apart"):
        # A place is unique at every moment, and the new one of a file may be another's old one (a folder that went
        # into its own subfolder): all leave first, to where nobody is.
        db.execute(
            f"UPDATE {table} SET location = char(1) || {tail.format('location')}"
            f" WHERE source_id = :source AND {under.format('location')}",
            names,
        )
        db.execute(
            f"UPDATE {table} SET location = :new || substr(location, 2)"
            " WHERE source_id = :source AND substr(location, 1, 1) = char(1)",
            names,
        )
    moved = db.execute(
        f"UPDATE images SET original = :new || {tail.format('original')}"
        f" WHERE source_id = :source AND storage = 'referenced' AND {under.format('original')}",
        names,
    ).rowcount
    audit.append(db, by, "source_moved", {"source": source_id, "kind": kind, "images": moved})  # where to: not said
    return moved


def images_of(db: Db, source_id: int) -> list[str]:
    """The hashes of a source's images, as their faces came: neighbours lie in the same blocks of columns."""
    first = "(SELECT min(seq) FROM faces f WHERE f.sha256 = i.sha256)"
    sql = f"SELECT sha256 FROM images i WHERE source_id = ? ORDER BY {first}"
    return [sha256 for (sha256,) in db.execute(sql, [source_id])]


def remove_images(db: Db, source_id: int, images: Sequence[str]) -> tuple[list[str], int]:
    """Take some images out of a source, as `remove_source` does with all that are left. Inside a write.

    For sources of many images: all else waits while one write lasts. Who stops behind it finds a source with fewer
    images. Returns the workspace's files, and how many images went.
    """
    listed = json.dumps(list(images))
    sql = "SELECT i.sha256 FROM json_each(?) j CROSS JOIN images i ON i.sha256 = j.value WHERE i.source_id = ?"
    others = {sha256: _other(db, sha256, source_id) for (sha256,) in db.execute(sql, [listed, source_id]).fetchall()}
    going = [sha256 for sha256, other in others.items() if other is None]
    near_pairs.forget(db, going)
    forget_suggestions(db, going)
    files: list[str] = []
    for sha256, other in others.items():
        if other is None:
            files += erase_rows(db, sha256).files
        else:
            _hand_over(db, sha256, *other)
    return files, len(going)


def remove_source(db: Db, source_id: int, *, by: str = audit.COMMAND_LINE, gone: int = 0) -> list[str]:
    """Take a source out: its images go unless another source has them too. The files outside are not touched.

    Inside a write. gone: images that `remove_images` took out before. Returns the workspace's files, which are listed
    to be deleted after the commit; the decisions stay in the log.
    Raises UsageError for an unknown source.
    """
    kind, _ = _source(db, source_id)
    files, going = remove_images(db, source_id, images_of(db, source_id))
    columns.compact(db)
    db.execute("DELETE FROM sightings WHERE source_id = ?", [source_id])
    forget_unseen(db)
    db.execute("DELETE FROM sources WHERE id = ?", [source_id])
    audit.append(db, by, "source_removed", {"source": source_id, "kind": kind, "images": gone + going})
    return files


def _other(db: Db, sha256: str, source_id: int) -> tuple[int, str | None] | None:
    """Another source that has the image, and the file that it has it in."""
    found: tuple[int, str | None] | None = db.execute(
        "SELECT g.source_id, iif(s.kind IN ('folder', 'file'), g.location, NULL) FROM sightings g"
        " JOIN sources s ON s.id = g.source_id WHERE g.sha256 = ? AND g.source_id <> ?"
        " ORDER BY s.kind IN ('folder', 'file') DESC, g.id LIMIT 1",
        [sha256, source_id],
    ).fetchone()
    return found


def _hand_over(db: Db, sha256: str, source_id: int, location: str | None) -> None:
    """The image now counts as the other source's; a referenced original is looked for there, where there is a file."""
    db.execute(
        "UPDATE images SET source_id = :source, original = iif(storage = 'referenced', ifnull(:at, original), original)"
        " WHERE sha256 = :sha",
        {"source": source_id, "at": location, "sha": sha256},
    )
    db.execute(
        "UPDATE sightings SET outcome = i.outcome, reason = i.reason, reason_code = i.reason_code,"
        " reason_params = i.reason_params,"
        " outcome_rank = CASE i.outcome WHEN 'no_face' THEN 0 ELSE 6 END"
        " FROM (SELECT outcome, reason, reason_code, reason_params FROM images WHERE sha256 = :sha) AS i"
        " WHERE id = (SELECT id FROM sightings WHERE sha256 = :sha AND source_id = :source ORDER BY id LIMIT 1)",
        {"source": source_id, "sha": sha256},
    )
    db.execute(
        "UPDATE face_state SET source_id = ? WHERE face_id IN (SELECT id FROM faces WHERE sha256 = ?)",
        [source_id, sha256],
    )


def _source(db: Db, source_id: int) -> tuple[str, str]:
    row = db.execute("SELECT kind, location FROM sources WHERE id = ?", [source_id]).fetchone()
    if row is None:
        raise UsageError(message("source_unknown", n=source_id))
    return row[0], row[1]
