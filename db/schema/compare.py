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
from pipeline.core.messages import Finding, finding

_READ: Final = """
SELECT CAST(type AS BLOB), CAST(name AS BLOB), CAST(ifnull(sql, '') AS BLOB) FROM sqlite_master
WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!'
"""
"""As bytes: what a damaged disk left may be no UTF-8. sqlite_…: SQLite's own, such as the index behind a UNIQUE, which
follows from the table's SQL."""
_COMMENT: Final = re.compile(r"--[^\n]*")

Schema = dict[tuple[str, str], str]
"""SQL by type (table, index, trigger, view) and name."""


def check_schema(db: Db) -> list[Finding]:
    """Findings: what is gone, what was changed, and what is not Moue's."""
    wanted, found = expected(), _read(db)
    findings = []
    for (kind, name), sql in sorted(wanted.items()):
        if (kind, name) not in found:
            findings.append(finding(f"found_{kind}_gone", name=name))
        elif found[kind, name] != sql:
            findings.append(finding(f"found_{kind}_other", name=name))
    findings += [finding(f"found_{kind}_foreign", name=name) for kind, name in sorted(found.keys() - wanted.keys())]
    applied = {done.name for done in migrate.MIGRATIONS.applied(db)}
    missing = [step.name for step in migrate.MIGRATIONS._migrations if step.name not in applied]
    return findings + [finding("found_migration", name=name) for name in missing]


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
