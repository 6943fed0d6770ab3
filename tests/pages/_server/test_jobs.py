"""Long work from the pages: started, watched, cancelled, and its death noticed."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from db.reads.sources import list_sources
from db.store.locks import job_lock
from db.store.store import Store
from db.tables import jobs
from db.tables.jobs import Job
from pages._server import jobs as server_jobs
from pages._server import workspace
from pages._words import recorded
from pipeline.core.errors import BusyError, UsageError
from pipeline.core.messages import message
from tests.pipeline.made import write_photos
from tests.pipeline.photos import numbered_head


@pytest.fixture
def store(empty: Path) -> Store:
    return workspace.get_store()


def wait_for(store: Store, job_id: str) -> Job:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        job = server_jobs.watch(store, job_id)
        assert job is not None
        if job.state not in ("queued", "running"):
            return job
        time.sleep(0.1)
    raise AssertionError("the job did not end")


def test_a_folder_is_ingested_in_a_process_of_its_own(store: Store, tmp_path: Path) -> None:
    job = wait_for(store, server_jobs.start_ingest(store, [write_photos(tmp_path / "photos")], annotator="Ada"))
    assert (job.state, job.done, job.total) == ("done", 5, 5)
    assert job.counts.pop("since")  # when the first photo was worked on
    assert {k: v for k, v in job.counts.items() if v and k != "since_done"} == {
        "added": 1, "no_face": 2, "undecodable": 1, "unsupported": 1, "faces": 1, "phase": "comparing",
    }  # fmt: skip
    assert server_jobs.running(store) is None


def test_an_upload_is_moved_into_the_workspace(store: Store) -> None:
    folder = write_photos(store.root / ".incoming" / "uploads" / "batch")
    assert (
        wait_for(store, server_jobs.start_ingest(store, [folder], "upload", annotator="Ada", name="noon, Ada")).state
        == "done"
    )
    assert not folder.exists()
    (source,) = store.read(list_sources)
    assert (source.kind, source.location, source.files) == ("upload", "noon, Ada", 5)
    assert len([path for path in (store.root / "originals").rglob("*") if path.is_file()]) == 3


def test_a_call_that_the_command_line_refuses_says_why(store: Store, tmp_path: Path) -> None:
    job = wait_for(store, server_jobs.start_ingest(store, [tmp_path / "gone"], annotator="Ada"))
    assert job.state == "failed"
    assert f"{tmp_path / 'gone'} does not exist" in str(job.error)
    assert job.error == message("path_not_there", path=tmp_path / "gone")
    assert "不存在" in recorded.translate(job.error, "zh")


def test_a_second_start_while_one_lives_says_so(store: Store, tmp_path: Path) -> None:
    with job_lock(store.root):
        job_id = store.write(lambda db: jobs.start_job(db, "ingest", {}, 1))
        server_jobs.recover(store)
        with pytest.raises(BusyError, match="already being worked on"):
            server_jobs.start_ingest(store, [tmp_path], annotator="Ada")
        living = server_jobs.watch(store, job_id)
        assert living is not None
        assert living.state == "running"
    dead = server_jobs.watch(store, job_id)
    assert dead is not None
    assert dead.state == "interrupted"


def test_our_own_child_that_dies_silently_is_noticed(store: Store) -> None:
    job_id = store.write(lambda db: jobs.start_job(db, "ingest", {}, 1))
    killed = [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]
    server_jobs._children[store.root, job_id] = subprocess.Popen(killed)
    job = wait_for(store, job_id)
    assert (job.state, str(job.error)) == ("interrupted", "its process ended with code -9; start it again to go on")


def test_what_is_typed_is_read_within_the_allowed_folders_alone(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its links, too; also where work that stopped is begun again, by when less may be allowed."""
    photos = write_photos(tmp_path / "photos")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.jpg").write_bytes(numbered_head(0))
    (photos / "key.jpg").symlink_to(tmp_path / "secret" / "key.jpg")
    monkeypatch.setenv("MOUE_FOLDERS", str(photos))
    job = wait_for(store, server_jobs.start_ingest(store, [photos], annotator="Ada"))
    assert (job.state, job.done, job.counts["passed_over"]) == ("done", 6, 1)
    assert store.read(lambda db: db.execute("SELECT count(*) FROM images WHERE original LIKE '%key%'").fetchone()) == (
        0,
    )
    monkeypatch.setenv("MOUE_FOLDERS", str(tmp_path / "other"))
    data_set = {"path": str(photos), "labels_of": "Ann"}
    for start in (
        lambda: server_jobs.start_ingest(store, [photos], annotator="Ada"),
        lambda: server_jobs.start_video(store, {"paths": [str(photos)]}, "Ada"),
        lambda: server_jobs.start_import(store, data_set, "Ada"),
    ):
        with pytest.raises(UsageError, match="MOUE_FOLDERS"):
            start()
    assert server_jobs.running(store) is None


def test_cancel_is_a_word_in_the_table(store: Store) -> None:
    job_id = store.write(lambda db: jobs.start_job(db, "ingest", {}, 1))
    server_jobs.cancel(store, job_id)
    assert store.read(lambda db: jobs.is_cancelled(db, job_id))


def test_a_proxy_s_password_is_neither_stored_nor_in_the_list_of_processes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[list[str], dict[str, str]]] = []

    def spawn(command: list[str], root: Path, secrets: dict[str, str], passed: object) -> subprocess.Popen[bytes]:
        calls.append((command, secrets))
        return subprocess.Popen([sys.executable, "-c", "pass"])

    monkeypatch.setattr(server_jobs, "_spawn", spawn)
    asked = {"keywords": [["pout", ""]], "proxy": "http://ada:p%40ss@proxy.example:3128"}
    first = server_jobs.start_crawl(store, asked, "Ada")
    (kept,) = store.read(lambda db: db.execute("SELECT params FROM jobs WHERE id = ?", [first]).fetchone())
    assert "p%40ss" not in kept
    assert '"proxy": "http://proxy.example:3128"' in kept
    store.write(lambda db: jobs.finish(db, first, "failed", message("job_cancelled")))
    found = store.read(lambda db: jobs.get(db, first))
    assert found is not None
    server_jobs.start_crawl(store, found.params, "Ada")  # "Go on where it stopped" knows it still
    for command, secrets in calls:
        assert "p%40ss" not in " ".join(command)
        assert secrets == {"MOUE_PROXY": "http://ada:p%40ss@proxy.example:3128"}
