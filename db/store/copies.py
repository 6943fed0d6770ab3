"""Finds and deletes the copies of the database below `backups` that still hold a photo which is to be erased."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from db.base.database_files import TEMPORARY
from pipeline.core.durable import flush
from pipeline.core.errors import StorageError
from pipeline.core.messages import os_message
from pipeline.core.system.listed import files_below
from pipeline.core.system.regular import read_regular


def copies_of(root: Path) -> list[Path]:
    """All backups, and folders with databases that a restore set aside, below the workspace's folder `backups`.

    With those that a killed process left unfinished there, or beside the database. Raises StorageError where the
    folder may not be listed: what lies there is not told from nothing.
    """
    folder = root / "backups"
    try:
        inside = [folder / name for name in os.listdir(folder)]
    except FileNotFoundError:
        inside = []
    except OSError as e:
        raise StorageError(os_message(e, "copies_unreadable", folder=folder)) from e
    return sorted([*inside, *root.glob(f"{TEMPORARY}*")])


def holding(copies: Sequence[Path], sha256: str, names: Sequence[str]) -> list[Path]:
    """The copies that hold the image or one of the file names `names`; a copy that cannot be read counts, too."""
    forms = {form.encode(errors="surrogateescape") for name in names for form in (name, json.dumps(name)[1:-1])}

    def holds(copy: Path) -> bool:
        if os.path.isdir(copy):
            return _has(copy, {*forms, sha256.encode()})
        return _has(copy, forms) or _has_image(copy, sha256)

    return [copy for copy in copies if holds(copy)]


def delete(copies: Sequence[Path]) -> None:
    """Delete these files and folders, durably. Raises StorageError that names the one that cannot be deleted."""
    for copy in copies:
        try:
            if os.path.isdir(copy) and not os.path.islink(copy):
                shutil.rmtree(copy)
            else:
                copy.unlink(missing_ok=True)
            flush(copy.parent)
        except OSError as e:
            raise StorageError(os_message(e, "undeletable", file=copy)) from e


def _has(copy: Path, words: set[bytes]) -> bool:
    """Whether a file, or one in a folder, may hold one of these bytes. A page's free space may, too."""
    try:
        for file in itertools.filterfalse(os.path.isdir, files_below(copy)) if os.path.isdir(copy) else [copy]:
            data = read_regular(file)
            if any(word in data for word in words):
                return True
    except OSError:
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
