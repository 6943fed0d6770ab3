"""A backup put back from the page: what is refused, what the server does at its end, and what it says of it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from db.decisions.log import apply_ops
from db.store.locks import export_run_lock, job_lock, upload_lock
from db.store.store import Store
from db.tables import audit
from pages._server.upkeep import backups, put_back
from pipeline.actions.backups import rotation
from pipeline.core.errors import BusyError, StorageError, UsageError
from tests.db import make
from tests.db.fresh import open_fresh


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Two faces, of which the first is decided on."""
    opened = open_fresh(tmp_path / "w")
    make.add_images(opened, ["x", "y"])
    decide(opened, 0)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def signals(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[int, int]]]:
    """Those that would have been sent."""
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda *one: sent.append(one))
    yield sent
    put_back._asked.clear()
    put_back._stays_down.clear()


def decide(store: Store, number: int) -> None:
    face = store.read(lambda db: db.execute("SELECT id FROM faces ORDER BY seq").fetchall())[number][0]
    store.write(lambda db: apply_ops(db, "Ada", [make.decide(db, face)]))


def decisions(root: Path) -> int:
    with Store.open(root) as store:
        (number,) = store.read(lambda db: db.execute("SELECT count(*) FROM decisions").fetchone())
        return int(number)


def test_the_server_is_told_to_stop_once(store: Store, signals: list[tuple[int, int]]) -> None:
    file = rotation.make(store).file
    put_back.ask(store, file, "Ada")
    assert signals == [(os.getpid(), signal.SIGTERM)]
    with pytest.raises(BusyError, match="is being restored"):
        put_back.ask(store, file, "Ben")


def test_of_two_people_at_once_one_is_told_of_the_other(
    store: Store, signals: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, read_head = rotation.make(store).file, put_back.backup.read_head
    reads, told = threading.Event(), list[BusyError]()

    def ben() -> None:
        try:
            put_back.ask(store, file, "Ben")
        except BusyError as e:
            told.append(e)

    late = threading.Thread(target=ben)

    def slow(one: Path) -> tuple[int, str] | None:
        if not reads.is_set():
            reads.set()
            late.start()
            late.join(0.5)
        return read_head(one)

    monkeypatch.setattr(put_back.backup, "read_head", slow)
    put_back.ask(store, file, "Ada")
    late.join()
    assert len(signals) == len(told) == 1
    assert [one.by for one in put_back._asked] == ["Ada"]


def test_a_backup_that_is_being_made_is_waited_for(
    store: Store, signals: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would hold the database, and the server would have begun anew in vain."""
    file = rotation.make(store).file
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as makes:  # ends with its input
        monkeypatch.setitem(backups._by_hand, store.root, makes)
        with pytest.raises(BusyError, match="another process has the database"):
            put_back.ask(store, file, "Ada")
    assert signals == []
    put_back.ask(store, file, "Ada")


def test_only_a_backup_of_this_workspace_is_taken(store: Store, tmp_path: Path, signals: list[tuple[int, int]]) -> None:
    elsewhere = tmp_path / "moue-20260101T000000Z.db"
    shutil.copy(rotation.make(store).file, elsewhere)
    for file in (elsewhere, store.root / "backups" / elsewhere.name, store.file):
        with pytest.raises(UsageError, match="there is no backup"):
            put_back.ask(store, file, "Ada")
    assert signals == []


@pytest.mark.parametrize("lock", [job_lock, export_run_lock, upload_lock])
def test_nothing_may_run_that_would_go_on_beside_it(
    store: Store, lock: Callable[[Path], AbstractContextManager[None]], signals: list[tuple[int, int]]
) -> None:
    file = rotation.make(store).file
    with lock(store.root), pytest.raises(BusyError):
        put_back.ask(store, file, "Ada")
    assert signals == []
    put_back.ask(store, file, "Ada")


def test_one_that_cannot_be_read_stops_nothing(store: Store, signals: list[tuple[int, int]]) -> None:
    file = rotation.make(store).file
    file.write_bytes(b"no database" * 1000)
    with pytest.raises(StorageError):
        put_back.ask(store, file, "Ada")
    assert signals == []


def test_at_its_end_the_server_puts_it_in_place_and_says_so(store: Store) -> None:
    file = rotation.make(store).file
    decide(store, 1)
    put_back.ask(store, file, "Ada")
    store.close()
    assert put_back.carry_out()
    assert decisions(store.root) == 1
    (kept,) = (store.root / "backups").glob("before-restore-*")
    last = put_back.last_outcome(store.root)
    assert last is not None
    assert last.well
    assert str(last.said) == f"the backup {file.name} is in place; what was there before lies in backups/{kept.name}"
    with Store.open(store.root) as opened:
        *_, newest = opened.read(lambda db: list(audit.rows(db)))
    assert (newest.annotator, newest.action) == ("Ada", "restore")
    assert not put_back.carry_out(), "once"


def test_where_it_cannot_be_put_in_place_all_is_as_before_and_the_reason_is_told(store: Store) -> None:
    file = rotation.make(store).file
    decide(store, 1)
    put_back.ask(store, file, "Ada")
    store.close()
    data = bytearray(file.read_bytes())
    data[4096:8192] = bytes(4096)
    file.write_bytes(data)
    assert put_back.carry_out()
    last = put_back.last_outcome(store.root)
    assert last is not None
    assert not last.well
    assert file.name in str(last.said)
    assert last.said.code
    assert decisions(store.root) == 2


def test_an_error_that_nobody_foresaw_is_told_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ValueError("of a library")

    monkeypatch.setattr(put_back, "restore_workspace", fails)
    put_back.ask(store, rotation.make(store).file, "Ada")
    assert put_back.carry_out()
    last = put_back.last_outcome(store.root)
    assert last is not None
    assert "ValueError" in str(last.said)


def test_without_a_request_nothing_is_done(store: Store) -> None:
    assert not put_back.carry_out()
    assert put_back.last_outcome(store.root) is None


def test_told_to_end_by_somebody_else_too_it_stays_down(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    monkeypatch.setattr(os, "execve", lambda *_: begun.append("anew"))
    put_back.stay_down()
    put_back.start_anew()
    assert begun == []


def test_it_begins_anew_as_it_was_begun_and_opens_no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[tuple[str, list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda *one: begun.append(one))
    monkeypatch.setattr(sys, "orig_argv", ["python", "-m", "streamlit", "run", "app.py", "--server.port", "8600"])
    put_back.start_anew()
    ((program, line, environment),) = begun
    assert (program, line[0]) == (sys.executable, sys.executable)
    assert line[1:] == ["-m", "streamlit", "run", "app.py", "--server.port", "8600"]
    assert environment == {**os.environ, "STREAMLIT_SERVER_HEADLESS": "true"}
