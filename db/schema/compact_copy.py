"""A compact copy of a database, whose tables add up as they did in the original."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlite_utils.db import Database as Db

from db.schema import table_digests

_BIOMETRICS: Final = "face_embeddings"


def compact_copy(conn: sqlite3.Connection, target: Path, *, with_biometrics: bool = False) -> None:
    """Write one moment of `conn`'s database to the new file `target`, in a folder for that alone, as `_copy` does.

    Descriptions of faces are left out, and overwritten where they were, unless they are asked for.
    """
    _copy(conn, target)
    if with_biometrics:
        return
    with closing(sqlite3.connect(target)) as copy:
        if copy.execute(f"SELECT 1 FROM sqlite_master WHERE name = '{_BIOMETRICS}'").fetchone():
            copy.execute("PRAGMA secure_delete = ON")
            copy.execute(f"DELETE FROM {_BIOMETRICS}")
            copy.commit()


def _copy(conn: sqlite3.Connection, target: Path) -> None:
    """Write one moment of `conn`'s database to the new file `target`, in a folder for that alone.

    VACUUM numbers the rows of some tables anew, without the gaps that an erase left, and where the numbers are summed
    their digest follows. What did not add up in the original does not add up in the copy either.
    """
    conn.execute("VACUUM INTO ?", [str(target)])
    with closing(sqlite3.connect(target)) as copy:
        if table_digests.ordered_add_up(Db(copy, execute_plugins=False)):
            return  # nearly always: no row was taken out
    target.unlink()
    with closing(sqlite3.connect(target.with_name(f"{target.name}-exact"))) as exact:
        conn.backup(exact)  # page by page: what both sums are of is the same moment
        before = table_digests.ordered_sums(Db(exact, execute_plugins=False))
        exact.execute("VACUUM INTO ?", [str(target)])
    with closing(sqlite3.connect(target)) as copy:
        table_digests.renumbered(Db(copy, execute_plugins=False), before)
        copy.commit()
