"""The copies of the database below `backups`, and which of them hold a photo that is to be erased."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from pipeline.core.durable import flush
from pipeline.core.errors import StorageError
from pipeline.core.messages import message


def copies_of(root: Path) -> list[Path]:
    """Backups and databases that a restore set aside, below the workspace's folder `backups`: files, folders."""
    return sorted(path for path in (root / "backups").glob("*") if not path.name.startswith("."))


def holding(copies: Sequence[Path], sha256: str, names: Sequence[str]) -> list[Path]:
    """Those of the copies that have the image, or one of these names of its files; also those that cannot be read."""
    forms = {form.encode(errors="surrogateescape") for name in names for form in (name, json.dumps(name)[1:-1])}
    return [
        copy
        for copy in copies
        if (_has(copy, {*forms, sha256.encode()}) if copy.is_dir() else _has(copy, forms) or _has_image(copy, sha256))
    ]


def delete(copies: Sequence[Path]) -> None:
    """Delete copies, durably. Raises StorageError, naming the one that cannot be deleted."""
    for copy in copies:
        try:
            if copy.is_dir() and not copy.is_symlink():
                shutil.rmtree(copy)
            else:
                copy.unlink(missing_ok=True)
            flush(copy.parent)
        except OSError as e:
            raise StorageError(message("undeletable", file=copy, why=e.strerror or e)) from e


def _has(copy: Path, words: set[bytes]) -> bool:
    """Whether a file, or one in a folder, holds one of these bytes. A page's free space may hold them."""
    for folder, _, files in os.walk(copy) if copy.is_dir() else [(str(copy.parent), [], [copy.name])]:
        for name in files:
            data = (Path(folder) / name).read_bytes()
            if any(word in data for word in words):
                return True
    return False


def _has_image(copy: Path, sha256: str) -> bool:
    """Asked of its rows: in the log of decisions the hash stays for good."""
    try:
        with closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as conn:
            sql = "SELECT 1 FROM images WHERE sha256 = ?1 UNION ALL SELECT 1 FROM sightings WHERE sha256 = ?1"
            return conn.execute(sql, [sha256]).fetchone() is not None
    except sqlite3.Error:
        return True
