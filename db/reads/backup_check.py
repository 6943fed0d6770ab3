"""What a backup holds, read as `verify` reads the database: a backup that was not read back is a hope."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils.db import Database as Db

from db.base.sqlite_errors import named
from db.decisions.verify import verify
from db.schema import migrate
from pipeline.core.errors import UsageError
from pipeline.core.messages import message


@dataclass(frozen=True, slots=True)
class Checked:
    """findings: none if every page is whole, the chains are unbroken, and the counts agree."""

    decisions: int
    findings: tuple[str, ...]


def check(file: Path) -> Checked:
    """Read every row of a backup. Raises UsageError (no such file, a newer schema), StorageError (no database)."""
    if not file.is_file():
        raise UsageError(message("backup_missing", file=file))
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as conn:
            migrate.check_known(conn, file)
            findings = tuple(verify(Db(conn, execute_plugins=False)))
            (decisions,) = conn.execute("SELECT count(*) FROM decisions").fetchone()
            return Checked(int(decisions), findings)
    except sqlite3.Error as e:
        raise named(e, file) from e
