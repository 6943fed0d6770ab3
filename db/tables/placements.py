"""Which split each image got in the releases of a line: a release leaves placed images where they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from sqlite_utils.db import Database as Db

_OF_LINE: Final = """
SELECT sha256, split, max(since) FROM placements WHERE line = ? AND since <= ? GROUP BY sha256
"""
_NEWEST: Final = 2**63 - 1


def placements_of(db: Db, line: str, release_id: int | None = None) -> dict[str, str]:
    """Image (SHA-256) to split, by image; release_id: as that release of the line left them, None for as they are."""
    rows = db.execute(_OF_LINE, [line, _NEWEST if release_id is None else release_id])
    return {sha: split for sha, split, _ in rows}


def remember(db: Db, line: str, splits: Mapping[str, str], release_id: int) -> None:
    """Note where a release put images: those that are new to the line or moved. Inside the write that adds it."""
    db.conn.executemany(
        "INSERT INTO placements (line, sha256, since, split) SELECT ?, sha256, ?, ? FROM images WHERE sha256 = ?"
        " ON CONFLICT DO UPDATE SET split = excluded.split",
        [(line, release_id, split, sha) for sha, split in sorted(splits.items())],
    )


def adopt(db: Db, line: str, splits: Mapping[str, str]) -> int:
    """Place images as something else than a release says (a data set that was imported), where the line has not placed
    them yet; how many were. They hold for the next release on. Inside a write."""
    known = placements_of(db, line)
    asked = json.dumps([sha for sha in splits if sha not in known])
    rows = db.execute("SELECT sha256 FROM images WHERE sha256 IN (SELECT value FROM json_each(?))", [asked])
    fresh = {sha: splits[sha] for (sha,) in rows.fetchall()}
    (newest,) = db.execute("SELECT ifnull(max(id), 0) FROM releases").fetchone()
    remember(db, line, fresh, int(newest) + 1)
    return len(fresh)
