"""The live view of a job: figures, speed, what went wrong, pause and cancel."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.images import images
from db.store.locks import job_lock
from db.store.store import Db, Store
from db.tables import jobs
from db.tables.jobs import Job
from pages._server import identity, workspace
from pages._ui import job_view
from pages._ui.job import speed
from pipeline.core.messages import message
from pipeline.core.outcome import Outcome
from tests.db import make


def job(seconds: float, **changes: object) -> Job:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    ended = (start + timedelta(seconds=seconds)).isoformat()
    plain = Job("j", "ingest", {}, "done", 1, 100, 40, {}, None, False, start.isoformat(), ended, ended)
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_speed_and_time_left_do_not_count_rests() -> None:
    assert speed.describe_speed(job(10)) == "4.0 photos a second, about 15 s left"
    assert speed.describe_speed(job(30, paused_seconds=20.0)) == "4.0 photos a second, about 15 s left"
    assert speed.describe_speed(job(4, done=100)) == "25 photos a second"
    assert speed.describe_speed(job(10, done=0)) == ""


def test_the_workers_start_is_no_part_of_the_speed() -> None:
    """100 photos; 10 s until the first 8 are done, then 32 in 8 s: 60 are left, at 4 a second."""
    since = {"since": "2026-01-01T00:00:10+00:00", "since_done": 8, "since_rested": 0.0}
    told = "4.0 photos a second, about 15 s left"
    assert speed.describe_speed(job(18, counts=since)) == told
    rested = {**since, "since_rested": 3.0}  # of 7 seconds of rest 3 were before
    assert speed.describe_speed(job(22, counts=rested, paused_seconds=7.0)) == told
    assert speed.describe_speed(job(10.5, counts={**since, "since_done": 40})) == ""


def test_every_outcome_has_its_tile_zeros_too() -> None:
    tiles = job_view.outcome_tiles({"added": 1234, "faces": 7, "phase": "comparing"})
    assert tiles.count('role="listitem"') == len(Outcome) + 1
    assert "<span>Added</span> <b>1,234</b>" in tiles
    assert '<div role="listitem" class="zero"><span>Damaged</span> <b>0</b></div>' in tiles
    assert "comparing" not in tiles


@pytest.fixture
def store(empty: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Of a workspace that Ann looks at."""
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    return workspace.get_store()


def running(store: Store) -> str:
    """A job with 40 of 100 files done, three of them damaged."""

    def work(db: Db) -> str:
        job_id = jobs.start_job(db, "ingest", {}, 1, annotator="Ben")
        source = images.ensure_source(db, "folder", "/x")
        failed = [make.make_outcome(f"bad {n}", failure=Outcome.UNDECODABLE) for n in range(3)]
        images.record_outcomes(db, source, job_id, failed)
        jobs.progress(db, job_id, 100, 40, {"added": 37, "undecodable": 3, "faces": 39})
        return job_id

    return store.write(work)


def live(job_id: str) -> AppTest:
    def script(job_id: str) -> None:
        from pages._ui import job_view

        job_view.live(job_id)

    return AppTest.from_function(script, default_timeout=30, kwargs={"job_id": job_id}).run()


def test_the_live_view_counts_groups_errors_and_pauses(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    with job_lock(store.root):  # else its process would count as dead
        job_id = running(store)
        shown = live(job_id)
        assert not shown.exception
        assert "Collecting photos" in shown.markdown[0].value
        assert [b.label for b in shown.button] == ["Pause", "Cancel", "Damaged · 3"]
        assert shown.caption[-1].value == "Started by Ben"
        assert "For example /x/bad 0" in shown.caption[0].value.replace("\\", "")
        shown.button(key="pause-job").click().run()
        assert store.read(lambda db: jobs.is_paused(db, job_id))
        assert shown.button(key="pause-job").label == "Go on"
        shown.button(key="pause-job").click().run()
        assert not store.read(lambda db: jobs.is_paused(db, job_id))
        shown.button(key="cancel-job").click().run()
        assert store.read(lambda db: jobs.is_cancelled(db, job_id))
        assert "Stopping after the photos at hand" in "\n".join(c.value for c in shown.caption)


def test_a_pause_before_the_process_began_is_kept(store: Store) -> None:
    job_id = store.write(lambda db: jobs.start_job(db, "ingest", {}))
    store.write(lambda db: jobs.request_pause(db, job_id))
    store.write(lambda db: jobs.start_job(db, "ingest", {}, 1, job_id=job_id))
    assert store.read(lambda db: jobs.is_paused(db, job_id))


@pytest.mark.parametrize("came", [False, True])
def test_where_nothing_came_of_a_run_its_end_says_why(store: Store, came: bool) -> None:
    """An empty zip looked like one that had never been given."""
    empty = make.make_outcome("x", failure=Outcome.UNAVAILABLE)
    reasoned = replace(empty, outcome=replace(empty.outcome, reason=message("zip_empty")))

    def begin(db: Db) -> str:
        job_id = jobs.start_job(db, "ingest", {})
        some = [reasoned, *([make.make_outcome("good")] if came else [])]
        images.record_outcomes(db, images.ensure_source(db, "folder", "/x"), job_id, some)
        jobs.progress(db, job_id, 1 + came, 1 + came, {"unavailable": 1, "added": int(came)})
        jobs.finish(db, job_id, "done")
        return job_id

    job_id = store.write(begin)

    def show(job_id: str) -> None:
        from db.tables import jobs
        from pages._server import workspace
        from pages._ui import job_view

        store = workspace.get_store()
        found = store.read(lambda db: jobs.get(db, job_id))
        assert found is not None
        job_view.ended(store, found)

    shown = AppTest.from_function(show, args=(job_id,)).run()
    assert not shown.exception
    assert "1 unreadable" in shown.markdown[0].value
    assert [b.label for b in shown.button] == ([] if came else ["Unreadable · 1"])
    assert [c.value.split(" For")[0] for c in shown.caption] == ([] if came else ["The zip holds no files\\."])


def test_an_early_end_says_when_and_goes_once_it_is_put_away(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of days ago looked as if it had just come about."""

    def two(db: Db) -> tuple[str, str]:
        found = []
        for state in ("interrupted", "failed"):
            found.append(jobs.start_job(db, "ingest", {"paths": ["/x"]}))
            jobs.finish(db, found[-1], state, message("file_empty"))
        for column, at in (("heartbeat_at", "2026-01-02T03:04:59Z"), ("finished_at", "2026-01-05T06:07:00Z")):
            db.execute(f"UPDATE jobs SET {column} = ?", [at])
        return found[0], found[1]

    def show(job_id: str) -> None:
        from db.tables import jobs
        from pages._server import workspace
        from pages._ui import job_view

        store = workspace.get_store()
        found = store.read(lambda db: jobs.get(db, job_id))
        assert found is not None
        job_view.ended(store, found)

    interrupted, failed = store.write(two)
    killed = AppTest.from_function(show, args=(interrupted,)).run()
    assert killed.warning[0].value.endswith("Ended 2026-01-02 03:04.")  # the last that was seen of it
    shown = AppTest.from_function(show, args=(failed,)).run()
    assert shown.error[0].value.endswith("the file is empty. Ended 2026-01-05 06:07.")
    assert [b.key for b in shown.button] == ["resume-job", "put-away-job"]
    shown.button(key="put-away-job").click().run()
    assert not shown.exception
    assert (len(shown.error), len(shown.button)) == (0, 0)
    again = AppTest.from_function(show, args=(failed,)).run()  # another visit, tomorrow
    assert (len(again.error), len(again.button)) == (0, 0)
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ben")
    assert len(AppTest.from_function(show, args=(failed,)).run().error) == 1  # who has not read it
