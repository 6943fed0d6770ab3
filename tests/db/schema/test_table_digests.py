"""The digests follow whatever Moue itself writes, and what they are is told here another way."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils.db import Database as Db

from db.schema import migrate, table_digests
from db.store.store import Store
from tests.db.behind import behind_moue
from tests.db.make import add_images
from tests.db.schema.test_migrate import longer
from tests.examples import examples

VALUES = {
    "n": st.none() | st.integers(-(2**63), 2**63 - 1),
    "r": st.none() | st.floats(allow_nan=False) | st.integers(-(2**53), 2**53) | st.just(-0.0),
    "t": st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    "b": st.none() | st.binary(max_size=8),
}
ROWS = st.fixed_dictionaries(VALUES)
STEPS = st.lists(
    st.tuples(st.sampled_from(["insert", "replace", "ignore", "upsert"]), st.integers(1, 4), ROWS)
    | st.tuples(st.sampled_from(["update", "delete", "undone"]), st.integers(1, 4), ROWS),
    max_size=12,
)
SQL = {
    "insert": "INSERT OR IGNORE INTO things (id, n, r, t, b) VALUES (:id, :n, :r, :t, :b)",
    "replace": "INSERT OR REPLACE INTO things (id, n, r, t, b) VALUES (:id, :n, :r, :t, :b)",
    "ignore": "INSERT INTO things (id, n) VALUES (:id, 1) ON CONFLICT DO NOTHING",
    "upsert": "INSERT INTO things (id, r) VALUES (:id, :r) ON CONFLICT (id) DO UPDATE SET r = excluded.r, t = :t",
    "update": "UPDATE OR REPLACE things SET id = id % 4 + 1, n = :n, b = :b WHERE id >= :id",
    "delete": "DELETE FROM things WHERE id = :id",
}


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Db:
    """Moue's tables and one more, with a part that goes with its row."""
    conn = sqlite3.connect(":memory:", isolation_level=None)
    conn.execute("PRAGMA foreign_keys = ON")
    made = longer()

    @made(name="99999_things")
    def _things(db: Db) -> None:
        db.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, n INTEGER, r REAL, t TEXT, b BLOB) STRICT")
        follows = "REFERENCES things (id) ON DELETE CASCADE ON UPDATE CASCADE"
        db.execute(f"CREATE TABLE parts (id INTEGER PRIMARY KEY {follows}) STRICT")

    found = Db(conn, execute_plugins=False)
    migrate.migrate(found, Path("x"), tmp_path_factory.mktemp("backups"), made)
    return found


@settings(max_examples=examples(60), deadline=None)
@given(steps=STEPS)
def test_they_follow_every_kind_of_statement(db: Db, steps: list[tuple[str, int, dict[str, Any]]]) -> None:
    for what, number, values in steps:
        db.execute("BEGIN")
        db.execute("SAVEPOINT step")
        db.execute(SQL["insert" if what == "undone" else what], {"id": number, **values})
        if what == "undone":
            db.execute("ROLLBACK TO step")
        elif what == "insert":
            db.execute("INSERT OR IGNORE INTO parts VALUES (?)", [number])
        db.execute("COMMIT")
        assert table_digests.check(db) == []


def test_a_digest_is_the_sum_of_the_hashes_of_its_rows(db: Db) -> None:
    db.execute("DELETE FROM things")
    rows = [(1, 2, 0.5, "é", b"\x00"), (2, None, -3.0, "", None)]
    db.conn.executemany("INSERT INTO things VALUES (?, ?, ?, ?, ?)", rows)
    text = ["(1, 2, 0.5, '\\xe9', b'\\x00')", "(2, None, -3.0, '', None)"]
    total = sum(int(hashlib.sha256(one.encode("ascii")).hexdigest(), 16) for one in text) % 2**256
    found = db.execute("SELECT row_count, digest FROM table_digests WHERE name = 'things'").fetchone()
    assert found == (2, bytes.fromhex(f"{total:064x}"))


def test_every_column_of_every_table_is_in_its_triggers(store: Store) -> None:
    def columns_and_triggers(db: Db) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        tables = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {n: [c for (c,) in db.execute("SELECT name FROM pragma_table_info(?)", [n])] for n in tables}
        sql = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ? AND name GLOB 'digest_*'"
        return columns, {n: [s for (s,) in db.execute(sql, [n])] for n in tables}

    columns, triggers = store.read(columns_and_triggers)
    without = {name for name, found in triggers.items() if not found and not name.startswith("sqlite_")}
    assert without == set(table_digests.UNSUMMED)
    for table in columns.keys() - without - {"sqlite_sequence"}:
        assert len(triggers[table]) == 3
        written = " ".join(triggers[table])
        assert all(written.count(f'{row}."{name}"') == 2 for name in columns[table] for row in ("old", "new")), table


def test_another_program_cannot_write_by_accident(store: Store) -> None:
    with closing(sqlite3.connect(store.file)) as conn, pytest.raises(sqlite3.OperationalError, match="moue_digest"):
        conn.execute("UPDATE classes SET name = 'grin' WHERE id = 3")


def test_the_order_of_import_is_in_them(store: Store) -> None:
    add_images(store, ["a", "b"])
    with closing(behind_moue(store.root)) as conn:
        conn.execute("UPDATE images SET rowid = 99 WHERE rowid = 1")
    assert any("table images" in text for text in store.read(table_digests.check))


def test_text_that_is_none_is_told(store: Store) -> None:
    with closing(behind_moue(store.root)) as conn:
        conn.execute("DROP TRIGGER digest_classes_update")
        conn.execute("UPDATE classes SET name = CAST(x'ff' AS TEXT) WHERE id = 3")
    assert any("table classes" in text for text in store.read(table_digests.check))


def test_a_copy_has_the_same_digests(store: Store, tmp_path: Path) -> None:
    add_images(store, ["a", "b", "c"])
    store.write(lambda db: db.execute("DELETE FROM face_state WHERE seq = 2"))
    with closing(sqlite3.connect(store.file)) as conn:
        conn.execute("VACUUM INTO ?", [str(tmp_path / "copy.db")])
    with closing(sqlite3.connect(tmp_path / "copy.db")) as conn:
        assert table_digests.check(Db(conn)) == []


def test_a_migration_renews_them_and_remembers_what_was_off(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    with closing(behind_moue(tmp_path)) as conn:
        conn.execute("UPDATE classes SET letter = 'x' WHERE id = 3")
    with closing(sqlite3.connect(tmp_path / "moue.db", isolation_level=None)) as conn:
        db = Db(conn, execute_plugins=False)
        assert any("table classes" in text for text in table_digests.check(db))
        migrate.migrate(db, tmp_path / "moue.db", tmp_path / "backups", longer())
        (told,) = table_digests.check(db)
        assert "before the last update" in told
        assert "classes" in told
        assert db.execute("SELECT row_count FROM table_digests WHERE name = 'more'").fetchone() == (0,)


@pytest.mark.parametrize("where", ["apply", "resume"])
def test_a_migration_that_is_killed_is_made_good_at_the_next_opening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    Store.open(tmp_path).close()

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    steps = longer()
    with closing(sqlite3.connect(tmp_path / "moue.db", isolation_level=None)) as conn, monkeypatch.context() as patch:
        patch.setattr(*((steps, "apply", die) if where == "apply" else (table_digests, "resume", die)))
        with pytest.raises(Killed):
            migrate.migrate(Db(conn), tmp_path / "moue.db", tmp_path / "backups", steps)
    with closing(sqlite3.connect(tmp_path / "moue.db", isolation_level=None)) as conn:
        db = Db(conn, execute_plugins=False)
        migrate.migrate(db, tmp_path / "moue.db", tmp_path / "backups", steps)
        assert table_digests.check(db) == []
        names = {n for (n,) in conn.execute("SELECT tbl_name FROM sqlite_master WHERE name GLOB 'digest_*'")}
        assert names == set(table_digests.summed_tables(db))
