"""What a damaged log is told from: one that is torn, one that was copied, one that an earlier one lies behind."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from db.decisions.log import apply_ops
from db.store import backup, log_damage, peek
from db.store.locks import InUse, migration_lock
from db.store.log_damage import transactions_lost
from db.store.reading import Reading
from db.store.store import Store
from pipeline.core.errors import IntegrityError, StorageError, UsageError
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide

SAVED: Final = 6
PAGE: Final = 512
FRAME: Final = 24 + PAGE


def saved(db: sqlite3.Connection, *numbers: int) -> None:
    for number in numbers:
        db.execute("INSERT INTO t VALUES (?, ?)", [number, str(number) * 900])


def laid_out(folder: Path, before: Callable[[sqlite3.Connection], None] = lambda db: None) -> tuple[Path, bytes, bytes]:
    """A database as it lies there when its process is killed after six transactions; its file and its log."""
    with closing(sqlite3.connect(folder / "open.db", isolation_level=None)) as db:
        db.execute(f"PRAGMA page_size = {PAGE}")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE t (n INTEGER, filler TEXT)")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before(db)
        saved(db, *range(1, SAVED + 1))
        return folder / "x.db", (folder / "open.db").read_bytes(), (folder / "open.db-wal").read_bytes()


def put(file: Path, database: bytes, log: bytes) -> None:
    file.write_bytes(database)
    file.with_name("x.db-wal").write_bytes(log)
    file.with_name("x.db-shm").unlink(missing_ok=True)


def readable(file: Path) -> list[int]:
    with closing(sqlite3.connect(file)) as db:
        return [n for (n,) in db.execute("SELECT n FROM t ORDER BY n")]


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 16]) + data[at + 1 :]


def test_a_damaged_log_is_one_of_which_more_than_the_last_transaction_is_gone(tmp_path: Path) -> None:
    file, database, log = laid_out(tmp_path)
    told: dict[int, set[bool]] = {}
    for at in range(0, len(log), 97):
        put(file, database, flipped(log, at))
        lost = transactions_lost(file)
        assert file.with_name("x.db-wal").read_bytes() == flipped(log, at), "it is only looked at"
        told.setdefault(SAVED - len(readable(file)), set()).add(lost > 0)
        if lost:
            assert lost in (SAVED - len(readable(file)) + extra for extra in (-1, 0, 1)), at
    assert set(told) == set(range(1, SAVED + 1))
    assert {gone for gone, said in told.items() if said == {True}} >= {3, 4, 5, 6}
    assert True in told[2]


def test_any_byte_of_the_log_s_own_header_counts(tmp_path: Path) -> None:
    file, database, log = laid_out(tmp_path)
    for at in range(32):
        put(file, database, flipped(log, at))
        assert transactions_lost(file) == SAVED, at
        assert readable(file) == [], at


def test_what_a_power_cut_leaves_is_no_damage(tmp_path: Path) -> None:
    file, database, log = laid_out(tmp_path)
    last = len(log) - 3 * FRAME  # the newest transaction has three frames
    for at in range(0, len(log), 401):
        for torn in (log[:at], log[:at] + bytes(len(log) - at)):
            put(file, database, torn)
            assert transactions_lost(file) == 0, at
    for at in range(last, len(log), 29):  # its parts arrived in any order
        put(file, database, log[:at] + bytes(min(29, len(log) - at)) + log[at + 29 :])
        assert transactions_lost(file) == 0, at


def test_frames_of_an_earlier_log_are_no_loss(tmp_path: Path) -> None:
    def earlier(db: sqlite3.Connection) -> None:
        saved(db, *range(100, 120))
        assert db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[0] == 0

    file, database, log = laid_out(tmp_path, earlier)
    assert len(log) > 20 * FRAME
    put(file, database, log)
    assert transactions_lost(file) == 0
    put(file, database, flipped(log, 32 + FRAME + 100))
    assert transactions_lost(file) > 1


def test_a_header_torn_behind_a_log_that_was_copied_is_no_damage(tmp_path: Path) -> None:
    """SQLite writes the header anew when it begins the log again, and what lies behind it is in the database."""
    file, _, log = laid_out(tmp_path)
    copied = (tmp_path / "open.db").read_bytes()  # by its connection, when it was closed
    for at in range(32):
        put(file, copied, flipped(log, at))
        assert transactions_lost(file) == 0, at
        assert readable(file) == list(range(1, SAVED + 1))


@pytest.mark.parametrize("left", [None, 0, 20, 32])
def test_a_log_that_is_copied_and_emptied_meanwhile_is_no_loss(
    left: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process closes the database between two looks at its log: that is shorter, or gone (None)."""
    file, database, log = laid_out(tmp_path)
    put(file, database, flipped(log, 3))  # a torn header, or it would not be looked at
    real = log_damage._index_header

    def closed_behind_it(path: Path) -> bytes | None:
        found = real(path)
        if left is None:
            path.with_name("x.db-wal").unlink()
        else:
            os.truncate(path.with_name("x.db-wal"), left)
        return found

    monkeypatch.setattr(log_damage, "_index_header", closed_behind_it)
    assert transactions_lost(file) == 0


def test_without_a_log_nothing_is_lost(tmp_path: Path) -> None:
    assert transactions_lost(tmp_path / "moue.db") == 0
    (tmp_path / "moue.db-wal").write_bytes(b"x" * 5000)
    assert transactions_lost(tmp_path / "moue.db") == 0


@pytest.fixture
def killed(tmp_path: Path) -> list[int]:
    """Where each of the eight decisions ends in the log of the workspace `w`, whose process was killed behind them."""
    with Store.open(tmp_path / "open") as store:
        faces = add_images(store, list("abcdefgh"))
        assert store.empty_log()
        ends = []
        for face in faces:
            op = store.read(lambda db, face=face: decide(db, face, Verdict.ACCEPT))
            store.write(lambda db, op=op: apply_ops(db, "Ann", [op]))
            ends.append(os.path.getsize(store.root / "moue.db-wal"))
        (tmp_path / "w").mkdir()
        for name in ("moue.db", "moue.db-wal"):
            (tmp_path / "w" / name).write_bytes((store.root / name).read_bytes())
    return ends


@pytest.fixture
def left(killed: list[int], tmp_path: Path) -> Path:
    """That workspace with another bit in the third decision."""
    log = tmp_path / "w" / "moue.db-wal"
    log.write_bytes(flipped(log.read_bytes(), (killed[1] + killed[2]) // 2))
    return log.parent


def content(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in root.glob("moue.db*") if not path.name.endswith("-shm")}


def decided(root: Path) -> int:
    with Store.open(root) as store:
        found: int = store.read(lambda db: db.execute("SELECT count(*) FROM decisions").fetchone()[0])
        return found


def test_a_workspace_with_a_damaged_log_is_not_opened_and_stays_as_it_is(left: Path) -> None:
    before = content(left)
    for _ in range(2):
        with pytest.raises(StorageError, match=r"6 transactions that had been saved") as caught:
            Store.open(left)
        assert caught.value.message.code == "log_damaged"
    assert content(left) == before
    assert peek.peek(left, lambda db: db.execute("SELECT count(*) FROM decisions").fetchone()[0]) == 2


def test_a_notebook_is_told_the_same(left: Path) -> None:
    before = content(left)
    with pytest.raises(StorageError, match=r"6 transactions that had been saved"):
        Reading(left)
    assert content(left) == before


def test_a_notebook_beside_a_server_is_not_kept(tmp_path: Path) -> None:
    with Store.open(tmp_path) as other:
        (face,) = add_images(other, ["a"])
        other.write(lambda db: apply_ops(db, "Ann", [decide(db, face)]))
        with closing(Reading(tmp_path)) as reading:
            assert reading.read(lambda db: db.execute("SELECT count(*) FROM decisions").fetchone()) == (1,)


def test_who_waits_for_the_migration_lock_hides_no_damage(left: Path) -> None:
    """Two that begin at once: the first one is alone, though the second one has begun, too."""
    with ThreadPoolExecutor(2) as pool, migration_lock(left):
        opened = [pool.submit(Store.open, left) for _ in range(2)]
        while not all(one.running() for one in opened):
            time.sleep(0.001)
        time.sleep(0.2)  # both wait
    for one in opened:
        with pytest.raises(StorageError, match="6 transactions"):
            one.result()


def test_who_has_it_open_may_be_writing(left: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So it is opened, and nothing is said of damage."""
    monkeypatch.setattr("db.store.log_damage._LOOK_S", 0.1)
    other = InUse(left)
    try:
        Store.open(left).close()
    finally:
        other.release()


def test_who_only_looks_into_it_meanwhile_is_waited_for(left: Path) -> None:
    other = InUse(left)
    with ThreadPoolExecutor(1) as pool:
        opened = pool.submit(Store.open, left)
        while not opened.running():
            time.sleep(0.001)
        time.sleep(0.2)
        other.release()
        with pytest.raises(StorageError, match="6 transactions"):
            opened.result()


def test_who_wrote_while_it_was_looked_at_and_has_left_damaged_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its log was read half old and half new, and it closed the database before it was asked whether it is there."""
    other, real, looks = Store.open(tmp_path), log_damage.transactions_lost, []
    (face,) = add_images(other, ["a"])

    def half_written(file: Path) -> int:
        looks.append(file)
        if len(looks) > 1:
            return real(file)
        other.write(lambda db: apply_ops(db, "Ann", [decide(db, face)]))
        threading.Timer(0.2, other._in_use.release).start()
        return 3

    monkeypatch.setattr(log_damage, "transactions_lost", half_written)
    with Store.open(tmp_path) as store:
        assert store.read(lambda db: db.execute("SELECT count(*) FROM decisions").fetchone()) == (1,)
    assert len(looks) == 2
    other.close()


def test_it_goes_on_with_what_can_be_read_and_keeps_what_was_there(left: Path) -> None:
    before = content(left)
    with pytest.raises(IntegrityError, match="--incomplete"):
        backup.restore(left / "moue.db", left, replace=True)
    with pytest.raises(UsageError, match="give --replace"):
        backup.restore(left / "moue.db", left, incomplete=True)
    aside = backup.restore(left / "moue.db", left, replace=True, incomplete=True)
    assert aside is not None
    assert content(aside) == before
    assert decided(left) == 2
    with pytest.raises(UsageError, match="not a backup of it"):  # it is whole now
        backup.restore(left / "moue.db", left, replace=True, incomplete=True)


def test_a_backup_with_a_damaged_log_is_only_taken_knowingly(left: Path, tmp_path: Path) -> None:
    with pytest.raises(IntegrityError, match="6 transactions"):
        backup.restore(left / "moue.db", tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert backup.restore(left / "moue.db", tmp_path / "new", incomplete=True) is None
    assert decided(tmp_path / "new") == 2


def test_nothing_torn_stays_behind_the_end_of_a_log(killed: list[int], tmp_path: Path) -> None:
    """With what a second power cut tears it would be two transactions."""
    log = tmp_path / "w" / "moue.db-wal"
    log.write_bytes(flipped(log.read_bytes(), killed[-1] - 5000))
    with Store.open(log.parent) as store:
        assert log.stat().st_size == 0
        assert store.read(lambda db: db.execute("SELECT count(*) FROM decisions").fetchone()[0]) == 7


@pytest.mark.parametrize("door", ["asked", "opened", "restored"])
def test_a_log_that_the_disk_does_not_give_is_named(door: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, database, log = laid_out(tmp_path)
    put(file.with_name("moue.db") if door == "opened" else file, database, log)
    file.with_name("moue.db-wal").write_bytes(log) if door == "opened" else None
    opened = Path.open

    def fails(self: Path, *args: object, **named: object) -> object:
        if self.name.endswith("-wal"):
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(self))
        return opened(self, *args, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", fails)
    with pytest.raises(StorageError, match="-wal cannot be read \\(Input/output error\\)"):
        {
            "asked": lambda: transactions_lost(file),
            "opened": lambda: Store.open(tmp_path),
            "restored": lambda: backup.restore(file, tmp_path / "w"),
        }[door]()
