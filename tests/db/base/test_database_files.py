"""A finished database gets its name only where nothing of another one lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.base.database_files import new_database, put_in_place
from pipeline.core.errors import UsageError


def test_it_is_given_its_name(tmp_path: Path) -> None:
    (tmp_path / "copy").write_bytes(b"database")
    put_in_place(tmp_path / "copy", tmp_path / "a.db")
    assert (tmp_path / "a.db").read_bytes() == b"database"


@pytest.mark.parametrize("taken", ["a.db", "a.db-wal", "a.db-journal"])
def test_what_came_there_meanwhile_stays_and_nothing_lies_beside_it(taken: str, tmp_path: Path) -> None:
    (tmp_path / "copy").write_bytes(b"database")
    (tmp_path / taken).write_bytes(b"another's")
    with pytest.raises(UsageError):
        put_in_place(tmp_path / "copy", tmp_path / "a.db")
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"copy": b"database", taken: b"another's"}


def test_what_was_begun_is_removed_where_it_fails(tmp_path: Path) -> None:
    def fill() -> None:
        with new_database(tmp_path / "a.db") as copy:
            copy.write_bytes(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fill()
    assert list(tmp_path.iterdir()) == []
