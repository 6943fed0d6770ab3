from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from db.decisions.log import apply_ops, verify_chain
from db.decisions.verify import verify
from db.images.erase import erase
from db.reads.counts import workspace_counts
from db.store.backup import backup, later_decisions, restore
from db.store.store import Store
from db.tables import audit
from pipeline.core.errors import IntegrityError, StorageError, UsageError
from tests.db.behind import behind_moue
from tests.db.make import add_images, decide, sha_of
from tests.db.schema.test_migrate import longer


def test_a_backup_comes_back_whole(store: Store, tmp_path: Path) -> None:
    faces = add_images(store, ["a", "b"])
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, faces[0])]))
    backup(store, tmp_path / "b.db")
    restore(tmp_path / "b.db", tmp_path / "other")
    with Store.open(tmp_path / "other") as other:
        assert other.read(workspace_counts) == store.read(workspace_counts)
        assert other.read(verify) == []
        assert other.write(lambda db: apply_ops(db, "Ann", [decide(db, faces[1])]))[0].status == "saved"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b.db", "other", store.root.name]


def test_a_backup_made_while_people_decide_is_one_moment(store: Store, tmp_path: Path) -> None:
    faces = add_images(store, [f"i{n}" for n in range(20)])
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            store.write(lambda db: apply_ops(db, "Ann", [decide(db, face) for face in faces]))

    thread = threading.Thread(target=work)
    thread.start()
    for n in range(5):
        backup(store, tmp_path / f"b{n}.db")
    stop.set()
    thread.join()
    for n in range(5):
        restore(tmp_path / f"b{n}.db", tmp_path / f"w{n}")
        with Store.open(tmp_path / f"w{n}") as other:
            assert other.read(verify_chain) == []
            assert other.read(workspace_counts).decisions % 20 == 0  # a batch is in it whole or not at all


def test_nothing_is_overwritten(store: Store, tmp_path: Path) -> None:
    (tmp_path / "b.db").write_text("mine")
    with pytest.raises(UsageError, match="exists"):
        backup(store, tmp_path / "b.db")
    assert (tmp_path / "b.db").read_text() == "mine"
    backup(store, tmp_path / "c.db")
    with pytest.raises(UsageError, match="exists"):
        restore(tmp_path / "c.db", store.root)
    assert store.read(verify) == []


def test_what_is_no_backup_is_refused_and_nothing_is_left(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no backup"):
        restore(tmp_path / "none.db", tmp_path / "w")
    (tmp_path / "letter.db").write_bytes(b"dear friend, " * 1000)
    with pytest.raises(StorageError, match="no database"):
        restore(tmp_path / "letter.db", tmp_path / "w")
    with sqlite3.connect(tmp_path / "recipes.db") as conn:
        conn.execute("CREATE TABLE recipes (x)")
    conn.close()
    with pytest.raises(StorageError, match="none of Moue's"):
        restore(tmp_path / "recipes.db", tmp_path / "w")
    assert [path.name for path in (tmp_path / "w").iterdir()] == [".locks"]


def test_a_backup_of_a_newer_moue_is_refused(store: Store, tmp_path: Path) -> None:
    from sqlite_utils.db import Database

    from db.schema import migrate

    backup(store, tmp_path / "b.db")
    conn = sqlite3.connect(tmp_path / "b.db", isolation_level=None)
    migrate.migrate(Database(conn), tmp_path / "b.db", tmp_path / "x", longer())
    conn.close()
    with pytest.raises(StorageError, match="upgrade"):
        restore(tmp_path / "b.db", tmp_path / "w")


def test_a_damaged_backup_is_refused(store: Store, tmp_path: Path) -> None:
    add_images(store, [f"i{n}" for n in range(200)])
    backup(store, tmp_path / "b.db")
    data = bytearray((tmp_path / "b.db").read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096 * 4] = b"\xa5" * 4096 * 4
    (tmp_path / "b.db").write_bytes(bytes(data))
    with pytest.raises((IntegrityError, StorageError), match="damaged"):
        restore(tmp_path / "b.db", tmp_path / "w")
    assert not (tmp_path / "w" / "moue.db").exists()


def test_a_folder_that_is_not_there_is_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        backup(store, tmp_path / "no" / "b.db")


def test_a_backup_made_after_an_erase_is_found_whole(store: Store, tmp_path: Path) -> None:
    """SQLite numbers a table's rows anew in a copy where some are gone."""
    add_images(store, ["a", "b", "c"])
    store.write(lambda db: erase(db, sha_of("b")))
    assert store.read(verify) == []
    backup(store, tmp_path / "b.db")
    restore(tmp_path / "b.db", tmp_path / "other")
    with Store.open(tmp_path / "other") as again:
        assert again.read(verify) == []
        assert again.read(lambda db: db.execute("SELECT sha256 FROM images ORDER BY rowid").fetchall()) == [
            (sha_of("a"),), (sha_of("c"),)]  # fmt: skip


def test_a_backup_hides_no_tampering_after_an_erase(store: Store, tmp_path: Path) -> None:
    add_images(store, ["a", "b", "c"])
    store.write(lambda db: erase(db, sha_of("b")))
    db = behind_moue(store.root)
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE name LIKE 'digest!_images%' ESCAPE '!'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    db.execute("UPDATE images SET width = 7 WHERE sha256 = ?", [sha_of("c")])
    db.commit()
    db.close()
    backup(store, tmp_path / "b.db")
    restore(tmp_path / "b.db", tmp_path / "other")
    with Store.open(tmp_path / "other") as again:
        assert any("table images" in finding for finding in again.read(verify))


def test_a_backup_stays_where_the_audit_cannot_take_its_line(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The workspace's disk is full, the backup's is not: the copy is what somebody with a full disk needs most."""
    (face,) = add_images(store, ["a"])
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face)]))

    def full(*_: object, **__: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    monkeypatch.setattr(audit, "append", full)
    backup(store, tmp_path / "b.db")
    with closing(sqlite3.connect(tmp_path / "b.db")) as conn:
        assert conn.execute("SELECT count(*) FROM decisions").fetchone() == (1,)
    assert "the audit of" in caplog.text


def test_what_a_backup_lacks_is_counted(store: Store, tmp_path: Path) -> None:
    faces = add_images(store, ["a", "b"])
    backup(store, tmp_path / "none.db")
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, faces[0])]))
    backup(store, tmp_path / "one.db")
    assert later_decisions(store, tmp_path / "one.db") == 0
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face) for face in faces]))
    assert later_decisions(store, tmp_path / "one.db") == 2
    assert later_decisions(store, tmp_path / "none.db") == 3


def test_a_backup_of_another_log_is_known(store: Store, tmp_path: Path) -> None:
    faces = add_images(store, ["a", "b"])
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, faces[0])]))
    with Store.open(tmp_path / "other") as other:
        (_, second) = add_images(other, ["a", "b"])
        other.write(lambda db: apply_ops(db, "Ann", [decide(db, second)]))
        backup(other, tmp_path / "b.db")
    assert later_decisions(store, tmp_path / "b.db") is None
