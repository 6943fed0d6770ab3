from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.store.locks import job_lock
from db.store.store import Store
from db.tables import jobs
from pipeline.actions import job
from pipeline.actions.job import CancelledError, JobReport, JobRequest, run_job, spool_folder, workspace_held
from pipeline.actions.verify import Verification, verify_workspace
from pipeline.core.errors import BusyError, EngineError
from pipeline.core.outcome import Outcome
from pipeline.run.coordinator import Progress
from tests.db.fresh import open_fresh


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_fresh(tmp_path / "workspace") as opened:
        yield opened


REQUEST = JobRequest("ingest", {"paths": ["/photos"]})


def job_of(store: Store, job_id: str) -> jobs.Job:
    job = store.read(lambda db: jobs.get(db, job_id))
    assert job is not None
    return job


def test_a_job_that_ends_well(store: Store) -> None:
    seen: list[str] = []
    end = run_job(store, REQUEST, Progress(), lambda job_id: seen.append(job_of(store, job_id).state))
    assert end is not None
    assert (seen, end.state, end.message) == (["running"], "done", None)
    job = job_of(store, end.job_id)
    assert (job.state, job.kind, dict(job.params), job.error) == (
        "done",
        "ingest",
        {"annotator": "command line", "paths": ["/photos"]},
        None,
    )


@pytest.mark.parametrize(
    ("error", "message"),
    [(KeyboardInterrupt(), "interrupted; the same command goes on"), (CancelledError("cancelled"), "cancelled")],
)
def test_ctrl_c_and_cancel_end_it_without_an_error(store: Store, error: BaseException, message: str) -> None:
    def work(job_id: str) -> None:
        raise error

    end = run_job(store, REQUEST, Progress(), work)
    assert end is not None
    assert (end.state, str(end.message)) == ("cancelled", message)
    assert (job_of(store, end.job_id).state, str(job_of(store, end.job_id).error)) == ("cancelled", message)


def test_an_error_fails_the_job_and_is_passed_on(store: Store) -> None:
    ids: list[str] = []

    def work(job_id: str) -> None:
        ids.append(job_id)
        raise EngineError("no engine answers")

    with pytest.raises(EngineError):
        run_job(store, REQUEST, Progress(), work)
    assert (job_of(store, ids[0]).state, str(job_of(store, ids[0]).error)) == ("failed", "no engine answers")


def test_a_job_that_was_cancelled_before_it_began_does_nothing(store: Store) -> None:
    job_id = store.write(lambda db: jobs.start_job(db, "ingest", {}))
    store.write(lambda db: jobs.request_cancel(db, job_id))
    assert run_job(store, JobRequest("ingest", {}, job_id), Progress(), pytest.fail) is None


def test_a_report_tells_whoever_follows_and_stops_on_cancel(store: Store) -> None:
    shown: list[tuple[int, int | None]] = []
    progress = Progress()
    progress.counts[Outcome.ADDED] = 3
    progress.faces = 4

    def work(job_id: str) -> None:
        report = JobReport(store, job_id, 7, lambda done, total: shown.append((done, total)), lambda: {"fetched": 5})
        report(progress)
        report.phase(progress, "comparing")
        store.write(lambda db: jobs.request_cancel(db, job_id))
        report(progress)

    end = run_job(store, REQUEST, progress, work)
    assert end is not None
    assert (end.state, shown) == ("cancelled", [(3, 7), (3, 7)])
    (counts,) = store.read(lambda db: [row["counts"] for row in db.query("SELECT counts FROM jobs")])
    assert json.loads(counts) == {"added": 3, "faces": 4, "fetched": 5}


def test_a_report_says_since_when_photos_are_worked_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that are known already are no work; from the first photo on its speed and the time left are reckoned."""
    monkeypatch.setattr(job, "now_iso", lambda: "2026-01-01T00:00:07Z")
    progress = Progress()
    told: list[dict[str, object]] = []

    def work(job_id: str) -> None:
        report = JobReport(store, job_id, 9, lambda done, total: None)
        for outcome, seconds in ((Outcome.ALREADY_PRESENT, 0.0), (Outcome.ADDED, 0.25), (Outcome.ADDED, 0.25)):
            progress.counts[outcome] += 1
            if seconds:
                progress.stages["decode"] += seconds
            report(progress)
            (counts,) = store.read(lambda db: [row["counts"] for row in db.query("SELECT counts FROM jobs")])
            told.append({name: value for name, value in json.loads(counts).items() if name.startswith("since")})

    run_job(store, REQUEST, progress, work)
    since = {"since": "2026-01-01T00:00:07Z", "since_done": 2, "since_rested": 0.0}
    assert told == [{}, since, since]


def test_one_job_at_a_time_and_nothing_left_in_the_spool(store: Store) -> None:
    with job_lock(store.root), pytest.raises(BusyError), workspace_held(store, None):
        pass
    dead = store.write(lambda db: jobs.start_job(db, "ingest", {}, 1 << 22))
    with workspace_held(store, None):
        assert job_of(store, dead).state == "interrupted"
        spool_folder(store).mkdir(parents=True)
        (spool_folder(store) / "left.jpg").write_bytes(b"bytes")
    assert not (spool_folder(store) / "left.jpg").exists()


MADE_AGAIN = [f"crops/00/{'0' * 32}.png", f"images/00/{'0' * 64}.jpg", f"thumbs/00/{'0' * 64}.jpg", "crops/00/.new-ab"]
ORIGINAL = f"originals/00/{'0' * 64}.jpg"


def leave(store: Store) -> None:
    for name in (*MADE_AGAIN, ORIGINAL):
        (store.root / name).parent.mkdir(parents=True, exist_ok=True)
        (store.root / name).write_bytes(b"x")


def left(store: Store) -> list[str]:
    return [name for name in (*MADE_AGAIN, ORIGINAL) if (store.root / name).exists()]


@pytest.mark.parametrize("recovered", [False, True], ids=["first", "after a page has noted the death"])
def test_a_job_removes_what_a_dead_one_left_and_can_be_made_again(store: Store, recovered: bool) -> None:
    store.write(lambda db: jobs.start_job(db, "ingest", {}, 1))
    leave(store)
    found = verify_workspace(store)
    assert (found.findings, len(found.notes)) == ((), len(MADE_AGAIN) + 1)
    if recovered:
        store.write(lambda db: jobs.recover(db, lock_free=True))
        assert verify_workspace(store) == found
    with workspace_held(store, None):
        assert left(store) == [ORIGINAL]
    assert [note.partition(" was ")[0] for note in verify_workspace(store).notes] == [ORIGINAL]


def test_files_that_nobody_was_writing_are_findings_and_stay(store: Store) -> None:
    """Neither before the job that died, nor after it, nor where the last job came to its end."""
    run_job(store, REQUEST, Progress(), lambda job_id: None)
    leave(store)
    assert len(verify_workspace(store).findings) == len(MADE_AGAIN) + 1
    store.write(lambda db: jobs.start_job(db, "ingest", {}, 1))
    long_ago = (
        "UPDATE jobs SET started_at = '2001-01-01T00:00:00Z', heartbeat_at = '2001-01-01T00:10:00Z' WHERE pid = 1"
    )
    store.write(lambda db: db.execute(long_ago))
    with workspace_held(store, None):  # the job of long ago was noted last: what is unfinished goes, by whomever
        assert left(store) == [*MADE_AGAIN[:-1], ORIGINAL]
    assert verify_workspace(store).notes == ()


def test_the_files_of_a_job_that_lives_are_left_alone(store: Store) -> None:
    store.write(lambda db: jobs.start_job(db, "ingest", {}, 1))
    leave(store)
    with job_lock(store.root):
        assert verify_workspace(store) == Verification(0, ())
        with pytest.raises(BusyError), workspace_held(store, None):
            pytest.fail("held twice")
    assert left(store) == [*MADE_AGAIN, ORIGINAL]
