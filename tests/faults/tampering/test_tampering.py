"""Whoever changes the database behind Moue's back, be it one value of one row, makes `verify` speak."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.decisions import chain
from db.decisions.log import apply_ops
from db.decisions.verify import verify
from db.schema import migrate
from db.schema.compare import check_schema
from db.store.store import Db, Store
from tests.db.make import decide
from tests.examples import examples
from tests.faults.tampering.conftest import UNDECIDED, attack, findings

NOT_OF_A_DATA_SET: Final = {
    "claims": "who has which faces before them for the next minutes",
    "files_to_delete": "empty but for moments; no file that a row names is ever deleted, whatever it says",
    "jobs": "progress of past work",
    "possible_slips": "computed by each training",
    "slip_examples": "computed by each training",
    "descriptor_bases": "what descriptors are computed with",
    "descriptors": "computed from the crops",
    "descriptor_blocks": "which descriptors changed",
    "column_tokens": "which columns changed",
    "selections": "filters of Review",
    "selection_blocks": "filters of Review",
    "face_embeddings": "computed from the photos, and left out of backups",
    "face_meshes": "what suggestions look at",
    "held_out": "computed by each training",
    "suggestion_pending": "what suggestions are to be computed for next",
    "sqlite_sequence": "SQLite's own: the next number of a face or a group",
    "_sqlite_migrations": "see test_a_migration_that_is_forgotten_is_told",
    "face_changes": "see test_a_pending_change_that_is_lost_is_told_where_it_matters",
}


def schema() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each table with its columns and their types, as a new database has them."""
    with tempfile.TemporaryDirectory() as folder:
        Store.open(Path(folder)).close()
        with closing(sqlite3.connect(Path(folder) / "moue.db")) as conn:
            for (table,) in conn.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            ).fetchall():
                columns = conn.execute("SELECT name, type FROM pragma_table_info(?)", [table]).fetchall()
                yield table, columns


TABLES: Final = dict(schema())
GUARDED: Final = sorted(TABLES.keys() - NOT_OF_A_DATA_SET.keys())
COLUMNS: Final = [(table, column, kind) for table in GUARDED for column, kind in TABLES[table]]


def without_rowid() -> frozenset[str]:
    """The tables that have no number for each row."""
    with tempfile.TemporaryDirectory() as folder:
        Store.open(Path(folder)).close()
        with closing(sqlite3.connect(Path(folder) / "moue.db")) as conn:
            sql = "SELECT name FROM pragma_table_list WHERE wr = 1"
            return frozenset(name for (name,) in conn.execute(sql))


WITHOUT_ROWID: Final = without_rowid()


def another(value: Any, kind: str) -> Any:
    """A value of this type that is not `value`."""
    if kind == "INTEGER":
        return 1_000_003 if value is None else value + 1_000_003
    if kind == "REAL":
        return 0.25 if value is None else value + 0.25
    if kind == "BLOB":
        return bytes([value[0] ^ 1]) + value[1:]
    return "{}" if value is None or value == "[]" else "[]" if value[:1] in "{[" else value[:-1] + "~"


def test_no_table_is_left_out() -> None:
    assert NOT_OF_A_DATA_SET.keys() <= TABLES.keys()
    named = {"decisions", "faces", "images", "classes", "face_state", "rules", "near_pairs", "duplicate_members"}
    named |= {"pair_verdicts", "releases", "annotators", "sightings", "provenance", "sources", "image_hashes"}
    assert named <= set(GUARDED)


def test_every_table_has_a_row(whole: Path) -> None:
    with closing(sqlite3.connect(whole / "moue.db")) as conn:
        empty = [table for table in GUARDED if not conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0]]
    assert empty == []
    assert findings(whole) == []


@pytest.mark.long_but(60)
@pytest.mark.parametrize(("table", "column", "kind"), COLUMNS, ids=[f"{t}.{c}" for t, c, _ in COLUMNS])
def test_one_value_of_one_row_changed_is_told(root: Path, table: str, column: str, kind: str) -> None:
    with closing(sqlite3.connect(root / "moue.db")) as conn:
        (old,) = conn.execute(f"SELECT {column} FROM {table} LIMIT 1").fetchone()
        keys = [name for (name,) in conn.execute("SELECT name FROM pragma_table_info(?) WHERE pk", [table])]
    where = f"rowid = (SELECT rowid FROM {table} WHERE {column} IS :old LIMIT 1)"
    if table in WITHOUT_ROWID:
        listed = ", ".join(keys)
        where = f"({listed}) = (SELECT {listed} FROM {table} WHERE {column} IS :old LIMIT 1)"
    new = another(old, kind)
    assert attack(root, f"UPDATE {table} SET {column} = :new WHERE {where}", old=old, new=new) == 1
    assert findings(root)


@pytest.mark.long_but(25)
@pytest.mark.parametrize("table", GUARDED)
@pytest.mark.parametrize("order", ["ASC", "DESC"])
def test_one_row_taken_out_is_told(root: Path, table: str, order: str) -> None:
    key = TABLES[table][0][0]
    where = f"{key} = (SELECT {key} FROM {table} ORDER BY {key} {order} LIMIT 1)"
    with closing(sqlite3.connect(root / "moue.db")) as conn:
        (number,) = conn.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()
    assert attack(root, f"DELETE FROM {table} WHERE {where}") == number > 0
    assert findings(root)


@pytest.mark.long_but(15)
@pytest.mark.parametrize("table", GUARDED)
def test_a_table_emptied_is_told(root: Path, table: str) -> None:
    assert attack(root, f"DELETE FROM {table}") > 0
    assert findings(root)


@pytest.mark.long_but(15)
@pytest.mark.parametrize("table", GUARDED)
def test_one_row_replaced_is_told(root: Path, table: str) -> None:
    """By INSERT OR REPLACE with another last value: the row has the same key as before, and no UPDATE was made."""
    names = [name for name, _ in TABLES[table]]
    (changed, kind) = next((n, k) for n, k in reversed(TABLES[table]) if n not in ("hash", "prev_hash", "block"))
    with closing(sqlite3.connect(root / "moue.db")) as conn:
        row = conn.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY 1 DESC LIMIT 1").fetchone()
    values = dict(zip(names, row, strict=True))
    values[changed] = another(values[changed], kind)
    marks = ", ".join(f":{name}" for name in names)
    assert attack(root, f"INSERT OR REPLACE INTO {table} ({', '.join(names)}) VALUES ({marks})", **values) == 1
    assert findings(root)


@pytest.mark.parametrize("data", [b"", b"1234", b"0" * 8191, b"0" * 9000])
def test_a_block_of_another_length_is_told(root: Path, data: bytes) -> None:
    assert attack(root, "UPDATE face_columns SET data = :data WHERE name = 'state' AND block = 0", data=data) == 1
    assert findings(root)


@settings(max_examples=examples(25), deadline=None)
@given(data=st.data())
def test_any_value_put_anywhere_is_told(whole: Path, tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    table, column, kind = data.draw(st.sampled_from(COLUMNS))
    value = data.draw(
        {
            "INTEGER": st.none() | st.integers(-(2**63), 2**63 - 1),
            "REAL": st.none() | st.floats(allow_nan=False),
            "BLOB": st.none() | st.binary(max_size=40),
            "TEXT": st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
        }[kind]
    )
    root = tmp_path_factory.mktemp("any") / "w"
    shutil.copytree(whole, root)
    with closing(sqlite3.connect(root / "moue.db")) as conn:
        before = conn.execute(f"SELECT * FROM {table}").fetchall()
    row = data.draw(st.integers(0, len(before) - 1))
    keys = [name for name, _ in TABLES[table]]
    same = " AND ".join(f"{name} IS :k{n}" for n, name in enumerate(keys))
    old = {f"k{n}": one for n, one in enumerate(before[row])}
    with suppress(sqlite3.IntegrityError):  # NOT NULL or UNIQUE: SQLite refused it
        attack(root, f"UPDATE {table} SET {column} = :new WHERE {same}", new=value, **old)
    with closing(sqlite3.connect(root / "moue.db")) as conn:
        changed = conn.execute(f"SELECT * FROM {table}").fetchall() != before
    told = findings(root)
    shutil.rmtree(root)
    assert bool(told) is changed, told


def test_the_last_decision_exchanged_with_a_fitting_hash_is_told(root: Path) -> None:
    """By a program that keeps the triggers, as REPLACE does not fire those that refuse a DELETE."""
    with closing(sqlite3.connect(root / "moue.db", isolation_level=None)) as conn:
        conn.row_factory = sqlite3.Row
        row = dict(conn.execute("SELECT * FROM decisions ORDER BY seq DESC LIMIT 1").fetchone())
        row["verdict"], row["class_id"], row["reason"] = "reject", None, "blurred"
        row["hash"] = chain.row_hash(row["prev_hash"], row)
        marks = ", ".join(f":{name}" for name in row)
        conn.execute(f"INSERT OR REPLACE INTO decisions ({', '.join(row)}) VALUES ({marks})", row)
        (number,) = conn.execute("SELECT count(*) FROM decisions WHERE hash = ?", [row["hash"]]).fetchone()
    assert number == 1
    assert findings(root)


def test_moue_itself_cannot_replace_a_decision(root: Path) -> None:
    with Store.open(root) as store, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        store.write(lambda db: db.execute("REPLACE INTO decisions SELECT * FROM decisions ORDER BY seq DESC LIMIT 1"))


@pytest.mark.long_but(2)
@pytest.mark.parametrize("kind", ["index", "table", "trigger"])
def test_anything_of_the_schema_that_is_hollow_or_gone_is_told(root: Path, kind: str) -> None:
    with closing(sqlite3.connect(root / "moue.db", isolation_level=None)) as conn:
        sql = "SELECT name, sql FROM sqlite_master WHERE type = ? AND sql IS NOT NULL AND name NOT LIKE 'sqlite%'"
        parts = conn.execute(sql, [kind]).fetchall()
    assert len(parts) > 5
    for name, sql in parts:
        changed = {
            "trigger": sql.rpartition("BEGIN")[0] + "BEGIN SELECT 1; END",
            "index": sql.replace("CREATE INDEX", "CREATE UNIQUE INDEX"),
            "table": sql.replace("CHECK (", "CHECK (1 OR ", 1).replace(" REFERENCES ", " CHECK (1) --", 1),
        }[kind]
        if changed != sql:
            with schema_open(root) as conn:
                conn.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", [changed, name])
            assert any(f"{kind} {name} " in text for text in of_schema(root)), name
        with schema_open(root) as conn:
            conn.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", [sql, name])
    assert findings(root) == []


def test_a_part_of_the_schema_that_is_no_text_any_more_is_told(root: Path) -> None:
    """A bit that turned on the disk: reading it as text ended `verify` in a traceback."""
    with schema_open(root) as conn:
        sql = "UPDATE sqlite_master SET sql = CAST(replace(sql, 'digest', x'e4696765' || 'st') AS TEXT) WHERE name = ?"
        conn.execute(sql, ["digest_faces_delete"])
    assert any("trigger digest_faces_delete " in text for text in of_schema(root))


@contextmanager
def schema_open(root: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(root / "moue.db", isolation_level=None)) as conn:
        conn.execute("PRAGMA writable_schema = ON")
        yield conn


def of_schema(root: Path) -> list[str]:
    """What `verify` says of the schema, asked of a connection that does not stumble over it first."""
    with closing(sqlite3.connect(f"{(root / 'moue.db').as_uri()}?mode=ro", uri=True)) as conn:
        conn.execute("PRAGMA writable_schema = ON")  # a table whose SQL makes no sense is read all the same
        return check_schema(Db(conn, execute_plugins=False))


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TRIGGER mine AFTER INSERT ON decisions BEGIN DELETE FROM rules; END",
        "CREATE TABLE mine (x)",
        "CREATE VIEW mine AS SELECT 1",
        "CREATE UNIQUE INDEX mine ON classes (letter)",
        "DROP TRIGGER digest_faces_update",
        "DROP TRIGGER decisions_no_delete",
        "DROP INDEX faces_sha",
        "ALTER TABLE classes ADD COLUMN mine TEXT",
    ],
)
def test_what_is_added_to_the_schema_or_taken_from_it_is_told(root: Path, sql: str) -> None:
    with closing(sqlite3.connect(root / "moue.db", isolation_level=None)) as conn:
        conn.execute(sql)
    assert findings(root)


@pytest.mark.long_but(8)
@pytest.mark.parametrize("number", range(len(migrate.SCRIPTS)))
def test_a_migration_that_is_forgotten_is_told_or_done_again(root: Path, number: int) -> None:
    """One that rewrites what is stored, or makes a table anew, does nothing the second time: all is whole."""
    name = list(migrate.SCRIPTS)[number]
    with closing(sqlite3.connect(root / "moue.db", isolation_level=None)) as conn:
        assert conn.execute("DELETE FROM _sqlite_migrations WHERE name = ?", [name]).rowcount == 1
    found = findings(root)
    assert bool(found) == (name not in ("0010_names", "0011_secrets", "0013_passed_over"))
    if not found:
        with closing(sqlite3.connect(root / "moue.db")) as conn:
            assert conn.execute("SELECT count(*) FROM _sqlite_migrations WHERE name = ?", [name]).fetchone() == (1,)


def test_a_pending_change_that_is_lost_is_told_where_it_matters(root: Path) -> None:
    with Store.open(root) as store:
        (face,) = store.read(lambda db: db.execute(UNDECIDED).fetchone())
        store.write(lambda db: apply_ops(db, "Ann", [decide(db, face)]))
        assert store.read(verify) == []
    assert attack(root, "DELETE FROM face_changes") == 1
    assert any("quick filters" in text for text in findings(root))


def test_classes_of_a_model_that_are_no_json_are_told(root: Path) -> None:
    attack(root, "UPDATE suggestion_models SET classes = ''")
    assert any("block 0 of a suggestion model" in line for line in findings(root))
