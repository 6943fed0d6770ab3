"""The tables: named migrations, appended and never changed once released."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from sqlite_utils import Migrations
from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.base.database_files import new_database
from db.schema import table_digests
from db.schema.compact_copy import compact_copy
from db.schema.migrations.m0001_0015 import (
    m0001_first,
    m0002_cleaning,
    m0003_review,
    m0004_web,
    m0005_licences,
    m0006_parts,
    m0007_identities,
    m0008_digests,
    m0009_messages,
    m0010_names,
    m0011_secrets,
    m0012_files,
    m0013_passed_over,
    m0014_likeness,
    m0015_near_copies,
)
from db.schema.migrations.m0016_0030 import (
    m0016_filled,
    m0017_looks,
    m0018_covered,
    m0019_team,
    m0020_opinions,
    m0021_suggestions,
    m0022_slips,
    m0023_meshes,
    m0024_descriptors,
    m0025_refused_ops,
    m0026_placements,
    m0027_landmark_model,
    m0028_tokens,
    m0029_selections,
    m0030_people,
)
from db.schema.migrations.m0031_0045 import m0031_release_manifests, m0032_told_together, m0033_column_tokens
from pipeline.core.durable import make_folder
from pipeline.core.errors import StorageError
from pipeline.core.messages import message

SCRIPTS: Final = {
    "0001_first": m0001_first.SQL,
    "0002_cleaning": m0002_cleaning.SQL,
    "0003_review": m0003_review.SQL,
    "0004_web": m0004_web.SQL,
    "0005_licences": m0005_licences.SQL,
    "0006_parts": m0006_parts.SQL,
    "0007_identities": m0007_identities.SQL,
    "0008_digests": m0008_digests.SQL,
    "0009_messages": m0009_messages.SQL,
    "0010_names": m0010_names.SQL,
    "0011_secrets": m0011_secrets.SQL,
    "0012_files": m0012_files.SQL,
    "0013_passed_over": m0013_passed_over.SQL,
    "0014_likeness": m0014_likeness.SQL,
    "0015_near_copies": m0015_near_copies.SQL,
    "0016_filled": m0016_filled.SQL,
    "0017_looks": m0017_looks.SQL,
    "0018_covered": m0018_covered.SQL,
    "0019_team": m0019_team.SQL,
    "0020_opinions": m0020_opinions.SQL,
    "0021_suggestions": m0021_suggestions.SQL,
    "0022_slips": m0022_slips.SQL,
    "0023_meshes": m0023_meshes.SQL,
    "0024_descriptors": m0024_descriptors.SQL,
    "0025_refused_ops": m0025_refused_ops.SQL,
    "0026_placements": m0026_placements.SQL,
    "0027_landmark_model": m0027_landmark_model.SQL,
    "0028_tokens": m0028_tokens.SQL,
    "0029_selections": m0029_selections.SQL,
    "0030_people": m0030_people.SQL,
    "0031_release_manifests": m0031_release_manifests.SQL,
    "0032_told_together": m0032_told_together.SQL,
    "0033_column_tokens": m0033_column_tokens.SQL,
}
"""In this order; a new one is appended, in a module of its own."""
_FUNCTIONS: Final = {
    "0008_digests": table_digests.begin_suspended,
    "0009_messages": m0009_messages.prepare,
    "0010_names": m0010_names.prepare,
    "0016_filled": m0016_filled.prepare,
}
"""What is done before a script, in its transaction: mostly it gives the connection the functions that it calls."""


def _in_order(scripts: Mapping[str, str]) -> Migrations:
    made = Migrations("moue")
    for name, sql in scripts.items():
        made(name=name)(_script(sql, _FUNCTIONS.get(name)))
    return made


def _script(sql: str, prepare: Callable[[sqlite3.Connection], None] | None) -> Callable[[Db], None]:
    def run(db: Db) -> None:
        if prepare is not None:
            prepare(db.conn)
        for statement in statements(sql):
            db.conn.execute(statement)

    return run


def statements(sql: str) -> Iterator[str]:
    """The statements of a script one by one: as a whole, `sqlite3` would commit first.

    sqlite-utils does the same, but asks SQLite at each letter: a third of the time in which a workspace was made.
    """
    start = 0
    at = sql.find(";")
    while at >= 0:
        statement = sql[start : at + 1].strip()
        if sqlite3.complete_statement(statement):  # not in a trigger, a string or a remark
            yield statement
            start = at + 1
        at = sql.find(";", at + 1)
    if rest := sql[start:].strip():
        yield rest


MIGRATIONS: Final = _in_order(SCRIPTS)


def migrate(db: Db, file: Path, backups: Path, migrations: Migrations = MIGRATIONS) -> None:
    """Bring `db` (stored in `file`) to the schema of this code; the caller holds the migration lock.

    A copy goes to `backups` first where the database is not new. Raises StorageError where it is newer than this code.
    """
    applied = {done.name for done in migrations.applied(db)}
    pending = [step.name for step in migrations.pending(db)]
    unknown = sorted(applied - {step.name for step in _known(migrations)})
    if unknown:
        raise StorageError(message("database_newer", file=file, unknown=tuple(unknown)))
    table_digests.register(db.conn)
    if not pending and not table_digests.is_due(db):
        return
    if applied and pending:
        make_folder(backups, inside=backups.parent)
        with new_database(backups / f"before-{pending[0]}-{now_iso().replace(':', '')}.db") as copy:
            compact_copy(db.conn, copy)
    elif not applied:
        _check_empty(db, file, migrations.migrations_table)
    table_digests.suspend(db)
    migrations.apply(db)
    table_digests.resume(db)


def _check_empty(db: Db, file: Path, migrations_table: str) -> None:
    """Raises StorageError where there is anything. The list of migrations alone, with nothing in it, is what a first
    opening leaves that was cut off: it goes, since its index may be missing."""
    names = db.table_names()
    if names == [migrations_table] and not db.table(migrations_table).count:
        db.table(migrations_table).drop()
    elif names:
        raise StorageError(message("database_foreign", file=file))


def check_known(conn: sqlite3.Connection, file: Path) -> None:
    """Raises StorageError unless `conn` is one of Moue's databases, of a schema this code knows."""
    db = Db(conn, execute_plugins=False)
    applied = {done.name for done in MIGRATIONS.applied(db)}
    if not applied:
        raise StorageError(message("database_not_moue", file=file))
    unknown = sorted(applied - {step.name for step in _known(MIGRATIONS)})
    if unknown:
        raise StorageError(message("database_newer", file=file, unknown=tuple(unknown)))


def _known(migrations: Migrations) -> list[Migrations._Migration]:
    return list(migrations._migrations)
