"""A digest of each table, kept by triggers: rows that were changed behind Moue's back no longer add up.

The digest of a table is the sum of its rows' SHA-256, so that one row costs the same in a table of any size. The
triggers call a function that only Moue's connections have: a statement by another program fails, unless it drops the
triggers first, and then the digests are off. There is no key: who rewrites the digests as well is not found.

The triggers are no part of a migration. They name every column, so they are made anew behind each migration, and
`test_table_digests` holds that no table is left out.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlite_utils.db import Database as Db

from db.base.meta import forget_value, put_value, value_of
from pipeline.core.messages import Finding, finding

UNSUMMED: Final = {
    "table_digests": "holds the digests",
    "decisions": "chained row by row, see db/decisions/chain.py",
    "audit": "chained row by row",
    "answers": "computed from the log, and compared with it",
    "claims": "who looks at what for the next minutes: no data set depends on it",
    "face_state": "computed from the log, and compared with it",
    "face_columns": "computed from face_state and face_quality, and compared with them",
    "column_tokens": "which columns changed, for what is kept of them in memory",
    "face_changes": "what face_columns does not hold yet, and compared together with it",
    "suggestion_pending": "what suggestions are to be computed for next",
    "possible_slips": "computed from labels and suggestions, and written anew by each training",
    "slip_examples": "computed, like possible_slips",
    "descriptor_bases": "what vectors are computed with: no data set depends on it",
    "descriptors": "computed from the crops",
    "descriptor_blocks": "which descriptors changed, for what is kept of them in memory",
    "selections": "filters of Review, like an address: no data set depends on them",
    "selection_blocks": "filters of Review, like selections",
    "face_meshes": "what suggestions look at: no data set depends on it",
    "face_embeddings": "biometric data that backups leave out: computed from the photos",
    "held_out": "computed by each training",
    "jobs": "progress of past work: no data set depends on it",
    "_sqlite_migrations": "compared with the migrations of this code",
}
"""The tables without a digest, each with its reason."""
_FUNCTION: Final = "moue_digest"
_SUSPENDED: Final = "digests_suspended"
_FOUND: Final = "digests_found"
_MODULUS: Final = 1 << 256
_EMPTY: Final = bytes(32)
_ORDERED: Final = frozenset({"images"})
"""Tables whose rowid has a meaning: photos are listed, and keepers and splits chosen, in the order of import."""
_EVENTS: Final = (("insert", 1, ("new",)), ("update", 0, ("old", "new")), ("delete", -1, ("old",)))
_SIGN: Final = {"old": -1, "new": 1}
_NOTED_SQL: Final = f"""
SELECT name, row_count, digest FROM table_digests
WHERE name IN (SELECT value FROM json_each(?)) AND NOT EXISTS (SELECT 1 FROM meta WHERE key = '{_SUSPENDED}')
ORDER BY name
"""


def register(conn: sqlite3.Connection) -> None:
    """Let `conn` write to tables with a digest. Its REPLACE must fire the delete triggers, or the old row stays in."""
    conn.create_function(_FUNCTION, -1, _add, deterministic=True)
    conn.execute("PRAGMA trusted_schema = ON")  # some builds of SQLite refuse such functions in triggers otherwise
    conn.execute("PRAGMA recursive_triggers = ON")


def suspend(db: Db) -> None:
    """Take the triggers off, so that a migration may change the tables. What is off by now is remembered."""
    if not _has_digests(db) or _is_suspended(db):
        return
    with db.atomic():
        wrong = mismatches(db)
        if wrong:
            put_value(db, _FOUND, ", ".join(wrong))
        put_value(db, _SUSPENDED, "1")
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'digest_*'"):
            db.execute(f'DROP TRIGGER "{name}"')


def begin_suspended(conn: sqlite3.Connection) -> None:
    """For the migration that brings the digests: killed before there are any, none is missed at the next opening."""
    conn.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, '1')", [_SUSPENDED])


def resume(db: Db) -> None:
    """Make digests and triggers anew for the tables as they are now."""
    if not _has_digests(db):
        return  # an older set of migrations, in a test
    with db.atomic():
        forget_value(db, _SUSPENDED)
        db.execute("DELETE FROM table_digests")
        for table in summed_tables(db):
            for sql in _triggers(table, _columns(db, table)):
                db.execute(sql)
        rows = [(table, *_sum(db, table)) for table in summed_tables(db)]
        db.conn.executemany("INSERT INTO table_digests (name, row_count, digest) VALUES (?, ?, ?)", rows)


def is_due(db: Db) -> bool:
    """Whether a migration was interrupted between `suspend` and `resume`, or the digests are new."""
    return _has_digests(db) and (_is_suspended(db) or not db.execute("SELECT 1 FROM table_digests").fetchone())


def check(db: Db) -> list[Finding]:
    """Findings: each table whose rows are not those that Moue wrote. Reads every row of them once."""
    found = value_of(db, _FOUND)
    before = [] if found is None else [
        finding("found_rows_before", tables=found)
    ]  # fmt: skip
    return [*before, *mismatches(db).values()]


def mismatches(db: Db) -> dict[str, Finding]:
    """What is wrong, by table."""
    noted = {name: (rows, digest) for name, rows, digest in db.execute("SELECT * FROM table_digests")}
    wrong: dict[str, Finding] = {}
    for table in summed_tables(db):
        try:
            rows, digest = _sum(db, table)
        except sqlite3.OperationalError as e:  # text that is no UTF-8, which Moue never writes
            wrong[table] = finding("found_rows_foreign", table=table, why=str(e))
            continue
        then = noted.pop(table, None)
        if then is None:
            wrong[table] = finding("found_digest_gone", table=table)
        elif then[0] != rows:
            wrong[table] = finding("found_rows_number", table=table, rows=rows, noted=then[0])
        elif then[1] != digest:
            wrong[table] = finding("found_rows_changed", table=table)
    return wrong | {table: finding("found_digest_only", table=table) for table in noted}


def noted(db: Db, tables: Sequence[str]) -> tuple[tuple[str, int, bytes], ...] | None:
    """What is noted of these tables: the same again only where their rows are the same. None where nothing is that
    holds: a table has no digest, or its triggers are off."""
    rows = db.execute(_NOTED_SQL, [json.dumps(tables)]).fetchall()
    return tuple(rows) if len(rows) == len(tables) else None


def ordered_sums(db: Db) -> dict[str, int]:
    """The sums of the tables whose row numbers are summed too, as the rows are now."""
    return {name: int.from_bytes(_sum(db, name)[1], "big") for name in _ORDERED} if _has_digests(db) else {}


def ordered_add_up(db: Db) -> bool:
    """Whether those sums are the noted ones."""
    return all(_noted(db, name) == total for name, total in ordered_sums(db).items())


def renumbered(db: Db, before: Mapping[str, int]) -> None:
    """Let the digests follow where only rows were numbered anew; before: the sums then. Inside a write."""
    for name, total in ordered_sums(db).items():
        noted = _noted(db, name)
        if noted is not None:
            digest = ((noted + total - before[name]) % _MODULUS).to_bytes(32, "big")
            db.execute("UPDATE table_digests SET digest = ? WHERE name = ?", [digest, name])


def _noted(db: Db, table: str) -> int | None:
    row = db.execute("SELECT digest FROM table_digests WHERE name = ?", [table]).fetchone()
    return int.from_bytes(row[0], "big") if row else None


def summed_tables(db: Db) -> list[str]:
    """The tables that have a digest, by name."""
    names = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'")
    return sorted(name for (name,) in names if name not in UNSUMMED)


def _triggers(table: str, columns: Iterable[str]) -> list[str]:
    made = []
    for event, more, rows in _EVENTS:
        value = "digest"
        for row in rows:
            value = f"{_FUNCTION}({value}, {_SIGN[row]}, {', '.join(f'{row}.{name}' for name in columns)})"
        made.append(
            f"CREATE TRIGGER digest_{table}_{event} AFTER {event.upper()} ON {table} BEGIN\n"
            f"  UPDATE table_digests SET row_count = row_count + {more}, digest = {value}\n"
            f"  WHERE name = '{table}';\nEND"
        )
    return made


def _columns(db: Db, table: str) -> list[str]:
    names = [f'"{name}"' for (name,) in db.execute("SELECT name FROM pragma_table_info(?) ORDER BY cid", [table])]
    return ["rowid", *names] if table in _ORDERED else names


def _sum(db: Db, table: str) -> tuple[int, bytes]:
    rows, total = 0, 0
    for values in db.execute(f"SELECT {', '.join(_columns(db, table))} FROM {table}"):
        total += _hash(values)
        rows += 1
    return rows, (total % _MODULUS).to_bytes(32, "big")


def _add(digest: bytes | None, sign: int, *values: Any) -> bytes:
    return ((int.from_bytes(digest or _EMPTY, "big") + sign * _hash(values)) % _MODULUS).to_bytes(32, "big")


def _hash(values: tuple[Any, ...]) -> int:
    # ascii(), unlike repr(), is the same under every version of Unicode; SQLite stores -0.0 as 0
    plain = tuple(value + 0.0 if type(value) is float else value for value in values)
    return int.from_bytes(hashlib.sha256(ascii(plain).encode()).digest(), "big")


def _has_digests(db: Db) -> bool:
    return db.execute("SELECT 1 FROM sqlite_master WHERE name = 'table_digests'").fetchone() is not None


def _is_suspended(db: Db) -> bool:
    return value_of(db, _SUSPENDED) is not None
