"""A backup in the place of what was there: SQLite's side files are part of a database, and nobody else uses it."""

from __future__ import annotations

import atexit
import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from db.decisions.log import apply_ops
from db.decisions.verify import verify
from db.store import anchors, locks
from db.store import backup as backups
from db.store.backup import backup, restore
from db.store.store import Store
from pipeline.core.errors import BusyError, IntegrityError, StorageError, UsageError
from tests.db.behind import behind_moue
from tests.db.make import add_images, decide
from tests.faults.kills.killed import killer

AFTER = 30
"""Decisions made after the backup: a database that holds one and a log of these is what one must never get."""

HOLD = """
import sys
from contextlib import ExitStack
from pathlib import Path
from db.store import locks
from db.store.store import Store
with ExitStack() as stack:
    root, what = Path(sys.argv[1]), sys.argv[2]
    if what == "store":
        stack.callback(Store.open(root).close)
    else:
        stack.enter_context(getattr(locks, what)(root))
    print("held", flush=True)
    sys.stdin.read()
"""


def decisions(file: Path) -> int:
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as conn:
        (number,) = conn.execute("SELECT count(*) FROM decisions").fetchone()
    return int(number)


@cache
def _crashed_once() -> Path:
    """w/, as the disk is when its process is killed, and b.db; for all tests of this process, which copy it."""
    folder = Path(mkdtemp())
    atexit.register(shutil.rmtree, folder)
    with Store.open(folder / "live") as store:
        faces = add_images(store, [f"i{n}" for n in range(AFTER + 1)])
        store.write(lambda db: apply_ops(db, "Ann", [decide(db, faces[0])]))
        backup(store, folder / "b.db")
        for face in faces[1:]:
            store.write(lambda db, face=face: apply_ops(db, "Ann", [decide(db, face)]))
        shutil.copytree(folder / "live", folder / "w")
    return folder


def crashed(root: Path, file: Path) -> None:
    """A workspace whose process died: one decision, a backup of it at `file`, and AFTER more in the log alone."""
    shutil.copytree(_crashed_once() / "w", root)
    shutil.copyfile(_crashed_once() / "b.db", file)
    assert decisions(file) == 1
    assert (root / "moue.db-wal").stat().st_size > 0


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".locks")


def test_a_log_without_its_database_is_not_mixed_into_the_backup(tmp_path: Path) -> None:
    crashed(tmp_path / "w", tmp_path / "b.db")
    (tmp_path / "w" / "moue.db").unlink()  # "move it away", said Moue
    aside = restore(tmp_path / "b.db", tmp_path / "w")
    assert aside is not None
    assert decisions(tmp_path / "w" / "moue.db") == 1
    with Store.open(tmp_path / "w") as store:
        assert store.read(lambda db: [*verify(db), *anchors.check(db, store.root)]) == []
    assert "moue.db-wal" in names(aside)
    assert aside.parent == tmp_path / "w" / "backups"


@pytest.mark.parametrize("suffix", ["-wal", "-shm", "-journal"])
def test_any_side_file_alone_is_set_aside(tmp_path: Path, suffix: str) -> None:
    crashed(tmp_path / "live2", tmp_path / "b.db")
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / f"moue.db{suffix}").write_bytes(b"of another life")
    aside = restore(tmp_path / "b.db", tmp_path / "w")
    assert aside is not None
    assert (aside / f"moue.db{suffix}").read_bytes() == b"of another life"
    assert decisions(tmp_path / "w" / "moue.db") == 1


def test_a_database_is_replaced_only_when_asked_and_kept_whole(tmp_path: Path) -> None:
    crashed(tmp_path / "w", tmp_path / "b.db")
    with pytest.raises(UsageError, match="--replace"):
        restore(tmp_path / "b.db", tmp_path / "w")
    aside = restore(tmp_path / "b.db", tmp_path / "w", replace=True)
    assert aside is not None
    assert decisions(tmp_path / "w" / "moue.db") == 1
    assert decisions(aside / "moue.db") == AFTER + 1  # with its log
    assert [name for name in names(tmp_path / "w") if name.startswith(("moue.db-", ".new"))] == []


def test_an_older_backup_is_no_contradiction_to_what_was_noted_later(tmp_path: Path) -> None:
    crashed(tmp_path / "w", tmp_path / "b.db")
    Store.open(tmp_path / "w").close()  # notes where the log ends
    aside = restore(tmp_path / "b.db", tmp_path / "w", replace=True)
    assert aside is not None
    assert f"{AFTER + 1} " in (aside / ".anchors").read_text()
    with Store.open(tmp_path / "w") as store:
        assert store.read(lambda db: anchors.check(db, store.root)) == []
    assert (tmp_path / "w" / ".anchors").read_text().startswith("1 ")


@pytest.mark.parametrize(
    ("holder", "words"),
    [
        ("server_lock", "server serves the workspace"),
        ("job_lock", "another job"),
        ("migration_lock", "migrating"),
        ("store", "open"),
    ],
)
def test_it_is_refused_while_somebody_uses_the_database(
    tmp_path: Path, holder: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashed(tmp_path / "w", tmp_path / "b.db")
    monkeypatch.setattr(locks, "_MIGRATE_PATIENCE_S", 0.05)
    monkeypatch.setattr(locks, "_PATIENCE_S", 0.05)
    command = [sys.executable, "-c", HOLD, str(tmp_path / "w"), holder]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"held\n"
        before = names(tmp_path / "w")
        with pytest.raises(BusyError, match=words):
            restore(tmp_path / "b.db", tmp_path / "w", replace=True)
        assert names(tmp_path / "w") == before
        owner.communicate()
    assert restore(tmp_path / "b.db", tmp_path / "w", replace=True) is not None


def test_nobody_opens_it_meanwhile(tmp_path: Path) -> None:
    Store.open(tmp_path / "w").close()
    with locks.exchange_lock(tmp_path / "w"), pytest.raises(BusyError, match="restored"):
        Store.open(tmp_path / "w")
    Store.open(tmp_path / "w").close()


def test_a_log_beside_the_backup_is_refused(tmp_path: Path) -> None:
    crashed(tmp_path / "w", tmp_path / "b.db")
    shutil.copyfile(tmp_path / "w" / "moue.db-wal", tmp_path / "b.db-wal")
    with pytest.raises(UsageError, match="no part of the backup"):
        restore(tmp_path / "b.db", tmp_path / "other")
    assert not (tmp_path / "other" / "moue.db").exists()


def test_a_copied_workspace_is_restored_with_its_log(tmp_path: Path) -> None:
    """The log beside a file that was copied from a workspace is its own."""
    crashed(tmp_path / "w", tmp_path / "b.db")
    restore(tmp_path / "w" / "moue.db", tmp_path / "other")
    assert decisions(tmp_path / "other" / "moue.db") == AFTER + 1


def test_a_database_is_no_backup_of_itself(tmp_path: Path) -> None:
    crashed(tmp_path / "w", tmp_path / "b.db")
    with pytest.raises(UsageError, match="the database of this workspace"):
        restore(tmp_path / "w" / "moue.db", tmp_path / "w", replace=True)
    assert decisions(tmp_path / "w" / "moue.db") == AFTER + 1


@pytest.mark.parametrize("suffix", ["-wal", "-shm", "-journal"])
def test_a_backup_takes_no_name_with_side_files(store: Store, tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"b.db{suffix}").write_bytes(b"x")
    with pytest.raises(UsageError, match="would mix the two"):
        backup(store, tmp_path / "b.db")
    assert not (tmp_path / "b.db").exists()


def test_a_backup_holds_what_is_in_the_log_alone(store: Store, tmp_path: Path) -> None:
    (face,) = add_images(store, ["a"])
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face)]))
    assert store.file.with_name("moue.db-wal").stat().st_size > 0
    backup(store, tmp_path / "b.db")
    assert decisions(tmp_path / "b.db") == 1
    assert names(tmp_path) == ["b.db", store.root.name]


def test_a_log_whose_database_is_gone_is_never_deleted(tmp_path: Path) -> None:
    """SQLite removes the log of a database that it finds empty."""
    crashed(tmp_path / "w", tmp_path / "b.db")
    log = (tmp_path / "w" / "moue.db-wal").read_bytes()
    (tmp_path / "w" / "moue.db").rename(tmp_path / "kept.db")
    with pytest.raises(StorageError, match=r"moue.db is gone.*restore"):
        Store.open(tmp_path / "w")
    (tmp_path / "w" / "moue.db").touch()
    with pytest.raises(StorageError, match=r"moue.db is gone.*restore"):
        Store.open(tmp_path / "w")
    assert (tmp_path / "w" / "moue.db-wal").read_bytes() == log
    (tmp_path / "kept.db").replace(tmp_path / "w" / "moue.db")
    with Store.open(tmp_path / "w") as store:
        assert store.read(verify) == []
        assert store.read(lambda db: db.execute("SELECT count(*) FROM decisions").fetchone()) == (AFTER + 1,)


def test_what_turns_out_wrong_in_its_place_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crashed(tmp_path / "w", tmp_path / "b.db")
    before = names(tmp_path / "w")
    monkeypatch.setattr(backups, "put_in_place", lambda copy, target: target.write_bytes(b"x" * len(copy.read_bytes())))
    with pytest.raises((IntegrityError, StorageError)):
        restore(tmp_path / "b.db", tmp_path / "w", replace=True)
    assert names(tmp_path / "w") == sorted({*before, "backups"})
    assert decisions(tmp_path / "w" / "moue.db") == AFTER + 1
    monkeypatch.undo()
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(StorageError, match="the disk is full"):
        restore(tmp_path / "b.db", tmp_path / "w", replace=True)
    assert decisions(tmp_path / "w" / "moue.db") == AFTER + 1


def test_a_backup_that_contradicts_itself_comes_back_and_is_told(tmp_path: Path) -> None:
    crashed(tmp_path / "w", tmp_path / "b.db")
    with closing(behind_moue(tmp_path / "w")) as conn:
        conn.execute("UPDATE faces SET x1 = 0")
    with Store.open(tmp_path / "w") as store:
        backup(store, tmp_path / "c.db")
    restore(tmp_path / "c.db", tmp_path / "other")
    with Store.open(tmp_path / "other") as store:
        assert any("table faces" in finding for finding in store.read(verify))


@pytest.mark.long
def test_killed_anywhere_it_is_the_old_one_or_the_new_one_or_says_what_to_do(tmp_path: Path) -> None:
    crashed(tmp_path / "w", tmp_path / "b.db")
    words = ("restore", tmp_path / "b.db", "--replace", "--workspace")
    found: list[int] = []
    with killer() as killing:
        shutil.copytree(tmp_path / "w", tmp_path / "undisturbed")
        whole = killing.run(*words, tmp_path / "undisturbed")
        assert whole.code == 0, whole.words
        for step in range(whole.steps):
            root = tmp_path / f"w{step}"
            shutil.copytree(tmp_path / "w", root)
            assert killing.run(*words, root, before=step).was_killed
            try:
                Store.open(root).close()
            except StorageError as e:
                assert "restore a backup" in str(e)  # noqa: PT017 - either is right, and this is what it must say
                restore(tmp_path / "b.db", root)
            found.append(decisions(root / "moue.db"))
    assert len(found) > 10
    assert found == sorted(found, reverse=True)  # first the old one, from some step on the new one
    assert set(found) == {AFTER + 1, 1}


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "the disk is full"), (errno.EACCES, r"cannot be moved back from .*before-restore")],
)
def test_where_nothing_can_be_moved_back_it_says_where_the_database_is_and_restore_works_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    """Each new name is refused from the second one on."""
    crashed(tmp_path / "w", tmp_path / "b.db")
    moved, rename = [], os.rename

    def full(source: Path, to: Path) -> None:
        if moved:
            raise OSError(number, os.strerror(number), str(to))
        rename(source, to)
        moved.append(Path(to))

    with monkeypatch.context() as patched:
        patched.setattr(os, "rename", full)
        with pytest.raises(StorageError, match=words):
            restore(tmp_path / "b.db", tmp_path / "w", replace=True)
    assert [path.name for path in moved] == ["moue.db"]
    with pytest.raises(StorageError, match="a restore was interrupted"):
        Store.open(tmp_path / "w")
    restore(tmp_path / "b.db", tmp_path / "w", replace=True)
    assert decisions(tmp_path / "w" / "moue.db") == 1
    assert moved[0].exists()  # what was there before is still set aside
    with Store.open(tmp_path / "w") as store:
        assert store.read(lambda db: [*verify(db), *anchors.check(db, store.root)]) == []
