"""What a cluster's answers mean for a run, and what is sent to it: its client is played here."""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError, Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.core.errors import UsageError, WorkerError
from pipeline.core.messages import verbatim
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageOutcome, ImageRef, Settings
from pipeline.run import dask_executor
from pipeline.run.dask_executor import GROUP, IN_FLIGHT, SHIPPED_BYTES, DaskExecutor, _check_in, _Cluster, _copy_result
from pipeline.run.dask_worker import Answer, Parcel, this_build, work_parcel
from pipeline.run.dispatch import ATTEMPTS, Work
from pipeline.run.process_image import process_image

distributed = pytest.importorskip("distributed", reason="pip install -r requirements-dask.txt")


class Loop:
    """Runs at once what Dask's own loop would run."""

    def add_callback(self, task: Any, *args: Any) -> None:
        asyncio.run(task(*args))


class Client:
    """A Dask client with a cluster that answers `answer`, or raises it."""

    def __init__(self, answer: Any = None, threads: int = 1) -> None:
        self.answer, self.threads, self.loop, self.status = answer, threads, Loop(), "running"
        self.sent: list[Parcel] = []
        self.asked: list[dict[str, Any]] = []

    def submit(self, task: Any, parcel: Parcel, *args: Any, **more: Any) -> Any:
        assert task is work_parcel
        self.sent.append(parcel)
        self.asked.append(more)

        async def result() -> Any:
            if isinstance(self.answer, BaseException):
                raise self.answer
            return self.answer

        return SimpleNamespace(_result=result)

    def nthreads(self) -> dict[str, int]:
        return {f"tcp://w{n}": 1 for n in range(self.threads)}


def cluster(client: Any, workers: int = 1, seconds: float = 2.0) -> _Cluster:
    return _Cluster(client, workers, Settings(max_bytes=1000), seconds, process_image)


def refs(*names: str, spooled: bool = False, size: int = 1) -> tuple[ImageRef, ...]:
    return tuple(ImageRef(name, name, size, spooled=spooled) for name in names)


def fine(ref: ImageRef) -> ImageOutcome:
    return ImageOutcome(ref, Outcome.NO_FACE, verbatim(""))


def ended(error: BaseException) -> Future[Answer]:
    future: Future[Answer] = Future()
    future.set_exception(error)
    return future


def test_a_parcel_carries_what_workers_cannot_read_themselves(tmp_path: Path) -> None:
    (tmp_path / "spooled.jpg").write_bytes(b"bytes")
    client = Client(Answer("w", ()))
    there, here = refs("/shared/a.jpg") + refs(str(tmp_path / "spooled.jpg"), spooled=True)
    future = cluster(client).submit(Work((there, here)))
    (parcel,) = client.sent
    assert (parcel.refs, parcel.data) == ((there, here), (None, b"bytes"))
    assert (parcel.seconds, parcel.build, parcel.settings.max_bytes) == (2.0, this_build(), 1000)
    assert client.asked == [{"pure": False, "retries": dask_executor.RETRIES}]
    assert future.result(0) is client.answer


def test_what_cannot_be_read_to_be_sent_has_its_outcome_here(tmp_path: Path) -> None:
    client = Client()
    (gone,) = refs(str(tmp_path / "gone.jpg"), spooled=True)
    answer = cluster(client).submit(Work((gone,))).result(0)
    assert [(o.ref, o.outcome) for o in answer.outcomes] == [(gone, Outcome.UNAVAILABLE)]
    assert client.sent == []


def test_a_client_without_its_scheduler_ends_the_run() -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise RuntimeError("Client is closed")

    with pytest.raises(WorkerError, match="scheduler"):
        cluster(SimpleNamespace(submit=refuse)).submit(Work(refs("a")))


@pytest.mark.parametrize("lost", [asyncio.CancelledError(), CancelledError()])
def test_a_result_that_is_lost_is_an_error_and_no_wait_for_ever(lost: BaseException) -> None:
    async def result() -> Any:
        raise lost

    here: Future[Answer] = Future()
    asyncio.run(_copy_result(SimpleNamespace(_result=result), here))
    with pytest.raises(WorkerError):
        here.result(0)


def killed(allowed: int) -> BaseException:
    error: BaseException = distributed.KilledWorker("task", SimpleNamespace(address="tcp://w1:1"), allowed)
    return error


def test_a_parcel_whose_workers_die_is_tried_photo_by_photo_and_then_given_up() -> None:
    workers = cluster(Client())
    outcomes, again = workers.handle_result(ended(killed(3)), Work(refs("a", "b")))
    assert (list(outcomes), list(again)) == ([], [Work((ref,), 2) for ref in refs("a", "b")])
    outcomes, again = workers.handle_result(ended(killed(3)), Work(refs("a"), ATTEMPTS))
    assert [(o.ref.path, o.outcome) for o in outcomes] == [("a", Outcome.QUARANTINED)]
    assert f"{ATTEMPTS * 4}" in outcomes[0].reason.text  # times that each try was given a new worker
    assert "tcp://w1:1" in outcomes[0].reason.text
    assert not again


def test_errors_of_workers_come_out_by_their_name() -> None:
    workers = cluster(Client())
    with pytest.raises(UsageError, match="ours"):
        workers.handle_result(ended(UsageError("ours")), Work(refs("a")))
    with pytest.raises(WorkerError, match=r"ZeroDivisionError.*planted"):
        workers.handle_result(ended(ZeroDivisionError("planted")), Work(refs("a")))


def test_the_photo_that_took_too_long_is_tried_once_more_and_the_others_are_not_blamed() -> None:
    workers = cluster(Client())
    a, b, c = refs("a", "b", "c")
    late = Answer("w", (fine(a),), late=True)
    outcomes, again = workers._read_answer(late, Work((a, b, c)))
    assert [o.ref for o in outcomes] == [a]
    assert list(again) == [Work((b,), 2), Work((c,), 1)]
    outcomes, again = workers._read_answer(Answer("w", (), late=True), Work((b,), ATTEMPTS))
    assert [(o.ref, o.outcome) for o in outcomes] == [(b, Outcome.QUARANTINED)]
    assert "longer than 2 s" in outcomes[0].reason.text
    assert not again
    outcomes, again = workers._read_answer(Answer("w", tuple(map(fine, (a, b, c)))), Work((a, b, c)))
    assert ([o.ref for o in outcomes], list(again)) == ([a, b, c], [])


def test_how_much_may_be_on_its_way() -> None:
    workers = cluster(Client(), workers=2)
    group = workers._group
    assert group == min(GROUP, IN_FLIGHT // 8)
    assert workers.capacity([]) == 1  # each worker gets one first
    busy = [Work(refs("a")) for _ in range(4)]
    assert workers.capacity(busy) == group
    assert workers.capacity([Work(refs(*map(str, range(IN_FLIGHT - 2)))), *busy[:1]]) == 1
    assert workers.capacity([Work(refs("a")) for _ in range(IN_FLIGHT)]) == 0
    heavy = [Work(refs("a", spooled=True, size=SHIPPED_BYTES))]
    assert workers.capacity(heavy) == 1  # so much may be
    assert workers.capacity([*heavy, Work(refs("b", spooled=True))]) == 0
    assert workers.capacity([*heavy, Work(refs("b"))]) == 1  # read over there: its bytes are not sent
    assert cluster(Client(), workers=1000)._group == 1


def test_a_cluster_without_workers_is_waited_for_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(dask_executor, "time", SimpleNamespace(monotonic=lambda: now[0]))
    client = Client()
    workers = cluster(client)
    now[0] += dask_executor.WORKER_SECONDS + 1
    workers.idle()  # one is there: the time begins anew
    client.threads = 0
    now[0] += dask_executor.WORKER_SECONDS
    workers.idle()
    now[0] += 0.5
    with pytest.raises(WorkerError, match="no Dask worker is left"):
        workers.idle()
    client.threads = 1
    workers.idle()
    client.status = "closed"
    with pytest.raises(WorkerError, match="scheduler"):
        workers.idle()


@pytest.mark.parametrize(
    ("answer", "words"), [(WorkerError("another Moue"), "another Moue"), (ImportError("no module"), "no module")]
)
def test_workers_that_cannot_work_are_told_before_anything_is_sent(answer: Exception, words: str) -> None:
    client = SimpleNamespace(
        wait_for_workers=lambda *_, **__: None, run=lambda *_, **__: {"tcp://w0": "host", "tcp://w1": answer}
    )
    with pytest.raises(UsageError, match=words) as told:
        _check_in(client)
    assert "tcp://w1" in str(told.value)


def test_all_threads_count_and_no_worker_is_told() -> None:
    client = SimpleNamespace(
        wait_for_workers=lambda *_, **__: None, run=lambda *_, **__: {}, nthreads=lambda: {"a": 2, "b": 3}
    )
    assert _check_in(client) == 5

    def none(*_: Any, **__: Any) -> None:
        raise TimeoutError

    with pytest.raises(UsageError, match="worker"):
        _check_in(SimpleNamespace(wait_for_workers=none))


def test_a_client_is_closed_where_its_workers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[float] = []
    client = SimpleNamespace(close=lambda timeout: closed.append(timeout))

    def refuse(_: Any) -> int:
        raise UsageError("another Moue")

    monkeypatch.setattr(dask_executor, "_connect", lambda address: client)
    monkeypatch.setattr(dask_executor, "_check_in", refuse)
    with pytest.raises(UsageError, match="another Moue"):
        DaskExecutor("tcp://127.0.0.1:8786")
    assert closed == [2]
    monkeypatch.setattr(dask_executor, "_check_in", lambda _: 2)
    DaskExecutor("tcp://127.0.0.1:8786").close()
    assert closed == [2, 2]
