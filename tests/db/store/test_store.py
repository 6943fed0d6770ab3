from __future__ import annotations

import errno
import os
import sqlite3
import threading
from pathlib import Path

import pytest
from filelock import FileLock

from db.store import locks
from db.store import store as opened
from db.store.store import Db, Store
from db.tables.annotators import ensure_annotator, list_annotators
from pipeline.core.errors import BusyError, MoueError, StorageError


def pragma(store: Store, name: str) -> object:
    (value,) = store.write(lambda db: db.execute(f"PRAGMA {name}").fetchone())
    return value


def test_a_new_workspace_is_made_with_its_folder(tmp_path: Path) -> None:
    with Store.open(tmp_path / "deep" / "er") as store:
        assert store.root == tmp_path / "deep" / "er"
        names = store.read(lambda db: [name for (name,) in db.execute("SELECT name FROM classes ORDER BY position")])
    assert names == ["none", "pout", "smile", "openmouth"]
    assert not (tmp_path / "deep" / "er" / "backups").exists()


def test_the_pragmas_are_what_durability_needs(store: Store) -> None:
    assert pragma(store, "journal_mode") == "wal"
    assert pragma(store, "synchronous") == 2  # FULL
    assert pragma(store, "foreign_keys") == 1
    assert pragma(store, "busy_timeout") == 30_000


def test_a_compacting_at_the_start_that_fails_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store.open(tmp_path).close()

    def fails(db: Db) -> None:
        db.execute("INSERT INTO meta (key, value) VALUES ('half', 'done')")
        raise ZeroDivisionError

    db = opened._open_for_writing(tmp_path / "moue.db")
    monkeypatch.setattr(opened.columns, "maybe_compact", fails)
    with pytest.raises(ZeroDivisionError):
        opened._compact_waiting(db)
    assert not db.conn.in_transaction
    assert db.execute("SELECT count(*) FROM meta WHERE key = 'half'").fetchone() == (0,)
    db.close()


def test_a_relative_root_survives_a_change_of_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Store.open(Path("w")) as store:
        monkeypatch.chdir("/")
        assert store.read(lambda db: db.execute("SELECT count(*) FROM meta").fetchone()) == (0,)


def test_opening_again_keeps_what_is_there(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.write(lambda db: db.execute("INSERT INTO meta VALUES ('a', 'b')"))
    with Store.open(tmp_path) as store:
        assert store.read(lambda db: db.execute("SELECT * FROM meta").fetchall()) == [("a", "b")]


def test_many_open_a_new_workspace_at_once(tmp_path: Path) -> None:
    together = threading.Barrier(6)
    failures: list[Exception] = []

    def work() -> None:
        together.wait(10)
        try:
            Store.open(tmp_path / "w").close()
        except (MoueError, OSError, sqlite3.Error) as e:
            failures.append(e)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_living_migration_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store.open(tmp_path).close()
    monkeypatch.setattr(locks, "_MIGRATE_PATIENCE_S", 0.05)
    with FileLock(tmp_path / ".locks" / "migrate.lock"), pytest.raises(BusyError, match="migrating"):
        Store.open(tmp_path)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "moue.db").write_bytes(b"this is no database, it is a letter to a friend" * 50)
    with pytest.raises(StorageError, match="no database"):
        Store.open(tmp_path)


def test_a_workspace_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "w").write_text("")
    with pytest.raises(StorageError, match="choose another folder"):
        Store.open(tmp_path / "w")


def test_a_folder_without_permission_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may write everywhere: what the system says to anybody else is said by a stand-in."""
    folder = tmp_path / "w"
    folder.mkdir()
    real = os.open

    def refuse(path: os.PathLike[str] | str, flags: int, *rest: int, **more: int) -> int:
        if flags & os.O_CREAT and Path(path).is_relative_to(folder):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return real(path, flags, *rest, **more)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StorageError, match=r"cannot be written .*Permission denied.*; check its permissions"):
        Store.open(folder)


def test_closing_folds_the_write_ahead_log_into_the_file(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.write(lambda db: ensure_annotator(db, "Ann"))
        assert store.read(list_annotators) == ["Ann"]
    assert [p.name for p in tmp_path.glob("moue.db*")] == ["moue.db"]


def test_a_background_job_rests_between_its_writes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[tuple[float, bool]] = []
    monkeypatch.setattr(opened.time, "sleep", lambda s: rests.append((s, others_may_write(store.file))))
    store.write(lambda db: ensure_annotator(db, "Ann"))
    assert rests == []
    store.rest_between_writes(0.25)
    store.write(lambda db: ensure_annotator(db, "Ben"))
    assert rests == [(0.25, True)]


def others_may_write(file: Path) -> bool:
    conn = sqlite3.connect(file, timeout=0, isolation_level=None)
    try:
        conn.execute("BEGIN IMMEDIATE")
        conn.execute("ROLLBACK")
        return True
    finally:
        conn.close()
