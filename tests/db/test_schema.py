from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Migrations
from sqlite_utils.db import Database as Db

from db import schema
from db.connect import Store
from pipeline.errors import StorageError
from tests.db.make import add_images


def longer() -> Migrations:
    """This code's migrations and one more, as the next version would have them."""
    made = Migrations("moue")
    for step in schema.MIGRATIONS._migrations:
        made(name=step.name)(step.fn)

    @made(name="9999_more")
    def _more(db: Db) -> None:
        db.execute("CREATE TABLE more (x INTEGER) STRICT")

    return made


def test_a_pending_migration_makes_a_backup_first(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        add_images(store, ["a"])
        store.write(lambda db: db.execute("INSERT INTO meta VALUES ('k', 'before')"))
    conn = sqlite3.connect(tmp_path / "moue.db", isolation_level=None)
    schema.migrate(Db(conn), tmp_path / "moue.db", tmp_path / "backups", longer())
    assert conn.execute("SELECT count(*) FROM more").fetchone() == (0,)
    conn.close()
    (copy,) = (tmp_path / "backups").iterdir()
    saved = sqlite3.connect(copy)
    assert saved.execute("SELECT value FROM meta WHERE key = 'k'").fetchone() == ("before",)
    assert saved.execute("SELECT count(*) FROM faces").fetchone() == (1,)
    assert saved.execute("SELECT count(*) FROM sqlite_master WHERE name = 'more'").fetchone() == (0,)


def test_a_newer_schema_is_refused_with_a_remedy(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    conn = sqlite3.connect(tmp_path / "moue.db", isolation_level=None)
    schema.migrate(Db(conn), tmp_path / "moue.db", tmp_path / "backups", longer())
    conn.close()
    with pytest.raises(StorageError, match=r"9999_more.*upgrade"):
        Store.open(tmp_path)


def test_a_failing_migration_changes_nothing(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    broken = longer()

    @broken(name="99999_broken")
    def _broken(db: Db) -> None:
        db.execute("CREATE TABLE half (x INTEGER)")
        raise RuntimeError("stop")

    conn = sqlite3.connect(tmp_path / "moue.db", isolation_level=None)
    with pytest.raises(RuntimeError, match="stop"):
        schema.migrate(Db(conn), tmp_path / "moue.db", tmp_path / "backups", broken)
    names = {name for (name,) in conn.execute("SELECT name FROM sqlite_master")}
    assert "half" not in names
    assert "more" in names
    conn.close()


def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    conn = sqlite3.connect(tmp_path / "moue.db")
    conn.execute("CREATE TABLE recipes (x)")
    conn.commit()
    conn.close()
    with pytest.raises(StorageError, match="none of Moue's"):
        Store.open(tmp_path)
    assert [r[0] for r in sqlite3.connect(tmp_path / "moue.db").execute("SELECT name FROM sqlite_master")] == [
        "recipes"
    ]


def test_every_table_of_moue_is_strict(store: Store) -> None:
    rows = store.read(
        lambda db: db.execute("SELECT name, strict FROM pragma_table_list WHERE type = 'table'").fetchall()
    )
    loose = {name for name, strict in rows if not strict and not name.startswith("sqlite_")}
    assert loose == {"_sqlite_migrations"}


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE decisions SET took_ms = 1",
        "DELETE FROM decisions",
        "INSERT OR REPLACE INTO decisions SELECT * FROM decisions",
    ],
)
def test_the_log_refuses_to_be_changed(store: Store, sql: str) -> None:
    from db.decisions import apply_ops
    from tests.db.make import decide

    (face,) = add_images(store, ["a"])
    store.write(lambda db: apply_ops(db, "ann", [decide(db, face)]))
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        store.write(lambda db: db.execute(sql))
