"""A watched folder on the pages: what is told while it is watched, how it ended, how it goes on."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from db.store.locks import job_lock
from db.store.store import Store
from db.tables import jobs
from db.tables.jobs import Job
from pages._server import identity, workspace
from pages._server import jobs as server_jobs
from pages._ui import watch_view
from pipeline.cli.arguments import build_parser
from pipeline.core.errors import BusyError
from pipeline.core.messages import Message, message
from pipeline.sources.watch import OWNER_ENDED
from tests.pages._server.test_jobs import wait_for

PAGE = str(Path(__file__).resolve().parents[3] / "pages" / "collect.py")
PARAMS = {"paths": ["/photos *1*"], "detector": "hog", "watch": 2.0, "class_name": "smile", "frames": "all"}
AT = "2026-01-31T09:05:00.000Z"
JOB = Job("j", "ingest", PARAMS, "running", 1, None, 0, {}, None, False, AT, AT, None)


@pytest.fixture
def store(empty: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(identity, "identify", lambda *_: "Ann")
    return workspace.get_store()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The command lines that pages start, as the command line itself reads them; nothing runs."""
    found: list[Any] = []

    def spawn(command: list[str], root: Path, secrets: object, passed: object) -> Any:
        found.append(build_parser().parse_args(command[command.index("pipeline") + 1 :]))
        return type("Child", (), {"poll": lambda self: None, "returncode": None})()

    monkeypatch.setattr(server_jobs, "_spawn", spawn)
    return found


def ended(store: Store, state: str, error: Message) -> None:
    job_id = store.write(lambda db: jobs.start_job(db, "ingest", PARAMS, 1))
    store.write(lambda db: jobs.progress(db, job_id, None, 3, {"added": 2, "no_face": 1, "faces": 2}))
    store.write(lambda db: jobs.finish(db, job_id, state, error))


def page() -> AppTest:
    made = AppTest.from_file(PAGE, default_timeout=60).run()
    assert not made.exception
    return made


def test_only_new_files_are_counted_as_come() -> None:
    known = replace(JOB, done=40, counts={"already_present": 40, "came_at": AT})
    assert watch_view.summary(known).endswith("No new file came so far.")
    more = replace(JOB, done=43, counts={"already_present": 40, "came_at": AT})
    assert "3 new files came, the last at 2026-01-31 09:05." in watch_view.summary(more)
    assert watch_view.summary(more).startswith(r"/photos \*1\*, since 2026-01-31 09:05.")


def test_the_page_follows_but_not_with_each_photo(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(watch_view.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(st, "session_state", {})
    assert not watch_view.outdated(JOB)
    now[0] += 60
    assert not watch_view.outdated(JOB)  # nothing came
    assert watch_view.outdated(replace(JOB, done=1))
    assert not watch_view.outdated(replace(JOB, done=2))  # too soon
    now[0] += watch_view.FOLLOW_SECONDS
    assert not watch_view.outdated(replace(JOB, done=2, counts={"phase": "comparing"}))
    assert watch_view.outdated(replace(JOB, done=2))
    assert not watch_view.outdated(replace(JOB, id="another", done=9))


def test_a_folder_is_watched_from_the_page(store: Store, started: list[Any], tmp_path: Path) -> None:
    made = page()
    made.text_input(key="path").set_value(str(tmp_path)).run()
    made.checkbox(key="watch").check().run()
    made.button(key="start-folder").click().run()
    (args,) = started
    assert (args.paths, args.watch, args.watch_owner) == ([tmp_path], 2.0, os.getpid())


def test_a_file_is_not_watched(store: Store, started: list[Any], tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    made = page()
    made.checkbox(key="watch").check().run()
    made.text_input(key="path").set_value(str(tmp_path / "a.jpg")).run()
    assert made.checkbox(key="watch").disabled
    made.button(key="start-folder").click().run()
    assert (started[0].watch, started[0].watch_owner) == (None, None)


def test_while_it_is_watched_the_page_says_so(store: Store) -> None:
    with job_lock(store.root):  # else its process would count as dead
        job_id = store.write(lambda db: jobs.start_job(db, "ingest", PARAMS, 1))
        figures = {"added": 2, "faces": 2, "waiting": 1, "came_at": AT}
        store.write(lambda db: jobs.progress(db, job_id, None, 2, figures))
        made = page()
        told = "\n".join(one.value for one in made.markdown)
        assert "Watching a folder" in told
        assert "2 new files came" in told
        assert "Still being written: 1 file." in told
        assert "Stop watching, and other photos can be collected." in [one.value for one in made.caption]
        with pytest.raises(BusyError, match="being watched: stop that first"):
            server_jobs.start_ingest(store, ["/x"], annotator="Ada")
        assert made.button(key="cancel-job").label == "Stop watching"
        made.button(key="cancel-job").click().run()
        assert store.read(lambda db: jobs.is_cancelled(db, job_id))


def test_to_be_stopped_is_no_warning(store: Store) -> None:
    ended(store, "cancelled", message("job_cancelled"))
    made = page()
    assert (len(made.warning), len(made.error)) == (0, 0)
    assert r"/photos \*1\* is not watched any more: 2 added, 1 no face found; 2 new faces." in "\n".join(
        one.value for one in made.markdown
    )


def test_the_end_of_the_server_is_told_and_it_goes_on_as_before(store: Store, started: list[Any]) -> None:
    ended(store, "interrupted", OWNER_ENDED)
    made = page()
    assert "The server that watched the folder has ended" in made.warning[0].value
    assert made.button(key="resume-job").label == "Go on watching"
    made.button(key="resume-job").click().run()
    (args,) = started
    again = {**vars(args), "paths": list(map(str, args.paths))}
    assert {name: again[name] for name in PARAMS} == PARAMS


def test_a_killed_child_is_told_by_us_not_by_what_it_left_behind(store: Store) -> None:
    """Its helpers complain on stderr about what it could not put away."""
    job_id = store.write(lambda db: jobs.start_job(db, "ingest", {}, 1))
    (store.root / ".locks").mkdir(exist_ok=True)
    (store.root / ".locks" / "job.err").write_text("resource_tracker: There appear to be 2 leaked semaphores\n")
    killed = [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]
    server_jobs._children[store.root, job_id] = subprocess.Popen(killed)
    assert str(wait_for(store, job_id).error) == "its process ended with code -9; start it again to go on"
