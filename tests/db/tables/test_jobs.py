from __future__ import annotations

from dataclasses import replace

import pytest

from db.images import images
from db.store.store import Db, Store
from db.tables import jobs
from pipeline.core.errors import UsageError
from pipeline.core.messages import Message, message, verbatim
from pipeline.core.outcome import Outcome
from tests.db.make import make_outcome


def start(store: Store, pid: int | None = None, job_id: str | None = None) -> str:
    return store.write(lambda db: jobs.start_job(db, "ingest", {"paths": ["/x"]}, pid, job_id=job_id))


def get(store: Store, number: str) -> jobs.Job:
    job = store.read(lambda db: jobs.get(db, number))
    assert job is not None
    return job


def test_a_job_from_the_queue_to_its_end(store: Store) -> None:
    number = start(store)
    assert (get(store, number).state, get(store, number).pid) == ("queued", None)
    assert start(store, pid=42, job_id=number) == number
    store.write(lambda db: jobs.progress(db, number, 10, 3, {"added": 2, "no_face": 1}))
    job = get(store, number)
    assert (job.state, job.pid, job.total, job.done, job.counts) == ("running", 42, 10, 3, {"added": 2, "no_face": 1})
    params = {"paths": ["/x"], "annotator": "command line"}
    assert (job.kind, job.params, job.cancel, job.finished_at) == ("ingest", params, False, None)
    store.write(lambda db: jobs.finish(db, number, "failed", verbatim("the disk is full")))
    job = get(store, number)
    assert (job.state, str(job.error), job.finished_at) == ("failed", "the disk is full", job.heartbeat_at)
    assert store.read(lambda db: jobs.get(db, "none")) is None


def test_an_end_has_a_known_name(store: Store) -> None:
    number = start(store, 1)
    with pytest.raises(UsageError, match="running"):
        store.write(lambda db: jobs.finish(db, number, "running"))


def test_cancelling_asks_a_running_job_and_ends_a_queued_one(store: Store) -> None:
    queued, running, done = start(store), start(store, 1), start(store, 2)
    store.write(lambda db: jobs.finish(db, done, "done"))
    for number in (queued, running, done):
        store.write(lambda db, n=number: jobs.request_cancel(db, n))
    assert [get(store, n).state for n in (queued, running, done)] == ["cancelled", "running", "done"]
    assert [store.read(lambda db, n=n: jobs.is_cancelled(db, n)) for n in (running, done, "none")] == [
        True,
        False,
        False,
    ]


def test_recovering_marks_the_dead_only_when_the_lock_is_free(store: Store) -> None:
    dead, mine, done, fresh, stale = start(store, 1), start(store, 2), start(store, 3), start(store), start(store)
    store.write(lambda db: jobs.finish(db, done, "done"))
    store.write(lambda db: db.execute("UPDATE jobs SET started_at = '2020-01-01T00:00:00.000Z' WHERE id = ?", [stale]))
    assert store.write(lambda db: jobs.recover(db, lock_free=False)) == 0
    assert store.write(lambda db: jobs.recover(db, lock_free=True, keep=mine)) == 2
    states = [get(store, n).state for n in (dead, mine, done, fresh, stale)]
    assert states == ["interrupted", "running", "done", "queued", "interrupted"]
    assert store.write(lambda db: jobs.recover(db, lock_free=True, keep=mine, starter_gone=True)) == 1
    assert get(store, fresh).state == "interrupted"
    assert "start it again" in str(get(store, dead).error)


def test_the_newest_jobs_come_first(store: Store) -> None:
    numbers = [start(store, n) for n in range(1, 6)]
    assert [job.id for job in store.read(lambda db: jobs.jobs_recent(db, 3))] == numbers[:1:-1]


def test_pausing_and_going_on(store: Store) -> None:
    number = start(store, 1)
    assert not store.read(lambda db: jobs.is_paused(db, number))
    store.write(lambda db: jobs.request_pause(db, number))
    assert store.read(lambda db: jobs.is_paused(db, number))
    store.write(lambda db: jobs.rested(db, number, 0.5))
    store.write(lambda db: jobs.rested(db, number, 0.25))
    assert (get(store, number).pause, get(store, number).paused_seconds) == (True, 0.75)
    store.write(lambda db: jobs.request_resume(db, number))
    assert not get(store, number).pause
    store.write(lambda db: jobs.finish(db, number, "done"))
    store.write(lambda db: jobs.request_pause(db, number))
    assert not get(store, number).pause


def test_failures_that_differ_in_numbers_and_names_are_one(store: Store) -> None:
    reasons = [
        (Outcome.TOO_LARGE, "the file has 300 bytes, more than the cap of 200"),
        (Outcome.TOO_LARGE, "the file has 1,000,000 bytes, more than the cap of 200"),
        (Outcome.UNAVAILABLE, "/mnt/a/b c.jpg: no such file"),
        (Outcome.UNDECODABLE, "the image is damaged: 'x.png'"),
        (Outcome.UNDECODABLE, "the image is damaged: 'y.png'"),
        (Outcome.UNDECODABLE, "the file is empty"),
        *[(Outcome.PASSED_OVER, "it is what macOS keeps beside a file, not a photo")] * 3,
    ]
    made = [
        replace(one, outcome=replace(one.outcome, reason=verbatim(reason)))
        for n, (outcome, reason) in enumerate(reasons)
        for one in [make_outcome(f"f{n}", failure=outcome)]
    ]

    def work(db: Db) -> None:
        source = images.ensure_source(db, "folder", "/x")
        images.record_outcomes(db, source, "job-1", [*made, make_outcome("good")])
        images.record_outcomes(db, source, "job-2", [make_outcome("other", failure=Outcome.UNDECODABLE)])

    store.write(work)
    found = store.read(lambda db: jobs.failures_of(db, "job-1"))
    assert [(f.outcome, f.count, f.example) for f in found] == [
        ("passed_over", 3, "/x/f6.jpg"),
        ("too_large", 2, "/x/f0.jpg"),
        ("undecodable", 2, "/x/f3.jpg"),
        ("unavailable", 1, "/x/f2.jpg"),
        ("undecodable", 1, "/x/f5.jpg"),
    ]
    assert found[1].reason.text == "the file has … bytes, more than the cap of …"


def test_whatever_lies_beside_photos_is_counted_as_one(store: Store) -> None:
    reasons = [
        *[message("companion_file")] * 2, message("system_file", name="Thumbs.db"),
        message("system_file", name=".picasa.ini"), message("sidecar_file", suffix=".xmp"),
        message("half_download", suffix=".part"),
    ]  # fmt: skip
    made = [
        replace(one, outcome=replace(one.outcome, reason=reason))
        for n, reason in enumerate(reasons)
        for one in [make_outcome(f"f{n}", failure=Outcome.PASSED_OVER)]
    ]
    store.write(lambda db: images.record_outcomes(db, images.ensure_source(db, "folder", "/x"), "job-1", made))
    found = store.read(lambda db: jobs.failures_of(db, "job-1"))
    assert [(f.outcome, f.reason.code, f.count, f.example) for f in found] == [
        ("passed_over", "files_beside", 5, "/x/f0.jpg"), ("passed_over", "half_download", 1, "/x/f5.jpg"),
    ]  # fmt: skip


def test_failures_inside_a_failure_that_differ_in_numbers_are_one_and_keep_their_codes(store: Store) -> None:
    made = [
        replace(one, outcome=replace(one.outcome, reason=message("frame_refused", n=n, total=9, why=inner)))
        for n in (1, 2, 3)
        for inner in [message("file_too_large", size=100 * n, most=50)]
        for one in [make_outcome(f"f{n}", failure=Outcome.TOO_LARGE)]
    ]
    store.write(lambda db: images.record_outcomes(db, images.ensure_source(db, "folder", "/x"), "job-1", made))
    (found,) = store.read(lambda db: jobs.failures_of(db, "job-1"))
    assert (found.count, found.example) == (3, "/x/f1.jpg")
    assert found.reason == Message(
        "frame_refused", {"n": "…", "total": "…", "why": Message("file_too_large", {"size": "…", "most": "…"})}
    )
    assert found.reason.text == "frame … of …: the file has … bytes, more than the cap of …"
