"""Videos and animations that were decoded to their end, and the frames that they gave."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlite_utils.db import Database as Db

from db.base.paths import to_text

Part = tuple[str, int]
"""What stands behind the name of the file in the frame's location, and the frame's size in bytes."""


def read(db: Db, source_id: int, location: str, size: int, mtime_ns: int, how: str) -> list[Part] | None:
    """The frames of this very file, None where it was not decoded to its end or has changed."""
    sql = "SELECT size, mtime_ns, parts FROM taken_apart WHERE source_id = ? AND location = ? AND how = ?"
    row = db.execute(sql, [source_id, to_text(location), how]).fetchone()
    if row is None or (row[0], row[1]) != (size, mtime_ns):
        return None
    return [(mark, part_size) for mark, part_size in json.loads(row[2])]


def put(db: Db, source_id: int, location: str, size: int, mtime_ns: int, how: str, parts: Sequence[Part]) -> None:
    """Note the frames of a file. Inside a write."""
    values = [source_id, to_text(location), how, size, mtime_ns, json.dumps(parts)]
    db.execute("INSERT OR REPLACE INTO taken_apart VALUES (?, ?, ?, ?, ?, ?)", values)
