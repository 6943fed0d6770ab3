"""How work is handed to a pool of workers and comes back: the pool is played, nothing runs beside."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.errors import UsageError, WorkerError
from pipeline.core.messages import verbatim
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageOutcome, ImageRef
from pipeline.run import dispatch as module
from pipeline.run import executors
from pipeline.run.dispatch import ATTEMPTS, FAILURES_AT_ONCE, GROUP_BYTES, Work, dispatch
from tests.examples import examples


class Pool:
    """Does each piece of work at once. deadly: photos that kill whatever they are sent with."""

    def __init__(self, group: int, most: int, deadly: Collection[str] = ()) -> None:
        self.group, self.most, self.deadly = group, most, deadly
        self.sent: list[Work] = []

    def capacity(self, pending: Collection[Work]) -> int:
        return self.group if len(pending) < self.most else 0

    def submit(self, work: Work) -> Future[bool]:
        self.sent.append(work)
        future: Future[bool] = Future()
        future.set_result(any(ref.path in self.deadly for ref in work.refs))
        return future

    def handle_result(self, future: Future[bool], work: Work) -> tuple[Sequence[ImageOutcome], Sequence[Work]]:
        if not future.result():
            return [ImageOutcome(ref, Outcome.NO_FACE, verbatim("")) for ref in work.refs], []
        if work.attempt < ATTEMPTS:
            return [], [Work((ref,), work.attempt + 1) for ref in work.refs]
        return [ImageOutcome(ref, Outcome.QUARANTINED, verbatim("")) for ref in work.refs], []

    def idle(self) -> None:
        raise WorkerError("nothing comes back")


def refs(names: Sequence[str], size: int = 1) -> list[ImageRef]:
    return [ImageRef(name, name, size) for name in names]


@settings(max_examples=examples(50))
@given(
    names=st.lists(st.text("abcdef", min_size=1, max_size=3), unique=True, max_size=20), group=st.integers(1, 5),
    most=st.integers(1, 4), alone=st.booleans(), data=st.data(),
)  # fmt: skip
def test_each_photo_has_one_outcome_and_only_the_deadly_ones_are_quarantined(
    names: list[str], group: int, most: int, alone: bool, data: st.DataObject
) -> None:
    deadly = set(data.draw(st.lists(st.sampled_from(names), unique=True))) if names else set()
    pool = Pool(group, most, deadly)
    found = [(o.ref.path, o.outcome) for o in dispatch(iter(refs(names)), pool, retry_alone=alone)]
    expected = [(name, Outcome.QUARANTINED if name in deadly else Outcome.NO_FACE) for name in names]
    assert sorted(found) == sorted(expected)
    assert all(len(work.refs) <= group for work in pool.sent)
    first = [ref.path for work in pool.sent if work.attempt == 1 for ref in work.refs]
    assert first == names
    if alone and deadly:  # not before everything was sent once
        attempts = [work.attempt for work in pool.sent]
        assert attempts == sorted(attempts)


def test_it_reads_no_further_than_the_pool_has_room() -> None:
    read: list[int] = []

    def endless() -> Iterator[ImageRef]:
        for number in itertools.count():
            read.append(number)
            yield ImageRef(str(number), str(number), 1)

    walk = dispatch(endless(), Pool(group=3, most=2))
    assert next(walk).ref.path in map(str, range(6))
    assert len(read) == 6


@pytest.mark.parametrize(("size", "together"), [(1, 4), (GROUP_BYTES, 1), (GROUP_BYTES // 2, 2), (GROUP_BYTES - 1, 2)])
def test_large_photos_travel_in_small_company(size: int, together: int) -> None:
    pool = Pool(group=4, most=1)
    assert len(list(dispatch(iter(refs("abcdefgh", size)), pool))) == 8
    assert {len(work.refs) for work in pool.sent} == {together}


def test_what_failed_before_is_passed_on_and_never_sent() -> None:
    failed = [
        ImageRef(str(n), str(n), 1, failure=(Outcome.UNAVAILABLE, verbatim("gone"))) for n in range(FAILURES_AT_ONCE)
    ]
    pool = Pool(group=2, most=1)
    found = list(dispatch(iter([*failed, *refs("ab")]), pool))
    assert [(o.ref, o.outcome) for o in found[: len(failed)]] == [(ref, Outcome.UNAVAILABLE) for ref in failed]
    assert [work.refs for work in pool.sent] == [tuple(refs("ab"))]
    assert [o.outcome for o in found[len(failed) :]] == [Outcome.NO_FACE] * 2


def test_workers_from_whom_nothing_comes_are_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(Pool):
        def submit(self, work: Work) -> Future[bool]:
            return Future()

    monkeypatch.setattr(module, "IDLE_SECONDS", 0)
    with pytest.raises(WorkerError, match="nothing comes back"):
        list(dispatch(iter(refs("a")), Silent(1, 1)))


@pytest.mark.parametrize(
    ("name", "workers"), [("processes:1", 1), ("processes:12", 12), ("processes:999", 999), ("processes", 7)]
)
def test_executors_by_name(name: str, workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    monkeypatch.setattr(executors, "ProcessExecutor", lambda number: made.append(number) or "pool")
    monkeypatch.setattr(executors.os, "cpu_count", lambda: 7)
    assert executors.open_executor(name) == "pool"
    assert made == [workers]


@pytest.mark.parametrize("name", ["", "threads", "processes:", "processes:0", "processes:1000", "processes:2 ", "dask"])
def test_what_is_no_executor_is_named(name: str) -> None:
    with pytest.raises(UsageError):
        executors.open_executor(name)


def test_without_a_number_of_cores_one_process_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "ProcessExecutor", lambda number: number)
    monkeypatch.setattr(executors.os, "cpu_count", lambda: None)
    assert executors.open_executor("processes") == 1
