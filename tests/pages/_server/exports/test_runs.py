"""Exports that pages and scripts begin, each in a process of its own: begun, watched, cancelled, killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from db.store.locks import export_lock
from db.store.store import Store
from db.tables.access import export_runs
from db.tables.access.export_runs import Progress
from db.tables.annotators import ensure_annotator
from db.tables.releases import list_releases
from pages._server import workspace
from pages._server.exports import runs
from pages._server.exports.runs import Run
from pipeline.core.errors import BusyError, UsageError
from pipeline.export.options import ExportOptions
from pipeline.export.split import SplitPlan
from tests.pages.test_shell import add_distinct, crops_of, decide_all

HALF = SplitPlan(val=0.5)


@pytest.fixture
def store(empty: Path) -> Store:
    """Eight accepted faces, two a class."""
    faces = add_distinct(8)
    crops_of(faces)
    decide_all(faces, lambda n: 1 + n % 4)
    opened = workspace.get_store()
    opened.write(lambda db: ensure_annotator(db, "Ada"))
    return opened


def start(store: Store, out: Path | None = None, name: str = "data") -> Run:
    return runs.start(store, "Ada", name, HALF, ExportOptions(), out=out)


def wait_for(store: Store, run_id: str, is_so: Callable[[Run], bool] = lambda run: run.state != "running") -> Run:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        run = runs.find(store, run_id)
        assert run is not None
        if is_so(run):
            return run
        time.sleep(0.02)
    raise AssertionError(f"the export did not come so far: {run}")


def is_planned(run: Run) -> bool:
    return run.progress == Progress("plan", 1, 1)


def pid_of(store: Store, run_id: str) -> int:
    pid: int = store.read(export_runs.known)[run_id]["pid"]
    return pid


def left(store: Store) -> list[str]:
    return sorted(path.name for path in (store.root / "releases").glob("*"))


def test_it_is_made_in_a_process_of_its_own_one_at_a_time(store: Store, tmp_path: Path) -> None:
    with export_lock(store.root):  # it waits here
        begun = start(store, tmp_path / "out")
        wait_for(store, begun.id, is_planned)
        pid = pid_of(store, begun.id)
        assert pid != os.getpid()
        assert os.getsid(pid) == pid  # neither a closed tab nor a stopped server ends it
        with pytest.raises(BusyError, match="is being written"):
            start(store)
    ended = wait_for(store, begun.id)
    (made,) = store.read(list_releases)
    assert (ended.state, ended.files, ended.release) == ("done", 8, made.id)
    assert (ended.split_plan, ended.options) == (HALF, ExportOptions())
    assert Path(made.path) == tmp_path / "out"
    assert wait_for(store, start(store).id).state == "done"
    assert left(store) == ["data.zip"]


def test_a_cancelled_one_leaves_nothing(store: Store) -> None:
    with export_lock(store.root):
        begun = start(store)
        wait_for(store, begun.id, is_planned)
        runs.cancel(store, begun.id)
    ended = wait_for(store, begun.id)
    assert (ended.state, ended.error) == ("cancelled", None)
    assert left(store) == []
    assert store.read(list_releases) == []
    runs.cancel(store, begun.id)  # a page from before: its end stays
    assert runs.find(store, begun.id) == ended


HELD = """
import glob, os, time
flush = os.fsync
def held(descriptor):
    while glob.glob({half!r}) and not os.path.exists({go!r}):
        open({reached!r}, "w").close()
        time.sleep(0.05)
    return flush(descriptor)
os.fsync = held
"""
"""What makes an export wait at its first flush of what it writes."""


@pytest.mark.long_but(1)
@pytest.mark.parametrize("is_ours", [True, False], ids=["its server", "a server started anew"])
def test_one_that_is_killed_while_it_writes_leaves_no_half_release(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_ours: bool
) -> None:
    out, reached, go = tmp_path / "out", tmp_path / "reached", tmp_path / "go"
    (tmp_path / "held").mkdir()
    held = HELD.format(half=str(tmp_path / ".out.moue-new-*"), reached=str(reached), go=str(go))
    (tmp_path / "held" / "sitecustomize.py").write_text(held, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "held"))
    begun = start(store, out)
    wait_for(store, begun.id, lambda run: reached.exists())
    assert list(tmp_path.glob(".out.moue-new-*"))
    if not is_ours:
        runs._children.clear()
        assert wait_for(store, begun.id, lambda run: True).state == "running"  # its lock says that it lives
    os.kill(pid_of(store, begun.id), signal.SIGKILL)
    ended = wait_for(store, begun.id)
    assert ended.error is not None
    assert (ended.state, ended.error.code) == ("failed", "export_interrupted")
    assert not out.exists()
    assert store.read(list_releases) == []
    go.touch()
    assert wait_for(store, start(store, out).id).state == "done"
    assert not list(tmp_path.glob(".out.moue-*"))


def test_a_process_that_never_began_says_why(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    spawn = runs._spawn
    monkeypatch.setattr(runs, "_spawn", lambda root, run_id, passed: spawn(root, "another", passed))
    ended = wait_for(store, start(store).id)
    assert ended.error is not None
    assert (ended.state, ended.error.code) == ("failed", "run_unknown")


def test_folders_that_pages_may_not_write_to_are_refused(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed, other = tmp_path / "allowed", tmp_path / "other"
    for folder in (allowed, other):
        folder.mkdir()
    (allowed / "link").symlink_to(other)
    (store.root / "releases").mkdir()
    (store.root / "releases" / "link").symlink_to(other)
    inside = (allowed / "data", store.root / "releases" / "data")
    outside = (other / "data", allowed / "link" / "data", allowed / ".." / "other" / "data", other)
    outside += (store.root / "releases" / "link" / "data", store.root / "data", Path("/etc/data"))
    for setting, may in ((str(allowed), inside), ("", inside[1:])):
        monkeypatch.setenv("MOUE_FOLDERS", setting)
        assert [out for out in {*inside, *outside} if runs.refusal(store.root, out) is None] == [
            out for out in {*inside, *outside} if out in may
        ]
    with pytest.raises(UsageError, match="MOUE_FOLDERS"):
        start(store, other / "data")
    with pytest.raises(UsageError, match="the name must have"):
        start(store, name="../data")
    assert store.read(export_runs.known) == {}


@pytest.mark.parametrize("folder", [False, True])
def test_one_that_waits_for_another_hears_that_it_is_cancelled(store: Store, tmp_path: Path, folder: bool) -> None:
    with export_lock(store.root):  # never let go while it is looked at
        begun = start(store, tmp_path / "out" if folder else None)
        wait_for(store, begun.id, is_planned)
        runs.cancel(store, begun.id)
        assert wait_for(store, begun.id).state == "cancelled"
    assert store.read(list_releases) == []
    assert left(store) == []
    assert not (tmp_path / "out").exists()
