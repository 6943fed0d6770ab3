"""Writing to a workspace's database behind Moue's back."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from db.store.store import DATABASE_NAME


def behind_moue(root: Path) -> sqlite3.Connection:
    """A connection of another program to the database of the workspace `root`, without the triggers that stop it.

    The digests' function is there and does nothing, as if the triggers had been taken off and put back.
    """
    conn = sqlite3.connect(root / DATABASE_NAME, isolation_level=None)
    conn.create_function("moue_digest", -1, lambda digest, *_: digest, deterministic=True)
    return conn
