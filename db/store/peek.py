"""A look into a database that this process has not opened: nothing is migrated, locked for long, or written."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from sqlite_utils.db import Database as Db

from db.store.locks import InUse
from db.store.readers import open_read_only
from db.store.store import DATABASE_NAME
from pipeline.core.errors import StorageError

T = TypeVar("T")


def peek(root: Path, fn: Callable[[Db], T]) -> T | None:
    """What `fn` finds in the workspace `root`; None where it has no database, an older one, or is being restored."""
    file = root / DATABASE_NAME
    if not file.is_file():
        return None
    try:
        in_use = InUse(root)
    except StorageError:
        return None
    try:
        with closing(open_read_only(file).conn) as conn:
            return fn(Db(conn, execute_plugins=False))
    except (StorageError, sqlite3.Error):
        return None
    finally:
        in_use.release()
