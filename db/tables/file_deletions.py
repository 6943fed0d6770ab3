"""The workspace's files that go once the rows that named them are gone: listed in the same transaction."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Final

from sqlite_utils.db import Database as Db

_NAME: Final = re.compile(r"(?:originals|images|crops|thumbs)/[0-9a-f]{2}/(?:[0-9a-f]{32}|[0-9a-f]{64})\.[a-z0-9]{1,5}")
"""Whatever a database says, nothing else is ever deleted."""
_LISTED: Final = "(SELECT value FROM json_each(?))"


_NAMING: Final = {
    "crops": "SELECT 1 FROM faces WHERE id = :id AND removed_at IS NULL",
    "originals": "SELECT 1 FROM images WHERE sha256 = :id AND storage = 'stored' AND original = :path",
    "images": "SELECT 1 FROM images WHERE sha256 = :id AND unified = 1",
    "thumbs": "SELECT 1 FROM images WHERE sha256 = :id",
}
"""By kind of file: finds the row that names one."""


def crop_file(face_id: str) -> str:
    """The file of a face's crop, relative to the workspace."""
    return f"crops/{face_id[:2]}/{face_id}.png"


def add(db: Db, paths: Iterable[str]) -> None:
    """List files, by names relative to the workspace, to be deleted after the commit. Inside a write."""
    db.conn.executemany("INSERT INTO files_to_delete VALUES (?) ON CONFLICT DO NOTHING", [(path,) for path in paths])


def listed(db: Db, after: str = "", most: int = -1) -> list[str]:
    """At most `most` of the files that are to go, in the order of their names behind `after`."""
    rows = db.execute("SELECT path FROM files_to_delete WHERE path > ? ORDER BY path LIMIT ?", [after, most])
    return [path for (path,) in rows]


def unnamed(db: Db, paths: Sequence[str]) -> list[str]:
    """Those of the files that bear a name of Moue's and that no row names: a photo that is back keeps its files."""
    return [path for path in paths if _NAME.fullmatch(path) and not _is_named(db, path)]


def named(db: Db, paths: Sequence[str]) -> set[str]:
    """Those of the files that a row names; also crops of faces that were taken out, which an older Moue left."""
    return {path for path in paths if _NAME.fullmatch(path) and (_is_named(db, path) or _was_named(db, path))}


def forget(db: Db, paths: Sequence[str]) -> None:
    """Take files off the list. Inside a write."""
    db.execute("PRAGMA secure_delete = ON")  # the names hold the hash of a photo that may have been erased
    db.execute(f"DELETE FROM files_to_delete WHERE path IN {_LISTED}", [json.dumps(list(paths))])


def _is_named(db: Db, path: str) -> bool:
    kind, _, name = path.split("/")
    return db.execute(_NAMING[kind], {"id": name.partition(".")[0], "path": path}).fetchone() is not None


def _was_named(db: Db, path: str) -> bool:
    kind, _, name = path.split("/")
    sql = "SELECT 1 FROM faces WHERE id = ?"
    return kind == "crops" and db.execute(sql, [name.partition(".")[0]]).fetchone() is not None
