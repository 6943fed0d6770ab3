"""A finished database gets its name only where nothing of another one lies."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from db.base import database_files
from db.base.database_files import new_database, put_in_place, size_of
from pipeline.core.errors import StorageError, UsageError


def test_what_is_not_there_has_no_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.db-wal").write_bytes(b"log")
    assert size_of(tmp_path / "a.db-wal") == 3
    assert size_of(tmp_path / "b.db-wal") == 0
    monkeypatch.setattr(Path, "exists", lambda *_: True)  # it was there at the look before
    assert size_of(tmp_path / "b.db-wal") == 0


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


def test_a_name_that_cannot_be_flushed_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some file systems find out only then that the disk is full: what was told as refused must not be there."""
    (tmp_path / "copy").write_bytes(b"database")

    def full(path: Path) -> None:
        if path.is_dir():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(database_files, "flush", full)
    with pytest.raises(StorageError, match="the disk is full"):
        put_in_place(tmp_path / "copy", tmp_path / "a.db")
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


def test_what_was_begun_is_removed_where_it_fails(tmp_path: Path) -> None:
    def fill() -> None:
        with new_database(tmp_path / "a.db") as copy:
            copy.write_bytes(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fill()
    assert list(tmp_path.iterdir()) == []


HELD = """
import sys
from pathlib import Path
from db.base.database_files import new_database
with new_database(Path(sys.argv[1])) as copy:
    copy.write_bytes(b"a person's name")
    print("written", flush=True)
    sys.stdin.readline()
"""


def test_what_a_killed_process_left_goes_with_the_next_and_a_living_one_keeps_its_own(tmp_path: Path) -> None:
    for file in (tmp_path / ".new-mine" / "notes.txt", tmp_path / ".new-file"):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"somebody's")
    process = subprocess.Popen(
        [sys.executable, "-c", HELD, tmp_path / "a.db"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"written\n"
    for name, left in (("b.db", 1), ("c.db", 0)):
        with new_database(tmp_path / name) as copy:
            copy.write_bytes(b"another")
        assert len(list(tmp_path.glob(".new-*/copy.db"))) == left, name
        process.kill()
        process.wait()
    process.communicate()
    assert {path.name for path in tmp_path.iterdir()} == {".new-mine", ".new-file", "b.db", "c.db"}
    assert (tmp_path / ".new-mine" / "notes.txt").is_file()
