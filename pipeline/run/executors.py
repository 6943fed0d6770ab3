"""Runs `process_image`: in this process, in worker processes or on a Dask cluster. A dead worker does not end a run."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, TimeoutError
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Final, Protocol

from pebble import ProcessExpired, ProcessPool

from pipeline.core.errors import UsageError, WorkerError
from pipeline.core.messages import message
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageOutcome, ImageRef, Settings
from pipeline.core.system.calls import process_context
from pipeline.run.dispatch import ATTEMPTS, SECONDS_AN_IMAGE, Task, Work, dispatch
from pipeline.run.fork_server import start_fork_server
from pipeline.run.worker import process_in_worker, start_worker

IN_FLIGHT_A_WORKER: Final = 8
"""Enough to keep a worker busy while a batch is flushed to the disk."""


class Executor(Protocol):
    """Runs `process_image` over refs. Outcomes come in any order, one for each ref; few are in flight at once."""

    def outcomes(self, refs: Iterator[ImageRef], settings: Settings) -> Iterator[ImageOutcome]: ...

    def close(self) -> None: ...


class SerialExecutor:
    """This process does the work: for small runs and for debugging."""

    def outcomes(self, refs: Iterator[ImageRef], settings: Settings) -> Iterator[ImageOutcome]:
        from pipeline.run.process_image import process_image  # here: what starts workers decodes nothing itself

        return (process_image(ref, settings) for ref in refs)

    def close(self) -> None:
        return None


class ProcessExecutor:
    """N worker processes (pebble: a worker that dies or hangs costs its own task alone, and is replaced)."""

    def __init__(self, workers: int, seconds: float = SECONDS_AN_IMAGE, task: Task = process_in_worker) -> None:
        """seconds: how long one image may take before its process is ended. task: importable, run in the worker."""
        # by a fork server where there is one: spawn imports cv2 and dlib for each worker
        context = process_context()
        start_fork_server()
        self._seconds = seconds
        self._task = task
        self._in_flight = IN_FLIGHT_A_WORKER * workers
        self._pool = ProcessPool(max_workers=workers, context=context, initializer=start_worker)

    def outcomes(self, refs: Iterator[ImageRef], settings: Settings) -> Iterator[ImageOutcome]:
        return dispatch(refs, _Processes(self._pool, self._in_flight, self._seconds, self._task, settings))

    def close(self) -> None:
        """Stop the workers now; what they had in hand has no outcome and is done again by the next run."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


@dataclass(frozen=True)
class _Processes:
    """One photo a task: what a death costs is then known."""

    pool: ProcessPool
    in_flight: int
    seconds: float
    task: Task
    settings: Settings

    def capacity(self, pending: Collection[Work]) -> int:
        return int(len(pending) < self.in_flight)

    def submit(self, work: Work) -> Future[ImageOutcome]:
        future: Future[ImageOutcome] = self.pool.schedule(
            self.task, args=(work.refs[0], self.settings), timeout=self.seconds
        )
        return future

    def handle_result(self, future: Future[ImageOutcome], work: Work) -> tuple[Sequence[ImageOutcome], Sequence[Work]]:
        try:
            return [future.result()], []
        except ProcessExpired as e:
            why = message("process_died", n=e.exitcode)
        except BrokenProcessPool as e:
            raise WorkerError(message("no_worker_alive")) from e
        except TimeoutError:
            why = message("too_slow", n=self.seconds)
        if work.attempt < ATTEMPTS:
            return [], [Work(work.refs, work.attempt + 1)]
        return [ImageOutcome(work.refs[0], Outcome.QUARANTINED, why)], []

    def idle(self) -> None:
        return None  # pebble answers for each task, be it by its time limit


def open_executor(name: str) -> Executor:
    """`serial`, `processes` (all cores), `processes:N` or `dask:tcp://host:port`.

    Raises UsageError for anything else, and where no Dask scheduler answers or its workers run another Moue.
    """
    if name == "serial":
        return SerialExecutor()
    if name.startswith("dask"):
        from pipeline.run.dask_executor import DaskExecutor

        return DaskExecutor(name.removeprefix("dask").removeprefix(":"))
    match = re.fullmatch(r"processes(?::([1-9][0-9]{0,2}))?", name)
    if match is None:
        raise UsageError(message("executor_unknown", name=name))
    return ProcessExecutor(int(match[1]) if match[1] else os.cpu_count() or 1)
