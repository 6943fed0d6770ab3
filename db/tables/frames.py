"""Videos and animations that were decoded to their end, and the frames that they gave; frames that came as photos."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from sqlite_utils.db import Database as Db

from db.base.paths import to_text

ExtractedFrame = tuple[str, int]
"""The suffix that the frame's location adds to the file's, such as `@1.000s`, and the frame's size in bytes."""


def extracted_frames(
    db: Db, source_id: int, location: str, size: int, mtime_ns: int, options_key: str
) -> list[ExtractedFrame] | None:
    """The frames of this very file; None where it was not decoded to its end with these options, or has changed.

    size: bytes; mtime_ns: nanoseconds since 1970. options_key: names which frames were asked for.
    """
    sql = "SELECT size, mtime_ns, parts FROM taken_apart WHERE source_id = ? AND location = ? AND how = ?"
    row = db.execute(sql, [source_id, to_text(location), options_key]).fetchone()
    if row is None or (row[0], row[1]) != (size, mtime_ns):
        return None
    return [(suffix, frame_size) for suffix, frame_size in json.loads(row[2])]


def put_extracted_frames(
    db: Db,
    source_id: int,
    location: str,
    size: int,
    mtime_ns: int,
    options_key: str,
    frames: Sequence[ExtractedFrame],
) -> None:
    """Note the frames of a file. Inside a write."""
    values = [source_id, to_text(location), options_key, size, mtime_ns, json.dumps(frames)]
    db.execute("INSERT OR REPLACE INTO taken_apart VALUES (?, ?, ?, ?, ?, ?)", values)


def tell_together(db: Db, place: str, told: Mapping[str, Iterable[str]]) -> None:
    """Note which images a data set says are of one thing, as frames of one video are: no split parts them. Inside a
    write.

    place: of the data set, which names its things for itself. told: SHA-256 of images by the thing's name; what is no
    image here is passed over, and so is a thing of which only one is.
    """
    asked = {name: known for name, hashes in told.items() if len(known := set(hashes)) > 1}
    sql = "SELECT j.value FROM json_each(?) j CROSS JOIN images i ON i.sha256 = j.value"
    here = {sha for (sha,) in db.execute(sql, [json.dumps(sorted(set[str]().union(*asked.values())))])}
    rows = [
        (_digest(place, name), sha) for name, hashes in asked.items() if len(hashes & here) > 1 for sha in hashes & here
    ]
    db.conn.executemany("INSERT INTO told_together VALUES (?, ?) ON CONFLICT DO NOTHING", sorted(rows))


def _digest(place: str, name: str) -> str:
    return hashlib.sha256(f"{place}\n{name}".encode("utf-8", "surrogatepass")).hexdigest()
