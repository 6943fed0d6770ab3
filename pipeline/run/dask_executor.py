"""`dask:tcp://host:port`: the same work on the workers of a Dask cluster, on this machine or on many.

Dask's nannies restart workers that die, and its scheduler gives up on a task after `allowed-failures`; what is left
to do here is to find the photo that kills among those that were sent with it, and to say what is wrong.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from typing import Any, Final

from pipeline.core.errors import DecodeError, MoueError, UsageError, WorkerError
from pipeline.core.messages import message
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageOutcome, ImageRef, Settings
from pipeline.files.remote import is_url
from pipeline.pixels.decode import read_capped
from pipeline.run.dask_worker import Answer, Parcel, check_in, this_build, work_parcel
from pipeline.run.dispatch import ATTEMPTS, SECONDS_AN_IMAGE, Task, Work, dispatch
from pipeline.run.process_image import process_image

IN_FLIGHT: Final = 64
GROUP: Final = 8
RETRIES: Final = 2
SHIPPED_BYTES: Final = 256 * 1024 * 1024
"""Bytes of photos that may be on their way at once, where they are sent along."""
CONNECT_SECONDS: Final = 10.0
LOST_SECONDS: Final = 5
"""How long a worker that just died is asked for what it had finished (Dask would ask for 30)."""
WORKER_SECONDS: Final = 60.0
"""How long the cluster may be without any worker."""
_ADDRESS: Final = re.compile(r"(tcp|tls)://([A-Za-z0-9._\-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})")


class DaskExecutor:
    """The workers of a Dask scheduler. They read the photos themselves, so paths must lead to the same files there."""

    def __init__(self, address: str, seconds: float = SECONDS_AN_IMAGE, task: Task = process_image) -> None:
        """address: `tcp://host:port` (or `tls://`). seconds: how long one image may take before its worker is ended.

        Raises UsageError where `distributed` is missing, the address is none, no scheduler answers, or its workers
        are not of this Moue.
        """
        match = _ADDRESS.fullmatch(address)
        if match is None or not 0 < int(match[3]) < 65536:
            raise UsageError(message("dask_address", address=address))
        self._seconds = seconds
        self._task = task
        self._client = _connect(address)
        try:
            self._workers = _check_in(self._client)
        except BaseException:
            self._client.close(timeout=2)
            raise

    def outcomes(self, refs: Iterator[ImageRef], settings: Settings) -> Iterator[ImageOutcome]:
        cluster = _Cluster(self._client, self._workers, settings, self._seconds, self._task)
        return dispatch(refs, cluster, retry_alone=True)

    def close(self) -> None:
        """Give back to the scheduler what is still on its way; that has no outcome and is done by the next run."""
        self._client.close(timeout=2)  # its scheduler forgets the tasks that nobody waits for


class _Cluster:
    """The cluster's workers as a `WorkerPool`, for one run."""

    def __init__(self, client: Any, workers: int, settings: Settings, seconds: float, task: Task) -> None:
        self._client, self._workers = client, workers
        self._settings, self._seconds, self._task = settings, seconds, task
        self._group = max(1, min(GROUP, IN_FLIGHT // (4 * workers)))
        self._killed: Any = import_module("distributed").KilledWorker
        self._last_worker = time.monotonic()

    def capacity(self, pending: Collection[Work]) -> int:
        free = IN_FLIGHT - sum(len(work.refs) for work in pending)
        shipped = sum(ref.size for work in pending for ref in work.refs if ref.spooled)
        if shipped > SHIPPED_BYTES:
            return 0
        return min(free, self._group if len(pending) >= 2 * self._workers else 1)

    def submit(self, work: Work) -> Future[Answer]:
        here: Future[Answer] = Future()
        try:
            data = tuple(read_capped(r.path, self._settings.max_bytes) if r.spooled else None for r in work.refs)
        except DecodeError:  # nothing that could be sent: said here
            here.set_result(Answer("", tuple(process_image(ref, self._settings) for ref in work.refs)))
            return here
        parcel = Parcel(work.refs, data, self._settings, self._seconds, this_build())
        try:
            there = self._client.submit(work_parcel, parcel, self._task, pure=False, retries=RETRIES)
        except Exception as e:  # a client that lost its scheduler
            raise WorkerError(message("dask_gone")) from e
        self._client.loop.add_callback(_copy_result, there, here)
        return here

    def handle_result(self, future: Future[Answer], work: Work) -> tuple[Sequence[ImageOutcome], Sequence[Work]]:
        error = future.exception()
        if error is None:
            return self._read_answer(future.result(), work)
        if isinstance(error, MoueError):
            raise error
        if not isinstance(error, self._killed):
            raise WorkerError(message("dask_worker_broken", kind=type(error).__name__, why=str(error))) from error
        if work.attempt < ATTEMPTS:
            return [], [Work((ref,), work.attempt + 1) for ref in work.refs]
        deaths = ATTEMPTS * (error.allowed_failures + 1)
        why = message("workers_died", n=deaths, worker=error.last_worker.address)
        return [ImageOutcome(ref, Outcome.QUARANTINED, why) for ref in work.refs], []

    def _read_answer(self, answer: Answer, work: Work) -> tuple[Sequence[ImageOutcome], Sequence[Work]]:
        outcomes = [_with_mount_hint(outcome, answer.host) for outcome in answer.outcomes]
        if not answer.late:
            return outcomes, []
        late, *untouched = work.refs[len(outcomes) :]
        not_begun = [Work((ref,), work.attempt) for ref in untouched]
        if work.attempt < ATTEMPTS:
            return outcomes, [Work((late,), work.attempt + 1), *not_begun]
        why = message("too_slow", n=self._seconds)
        return [*outcomes, ImageOutcome(late, Outcome.QUARANTINED, why)], not_begun

    def idle(self) -> None:
        if self._client.status != "running":
            raise WorkerError(message("dask_gone"))
        with suppress(OSError):  # the scheduler is busy, or just going away: the futures will tell
            if self._client.nthreads():
                self._last_worker = time.monotonic()
        if time.monotonic() - self._last_worker > WORKER_SECONDS:
            raise WorkerError(message("dask_without_workers"))


async def _copy_result(there: Any, here: Future[Answer]) -> None:
    """Wait for a Dask future.

    What `Client.get_executor` does, but for one thing: there a future never ends where its result is lost with its
    worker (a poison photo came next) and the second try dies, too (distributed 2026.8).
    """
    try:
        here.set_result(await there._result())
    except (asyncio.CancelledError, CancelledError):
        here.set_exception(WorkerError(message("dask_gone")))
    except Exception as e:  # noqa: BLE001 - whoever waits gets it
        here.set_exception(e)


def _connect(address: str) -> Any:
    try:
        config = import_module("dask").config
        # What it has to say about a lost connection is said by Moue, once.
        config.set({"logging.distributed": "critical", "distributed.comm.timeouts.connect": LOST_SECONDS})
        distributed: Any = import_module("distributed")
    except ImportError as e:
        raise UsageError(message("dask_not_installed")) from e
    try:
        return distributed.Client(
            address, timeout=CONNECT_SECONDS, set_as_default=False, name="moue", direct_to_workers=True
        )
    except (OSError, ValueError, RuntimeError) as e:
        raise UsageError(message("dask_silent", address=address)) from e


def _check_in(client: Any) -> int:
    """How many threads the workers have together. Raises UsageError where there are none or they run another Moue."""
    try:
        client.wait_for_workers(1, timeout=WORKER_SECONDS / 2)
    except OSError as e:
        raise UsageError(message("dask_has_no_worker")) from e
    for address, answer in client.run(check_in, this_build(), on_error="return").items():
        if isinstance(answer, MoueError):
            raise UsageError(message("dask_worker_refuses", address=address, why=answer)) from answer
        if isinstance(answer, BaseException):
            raise UsageError(message("dask_worker_without_moue", address=address, why=str(answer))) from answer
    threads: dict[str, int] = client.nthreads()
    return max(1, sum(threads.values()))


def _with_mount_hint(outcome: ImageOutcome, host: str) -> ImageOutcome:
    """The outcome, with a hint where the file is readable here and not on that host."""
    ref: ImageRef = outcome.ref
    if outcome.outcome is not Outcome.UNAVAILABLE or not host or is_url(ref.path) or not os.path.exists(ref.path):
        return outcome
    return replace(outcome, reason=message("unseen_by_worker", host=host, why=outcome.reason))
