"""Is the schema of a database the one that this code makes? Tables, indexes and triggers by their SQL, not by name."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Final

from sqlite_utils.db import Database as Db

from db.schema import migrate

_READ: Final = """
SELECT CAST(type AS BLOB), CAST(name AS BLOB), CAST(ifnull(sql, '') AS BLOB) FROM sqlite_master
WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!'
"""
"""As bytes: what a damaged disk left may be no UTF-8. sqlite_…: SQLite's own, such as the index behind a UNIQUE, which
follows from the table's SQL."""
_COMMENT: Final = re.compile(r"--[^\n]*")

Schema = dict[tuple[str, str], str]
"""SQL by type (table, index, trigger, view) and name."""


def check_schema(db: Db) -> list[str]:
    """Findings: what is gone, what was changed, and what is not Moue's."""
    wanted, found = expected(), _read(db)
    findings = []
    for (kind, name), sql in sorted(wanted.items()):
        if (kind, name) not in found:
            findings.append(f"the {kind} {name} is gone: {_WHY[kind]}")
        elif found[kind, name] != sql:
            findings.append(f"the {kind} {name} is not as Moue made it: {_WHY[kind]}")
    findings += [f"the {kind} {name} is none of Moue's" for kind, name in sorted(found.keys() - wanted.keys())]
    applied = {done.name for done in migrate.MIGRATIONS.applied(db)}
    missing = [step.name for step in migrate.MIGRATIONS._migrations if step.name not in applied]
    return findings + [f"the note that the migration {name} was made is gone" for name in missing]


_WHY: Final = {
    "table": "what it lets in is not checked as it should be",
    "index": "what it keeps unique or quick is not any more",
    "trigger": "what it guards is not guarded any more",
    "view": "",
}


@cache
def expected() -> Schema:
    """The schema of a new database."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as conn:
        db = Db(conn, execute_plugins=False)
        migrate.migrate(db, Path(":memory:"), Path())
        return _read(db)


def _read(db: Db) -> Schema:
    texts = ((one.decode("utf-8", "replace") for one in row) for row in db.execute(_READ))
    return {(kind, name): _plain(sql) for kind, name, sql in texts}


def _plain(sql: str) -> str:
    """Without comments and layout: only what SQLite acts on."""
    return " ".join(_COMMENT.sub("", sql).split())
