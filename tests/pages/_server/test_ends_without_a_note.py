"""Work whose end nobody could note (disk full or away, process killed) is over at once and blocks nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from db.store.locks import job_lock, starter_is_gone, starting
from db.store.store import Store
from db.tables import jobs
from db.tables.access import export_runs
from pages._server import jobs as server_jobs
from pages._server import workspace
from pages._server.exports import runs
from pipeline.core.errors import StorageError
from pipeline.core.messages import message
from pipeline.core.system import calls
from pipeline.export.options import ExportOptions
from pipeline.export.split import SplitPlan

SLEEPS = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def store(empty: Path) -> Store:
    return workspace.get_store()


def start_job(store: Store) -> str:
    return server_jobs.start_reprocess(store, None, (), None, None, None, annotator="Ada")


def start_export(store: Store) -> str:
    return runs.start(store, "Ada", "data", SplitPlan(val=0.5), ExportOptions()).id


def job_runs(store: Store, number: str) -> bool:
    told = server_jobs.watch(store, number)
    assert told is not None
    assert told.error is not None or told.state == "queued"
    now = server_jobs.running(store)
    assert (now is None) == (told.state != "queued")
    return told.state == "queued"


def export_runs_now(store: Store, number: str) -> bool:
    told = runs.find(store, number)
    assert told is not None
    assert told.error is not None or told.state == "running"
    return told.state == "running"


KINDS = pytest.mark.parametrize(
    ("module", "start", "is_running"),
    [(server_jobs, start_job, job_runs), (runs, start_export, export_runs_now)],
    ids=["job", "export"],
)


def noted(store: Store) -> str:
    """The one that was noted last."""
    newest = store.read(lambda db: jobs.jobs_recent(db, 1))
    return newest[0].id if newest else list(store.read(export_runs.known))[-1]


def spawn_asleep(monkeypatch: pytest.MonkeyPatch, module: Any) -> list[subprocess.Popen[bytes]]:
    """What is started does nothing, and so notes nothing; it has what a process is passed."""
    begun: list[subprocess.Popen[bytes]] = []

    def spawn(*args: Any) -> subprocess.Popen[bytes]:
        begun.append(subprocess.Popen(SLEEPS, pass_fds=args[-1]))
        return begun[-1]

    monkeypatch.setattr(module, "_spawn", spawn)
    return begun


class FailingStore:
    """Its writes find no room from the one of that number on."""

    def __init__(self, store: Store, first: int) -> None:
        self.root, self.read, self._store, self._left = store.root, store.read, store, first

    def write(self, work: Callable[..., Any]) -> Any:
        self._left -= 1
        if self._left < 0:
            raise StorageError(message("disk_full", what=self.root))
        return self._store.write(work)


@KINDS
def test_a_start_that_failed_and_could_not_be_noted_blocks_nobody(
    store: Store, monkeypatch: pytest.MonkeyPatch, module: Any, start: Any, is_running: Any
) -> None:
    def refused(*args: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    with monkeypatch.context() as patch:
        patch.setattr(module, "_spawn", refused)
        with pytest.raises(StorageError):
            start(FailingStore(store, 1))
    assert not is_running(store, noted(store))
    begun = spawn_asleep(monkeypatch, module)
    assert is_running(store, start(store))
    begun[0].kill()


@KINDS
def test_one_lives_from_its_note_to_the_end_of_its_process_whoever_asks(
    store: Store, monkeypatch: pytest.MonkeyPatch, module: Any, start: Any, is_running: Any
) -> None:
    """Also a server that was started anew, which is not its parent, and before the process said a word."""
    (child,), number = spawn_asleep(monkeypatch, module), start(store)
    module._children.clear()
    assert is_running(store, number)
    child.kill()
    child.wait()
    assert not is_running(store, number)


@KINDS
def test_one_whose_death_cannot_be_noted_is_over_all_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch, module: Any, start: Any, is_running: Any
) -> None:
    begun = spawn_asleep(monkeypatch, module)
    number = start(store)
    begun[0].kill()
    begun[0].wait()
    assert not is_running(FailingStore(store, 0), number)
    assert not is_running(store, number)
    assert is_running(store, start(store))
    begun[1].kill()


@KINDS
def test_one_that_died_before_its_first_word_does_not_keep_the_next_from_starting(
    store: Store, monkeypatch: pytest.MonkeyPatch, module: Any, start: Any, is_running: Any
) -> None:
    """Nobody looks at it in between."""
    begun = spawn_asleep(monkeypatch, module)
    start(store)
    begun[0].kill()
    begun[0].wait()
    assert is_running(store, start(store))
    begun[1].kill()


def test_work_of_the_command_line_that_was_killed_is_no_work(store: Store) -> None:
    """Review and the upload of files ask for what runs, and show no job."""
    with job_lock(store.root):
        number = store.write(lambda db: jobs.start_job(db, "ingest", {}, 1))
        now = server_jobs.running(store)
        assert now is not None
        assert now.id == number
    assert server_jobs.running(store) is None
    (job,) = store.read(lambda db: jobs.jobs_recent(db, 1))
    assert (job.state, job.error) == ("interrupted", message("job_vanished"))


def test_an_end_that_was_noted_meanwhile_stays(store: Store) -> None:
    number = store.write(lambda db: jobs.start_job(db, "ingest", {}, 1))
    store.write(lambda db: jobs.finish(db, number, "done"))
    store.write(lambda db: jobs.note_death(db, number, "failed", message("job_vanished")))
    (job,) = store.read(lambda db: jobs.jobs_recent(db, 1))
    assert (job.state, job.error) == ("done", None)


def test_who_starts_something_holds_a_share_of_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert starter_is_gone(tmp_path, "job")
    with starting(tmp_path, "job") as passed, starting(tmp_path, "job"):
        assert len(passed) == 1
        assert not starter_is_gone(tmp_path, "job")
        assert starter_is_gone(tmp_path, "export")
    assert starter_is_gone(tmp_path, "job")
    monkeypatch.setattr(calls, "fcntl", None)  # a system without such locks: two minutes tell it
    with starting(tmp_path, "job") as passed:
        assert passed == ()
    assert [starter_is_gone(tmp_path, "job", at) for at in (None, "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z")] == [
        False,
        True,
        False,
    ]
