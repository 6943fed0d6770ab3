"""A backup counts once it was read back; only then the oldest go, here and where they are sent to."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fsspec
import pytest

from db.store import backup
from db.store.store import Store
from pipeline.actions.backups import rotation
from pipeline.core.errors import IntegrityError, StorageError
from tests.db.fresh import open_fresh
from tests.db.make import add_images

START = datetime(2026, 11, 28, 10, 0, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_fresh(tmp_path / "w")
    add_images(opened, ["one", "two"])
    yield opened
    opened.close()


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_the_oldest_go_and_nothing_else(store: Store) -> None:
    folder = store.root / "backups"
    folder.mkdir(exist_ok=True)
    (folder / "moue-by-hand.db").write_bytes(b"somebody's own")
    gone: list[str] = []
    for hours in range(4):
        made = rotation.make(store, keep=2, now=START + timedelta(hours=hours))
        gone += made.deleted
    assert names(folder) == ["moue-20261128T120000Z.db", "moue-20261128T130000Z.db", "moue-by-hand.db"]
    assert gone == ["moue-20261128T100000Z.db", "moue-20261128T110000Z.db"]
    assert [one.made_at.hour for one in rotation.kept(folder)] == [13, 12]


def test_a_disk_that_is_full_when_the_oldest_go_costs_no_backup(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The new one is whole and has its name: it is not refused because a deletion could not be flushed."""
    rotation.make(store, keep=1, now=START)
    folder, real, flushed = store.root / "backups", rotation.flush, []

    def full(place: Path) -> None:
        flushed.append(place)
        if len(flushed) == 2:  # the first is of the new one's name
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(place))
        real(place)

    monkeypatch.setattr(rotation, "flush", full)
    rotation.make(store, keep=1, now=START + timedelta(hours=1))
    assert "could not be flushed" in caplog.text
    assert names(folder) == ["moue-20261128T110000Z.db"]
    made = rotation.make(store, keep=1, now=START + timedelta(hours=2))
    assert names(folder) == ["moue-20261128T120000Z.db"]
    assert made.size == made.file.stat().st_size


def test_one_whose_name_cannot_be_flushed_is_refused_and_does_not_count(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    rotation.make(store, keep=1, now=START)

    def full(place: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(place))

    with monkeypatch.context() as patched:
        patched.setattr(rotation, "flush", full)
        with pytest.raises(StorageError, match="the disk is full"):
            rotation.make(store, keep=1, now=START + timedelta(hours=1))
    assert [one.file.name for one in rotation.kept(store.root / "backups")] == ["moue-20261128T100000Z.db"]
    rotation.make(store, keep=1, now=START + timedelta(hours=2))
    assert names(store.root / "backups") == ["moue-20261128T120000Z.db"]


def test_what_was_made_can_be_restored(store: Store, tmp_path: Path) -> None:
    made = rotation.make(store, folder=tmp_path / "elsewhere", now=START)
    backup.restore(made.file, tmp_path / "new")
    with sqlite3.connect(tmp_path / "new" / "moue.db") as db:
        assert db.execute("SELECT count(*) FROM images").fetchone() == (2,)
    assert made.size == made.file.stat().st_size


@pytest.mark.parametrize("harm", ["page", "row"])
def test_one_that_is_not_whole_does_not_count_and_the_older_ones_stay(
    store: Store, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    whole = rotation.make(store, keep=1, now=START)
    real = backup.backup

    def harmed(store: Store, file: Path, **more: object) -> None:
        real(store, file)
        if harm == "page":
            data = bytearray(file.read_bytes())
            data[4096 * 5 : 4096 * 6] = bytes(4096)
            file.write_bytes(data)
        else:
            with sqlite3.connect(file) as db:
                for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                    db.execute(f"DROP TRIGGER {name}")
                db.execute("DELETE FROM images WHERE rowid = 1")

    monkeypatch.setattr(rotation.backup, "backup", harmed)
    with pytest.raises(IntegrityError, match="not whole"):
        rotation.make(store, keep=1, now=START + timedelta(hours=1))
    assert [one.file for one in rotation.kept(store.root / "backups")] == [whole.file]
    monkeypatch.undo()
    rotation.make(store, keep=1, now=START + timedelta(hours=2))
    assert names(store.root / "backups") == ["moue-20261128T120000Z.db"]  # also what was not whole is gone


def test_a_time_that_comes_twice_replaces_nothing(store: Store) -> None:
    first = rotation.make(store, now=START).file
    before = first.read_bytes()
    second = rotation.make(store, now=START).file
    assert names(store.root / "backups") == [first.name, second.name]
    assert second.name == "moue-20261128T100001Z.db"
    assert first.read_bytes() == before


def test_they_are_sent_elsewhere_and_go_there_too(store: Store) -> None:
    there = fsspec.filesystem("memory")
    there.pipe("/off/site/notes.txt", b"somebody's own")
    for hours in range(3):
        made = rotation.make(store, keep=2, to="memory://off/site", now=START + timedelta(hours=hours))
    assert sorted(there.ls("/off/site", detail=False)) == [
        "/off/site/moue-20261128T110000Z.db", "/off/site/moue-20261128T120000Z.db", "/off/site/notes.txt",
    ]  # fmt: skip
    assert there.cat("/off/site/moue-20261128T120000Z.db") == made.file.read_bytes()
    assert "memory://off/site/moue-20261128T100000Z.db" in made.deleted
