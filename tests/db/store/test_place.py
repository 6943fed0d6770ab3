"""A workspace that is moved, emptied, deleted or replaced while it is open: nothing is called saved meanwhile."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils.db import Database as Db

from db.schema import table_digests
from db.store.backup import backup
from db.store.store import Store
from pipeline.core.errors import MoueError, StorageError
from tests.db.fresh import open_fresh


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "ws"


@pytest.fixture
def store(root: Path) -> Iterator[Store]:
    with open_fresh(root) as opened:
        yield opened


def put(key: str) -> Callable[[Db], Any]:
    return lambda db: db.execute("INSERT INTO meta (key, value) VALUES (?, 'v')", [key]).rowcount


def keys_of(file: Path) -> list[str]:
    """Read by SQLite alone."""
    conn = sqlite3.connect(file)
    try:
        return [key for (key,) in conn.execute("SELECT key FROM meta WHERE value = 'v' ORDER BY key")]
    finally:
        conn.close()


def deleted(root: Path) -> None:
    shutil.rmtree(root)


def renamed(root: Path) -> None:
    root.rename(root.with_name("elsewhere"))


def emptied(root: Path) -> None:
    for path in root.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def disk_away(root: Path) -> None:
    """As an empty mount point looks: the folder is there, and another one."""
    root.rename(root.with_name("disk"))
    root.mkdir()


def replaced(root: Path) -> None:
    other = root.with_name("other")
    open_fresh(other).close()
    os.replace(other / "moue.db", root / "moue.db")


def log_deleted(root: Path) -> None:
    (root / "moue.db-wal").unlink()


LOST = {
    deleted: "workspace_gone", renamed: "workspace_gone", emptied: "workspace_gone", disk_away: "workspace_gone",
    replaced: "database_replaced", log_deleted: "database_part_gone",
}  # fmt: skip


@pytest.mark.parametrize("lose", LOST, ids=lambda lose: lose.__name__)
def test_what_is_not_at_its_place_is_neither_written_nor_read(
    store: Store, root: Path, lose: Callable[[Path], None]
) -> None:
    store.write(put("before"))
    lose(root)
    for do in (
        lambda: store.write(put("after")),
        lambda: store.read(lambda db: db.execute("SELECT 1").fetchone()),
        lambda: backup(store, root.with_name("copy.db")),
        store.empty_log,
        store.check_in_place,
    ):
        with pytest.raises(StorageError) as refused:
            do()
        assert refused.value.message.code == LOST[lose]
        assert str(root) in str(refused.value)
    assert not root.with_name("copy.db").exists()


@pytest.mark.parametrize("lose", [deleted, renamed, emptied, disk_away], ids=lambda lose: lose.__name__)
def test_nothing_is_made_anew_where_the_workspace_was(root: Path, lose: Callable[[Path], None]) -> None:
    store = open_fresh(root)
    lose(root)
    before = sorted(root.rglob("*")) if root.exists() else None
    with pytest.raises(StorageError):
        store.write(put("after"))
    store.close()
    assert (sorted(root.rglob("*")) if root.exists() else None) == before


def test_a_commit_during_which_it_went_is_not_called_saved(store: Store, root: Path) -> None:
    def go_meanwhile(db: Db) -> None:
        put("during")(db)
        renamed(root)

    with pytest.raises(StorageError) as refused:
        store.write(go_meanwhile)
    assert refused.value.message.code == "workspace_gone"
    assert keys_of(root.with_name("elsewhere") / "moue.db") == []


def test_back_at_its_place_it_goes_on(store: Store, root: Path) -> None:
    store.write(put("before"))
    renamed(root)
    with pytest.raises(StorageError):
        store.write(put("away"))
    root.with_name("elsewhere").rename(root)
    assert store.write(put("back")) == 1
    assert store.read(lambda db: db.execute("SELECT count(*) FROM meta WHERE value = 'v'").fetchone()) == (2,)


def test_another_file_at_its_place_is_not_the_workspace_come_back(store: Store, root: Path) -> None:
    renamed(root)
    shutil.copytree(root.with_name("elsewhere"), root)
    with pytest.raises(StorageError) as refused:
        store.write(put("into a copy"))
    assert refused.value.message.code == "database_replaced"


def test_closing_leaves_the_log_of_the_file_that_took_its_place(root: Path) -> None:
    """SQLite deletes a log by its path: what another database had just saved would be gone with it."""
    store = open_fresh(root)
    store.write(put("old"))
    renamed(root)
    root.mkdir()
    shutil.copy(root.with_name("elsewhere") / "moue.db", root / "moue.db")
    taker = sqlite3.connect(root / "moue.db", isolation_level=None)
    table_digests.register(taker)
    taker.execute("PRAGMA journal_mode = WAL")
    taker.execute("INSERT INTO meta (key, value) VALUES ('new', 'v')")
    store.close()
    assert (root / "moue.db-wal").stat().st_size > 0
    taker.close()
    assert keys_of(root / "moue.db") == ["new"]


def test_a_database_whose_log_was_deleted_keeps_what_was_saved(root: Path) -> None:
    store = open_fresh(root)
    store.write(put("saved"))
    log_deleted(root)
    with pytest.raises(MoueError):
        store.write(put("not saved"))
    store.close()
    assert keys_of(root / "moue.db") == ["saved"]
