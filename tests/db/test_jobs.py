from __future__ import annotations

import pytest

from db import jobs
from db.connect import Store
from pipeline.errors import UsageError


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
    assert (job.kind, job.params, job.cancel, job.finished_at) == ("ingest", {"paths": ["/x"]}, False, None)
    store.write(lambda db: jobs.finish(db, number, "failed", "the disk is full"))
    job = get(store, number)
    assert (job.state, job.error, job.finished_at) == ("failed", "the disk is full", job.heartbeat_at)
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
    assert "start it again" in (get(store, dead).error or "")


def test_the_newest_jobs_come_first(store: Store) -> None:
    numbers = [start(store, n) for n in range(1, 6)]
    assert [job.id for job in store.read(lambda db: jobs.jobs_recent(db, 3))] == numbers[:1:-1]
