"""docs/schema.md says what a fresh database is, and a table without a meaning is missed."""

from __future__ import annotations

import sqlite3

from sqlite_utils.db import Database as Db

from db.schema import migrate
from tests.docs import schema_page


def test_the_page_is_current() -> None:
    assert schema_page.SCHEMA_PAGE.read_text("utf-8") == schema_page.page(), "python -m tests.docs.schema_page"


def test_every_meaning_is_of_a_column_that_is_there() -> None:
    conn = sqlite3.connect(":memory:", isolation_level=None)
    migrate.MIGRATIONS.apply(Db(conn))
    sql = "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'"
    columns = set(conn.execute(sql))
    conn.close()
    assert {key for key, _ in schema_page.comments()} | set(schema_page.COLUMNS) <= columns
    assert set(schema_page.TABLES) <= {table for table, _ in columns}


def test_a_comment_is_about_the_last_column_of_its_line() -> None:
    found = dict(schema_page.comments())
    assert found["taken_apart", "how"] == "which frames were asked for"
    assert ("taken_apart", "location") not in found
    assert found["images", "processing"].startswith("Settings.processing")
