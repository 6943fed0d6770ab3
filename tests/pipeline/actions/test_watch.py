"""A watch as a job, in this process: what it tells, and the three ways in which it ends."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from db.duplicates import near_pairs
from db.reads.counts import workspace_counts
from db.store.locks import job_lock_is_free
from db.store.store import Store
from db.tables import jobs
from pipeline.actions import watch
from pipeline.actions.ingest import IngestOptions, ingest
from pipeline.actions.job import CancelledError, JobRequest, spool_folder
from pipeline.core.errors import StorageError
from pipeline.core.records import ImageRef, Settings
from pipeline.sources.plan import SourcePlan, plan_source
from pipeline.sources.watch import OWNER_ENDED, Watcher
from tests.db.fresh import open_fresh
from tests.pipeline.photos import numbered_head

OPTIONS = IngestOptions(Settings(), "serial")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_fresh(tmp_path / "workspace") as opened:
        yield opened


@pytest.fixture
def plan(store: Store, tmp_path: Path) -> SourcePlan:
    (tmp_path / "crawl").mkdir()
    return plan_source(tmp_path / "crawl", spool_folder(store), Settings().max_bytes)


def in_rounds(monkeypatch: pytest.MonkeyPatch, before: list[Callable[[], object]]) -> None:
    """The watch takes what is there at once and never waits; `before` each round something happens."""

    def rounds(watcher: Watcher, _seconds: float, stop: Callable[[], bool]) -> Iterator[Iterator[ImageRef]]:
        watcher.settled = 0.0
        for happens in before:
            happens()
            assert not stop()
            yield watcher.round()
        raise AssertionError("it was to end before")

    monkeypatch.setattr(watch, "rounds", rounds)


def figures(store: Store) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(store.read(lambda db: db.execute("SELECT counts FROM jobs").fetchone()[0]))
    return found


def cancel(store: Store) -> None:
    (job,) = store.read(lambda db: jobs.jobs_recent(db, 1))
    store.write(lambda db: jobs.request_cancel(db, job.id))


def test_each_round_takes_what_came_and_tells_it_until_cancel(
    store: Store, plan: SourcePlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, str]] = []

    def put(number: int) -> None:
        (tmp_path / "crawl" / f"{number}.jpg").write_bytes(numbered_head(number))

    def note() -> None:
        found = figures(store)
        told.append((found["added"], found["came_at"]))

    times = iter(["first", "second", "third"])
    monkeypatch.setattr(watch, "now_iso", lambda: next(times))
    in_rounds(monkeypatch, [lambda: put(1), note, lambda: put(2), note, lambda: cancel(store)])
    shown: list[tuple[int, int | None]] = []
    request = JobRequest("ingest", {"watch": 7}, show=lambda done, total: shown.append((done, total)))
    end = watch.watch_folder(store, [plan], OPTIONS, request, 7.0)
    assert end is not None
    assert (end.state, end.progress.faces) == ("cancelled", 2)
    assert told == [(1, "first"), (2, "second")]  # a round in which nothing came is no news
    assert shown[-1] == (2, None)
    assert figures(store)["waiting"] == 0
    assert store.read(workspace_counts).images == 2
    assert store.read(lambda db: db.execute("SELECT count(*) FROM image_hashes WHERE compared").fetchone()) == (2,)
    assert job_lock_is_free(store.root)


def test_a_folder_that_was_empty_is_not_called_so_once_photos_came(
    store: Store, plan: SourcePlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is no photo leaves the note: the folder still gave none."""
    told: list[list[tuple[str, str]]] = []

    def put(name: str, data: bytes) -> None:
        (tmp_path / "crawl" / name).write_bytes(data)

    def note() -> None:
        sql = "SELECT location, outcome FROM sightings ORDER BY location"
        told.append([(Path(at).name, outcome) for at, outcome in store.read(lambda db: db.execute(sql).fetchall())])

    cancelled: Callable[[], object] = lambda: (note(), cancel(store))  # noqa: E731
    ingest(store, [plan], OPTIONS, JobRequest("ingest", {}))
    happens = [note, lambda: put("a.txt", b"no photo"), note, lambda: put("b.jpg", numbered_head(1))]
    in_rounds(monkeypatch, [*happens, cancelled])
    end = watch.watch_folder(store, [plan], OPTIONS, JobRequest("ingest", {}), 7.0)
    assert end is not None
    empty, page = ("crawl", "unavailable"), ("a.txt", "unsupported")
    assert told == [[empty], [empty, page], [page, ("b.jpg", "added")]]


def test_a_round_that_is_cancelled_is_compared(
    store: Store, plan: SourcePlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def put() -> None:
        for number in range(6):
            (tmp_path / "crawl" / f"{number}.jpg").write_bytes(numbered_head(number))

    def show(done: int, _total: int | None) -> None:
        if done:
            raise CancelledError("cancelled")

    in_rounds(monkeypatch, [put])
    end = watch.watch_folder(store, [plan], OPTIONS, JobRequest("ingest", {}, show=show), 7.0)
    assert end is not None
    assert end.state == "cancelled"
    assert store.read(near_pairs.uncompared) == 0
    assert store.read(workspace_counts).images > 0


@pytest.mark.parametrize(("owner", "state"), [(-1, "interrupted"), (os.getppid(), "cancelled"), (None, "cancelled")])
def test_it_ends_with_its_owner(
    store: Store, plan: SourcePlan, owner: int | None, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_rounds(monkeypatch, [lambda: None, lambda: cancel(store)])
    end = watch.watch_folder(store, [plan], OPTIONS, JobRequest("ingest", {}), 7.0, owner)
    assert end is not None
    assert end.state == state
    assert (end.message == OWNER_ENDED) is (state == "interrupted")


def test_its_workers_end_with_it(store: Store, plan: SourcePlan, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []

    class Executor:
        def close(self) -> None:
            closed.append(True)

    def fails() -> None:
        raise StorageError("the folder is gone")

    monkeypatch.setattr(watch, "open_executor", lambda _: Executor())
    in_rounds(monkeypatch, [fails])
    with pytest.raises(StorageError, match="the folder is gone"):
        watch.watch_folder(store, [plan], OPTIONS, JobRequest("ingest", {}), 7.0)
    assert closed == [True]
    (job,) = store.read(lambda db: jobs.jobs_recent(db, 1))
    assert job.state == "failed"
