"""The server's start and end: one server a workspace, and one clear line where it may not start."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import anyio
import pytest
import streamlit as st

from db.store.locks import server_lock
from db.store.store import Store
from db.tables import jobs
from pages._server import identity, lifespan, workspace
from pages._server.upkeep import page_imports
from pipeline.core.errors import BusyError
from tests.db.fresh import fresh


class ExitedError(Exception):
    """In place of the end of this process."""


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def leave(code: int) -> None:
        raise ExitedError(code)

    monkeypatch.setattr(os, "_exit", leave)
    switch = sys.getswitchinterval()
    yield
    sys.setswitchinterval(switch)
    gc.unfreeze()


def live(inside: Callable[[], None]) -> None:
    async def serve() -> None:
        async with lifespan.lifespan(st.App.__new__(st.App)):
            inside()

    anyio.run(serve)


def is_free(folder: Path) -> bool:
    try:
        with server_lock(folder):
            return True
    except BusyError:
        return False


def test_while_it_serves_the_workspace_is_its_own_and_dead_jobs_are_told(empty: Path) -> None:
    with Store.open(empty) as store:
        job = store.write(lambda db: jobs.start_job(db, "ingest", {}, 2**22 + 1))  # of a process that is no more
    states: list[str] = []

    def inside() -> None:
        assert not is_free(empty)
        (found,) = workspace.get_store().read(lambda db: jobs.jobs_recent(db, 1))
        states.extend((found.id, found.state))
        assert gc.get_freeze_count() > 0
        assert sys.getswitchinterval() == pytest.approx(lifespan.SWITCH_SECONDS)

    live(inside)
    assert states == [job, "interrupted"]
    assert is_free(empty)
    assert workspace._stores == {}


def test_its_end_comes_also_by_an_error(empty: Path) -> None:
    def inside() -> None:
        raise RuntimeError("planted")

    with pytest.raises(RuntimeError, match="planted"):
        live(inside)
    assert is_free(empty)
    assert workspace._stores == {}


def refused(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that is said; the process would have ended with 1."""
    with pytest.raises(ExitedError, match=r"^1$"):
        live(lambda: pytest.fail("it serves"))
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_a_second_server_ends_with_the_way_out(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with server_lock(empty):
        line = refused(capsys)
    assert line.startswith("moue: ")
    assert "set MOUE_WORKSPACE to another folder" in line
    assert is_free(empty)


def test_a_workspace_that_is_no_folder_is_named(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty.write_text("a file")
    line = refused(capsys)
    assert str(empty) in line
    assert "set MOUE_WORKSPACE to another folder" in line


@pytest.mark.parametrize(("name", "value"), [("MOUE_AUTH", "everybody"), ("MOUE_UPLOAD_MAX", "much")])
def test_a_setting_that_is_none_is_told_now(
    empty: Path, name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    line = refused(capsys)
    assert name in line
    assert value in line
    assert is_free(empty)


@pytest.mark.parametrize(("auth", "loopback", "warned"), [("local", False, True), ("local", True, False)])
def test_who_opens_it_to_the_network_is_warned(
    empty: Path, auth: str, loopback: bool, warned: bool, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("MOUE_AUTH", auth)
    monkeypatch.setattr(identity, "bound_to_loopback", lambda: loopback)
    live(lambda: None)
    assert ("anybody may sign in under any name" in capsys.readouterr().err) is warned


def test_of_several_workspaces_each_is_opened_when_it_is_wanted(
    empty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = empty.parent / "all"
    for name in ("a", "b", "two words"):
        fresh(folder / name)
    monkeypatch.setenv("MOUE_WORKSPACES", str(folder))

    def inside() -> None:
        assert workspace._stores == {}
        with workspace.entered("a"):
            workspace.get_store()
        assert [is_free(folder / name) for name in ("a", "b")] == [False, True]

    with server_lock(folder / "b"):  # another server's: this one starts all the same
        live(lambda: None)
    live(inside)
    assert [is_free(folder / name) for name in ("a", "b")] == [True, True]
    assert not empty.exists()
    said = capsys.readouterr().err
    assert f"moue: workspaces in {folder}: a, b\n" in said
    assert f"moue: the workspace two words in {folder} is not served: two words may not name a workspace" in said


def test_a_folder_of_workspaces_that_is_not_there_is_refused(
    empty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MOUE_WORKSPACES", str(empty.parent / "none"))
    assert str(empty.parent / "none") in refused(capsys)


def test_a_word_behind_the_dashes_that_is_not_understood_is_refused(
    empty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["app.py", "--workspacess", str(empty)])
    assert "--workspaces FOLDER" in refused(capsys)


def test_what_pages_import_is_there_before_what_start_up_made_is_left_out_of_collection(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen: list[int] = []
    monkeypatch.setattr(page_imports, "import_all", lambda: frozen.append(gc.get_freeze_count()))
    gc.unfreeze()
    live(lambda: frozen.append(gc.get_freeze_count()))
    assert len(frozen) == 2
    assert frozen[0] == 0 < frozen[1]
