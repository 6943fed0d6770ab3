"""Where `process_image` runs: in this process, or in workers that may die without taking the run along."""

from __future__ import annotations

import multiprocessing
import os
import re
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, TimeoutError, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from pebble import ProcessExpired, ProcessPool

from pipeline.core.errors import UsageError, WorkerError
from pipeline.core.records import ImageOutcome, ImageRef, Outcome, Settings
from pipeline.run.fork_server import start_fork_server
from pipeline.run.process_image import process_image
from pipeline.run.worker import start_worker, work

ATTEMPTS: Final = 2
SECONDS_AN_IMAGE: Final = 120.0
IN_FLIGHT_A_WORKER: Final = 8
"""Enough to keep a worker busy while a batch is flushed to the disk."""
IDLE_SECONDS: Final = 5.0
GROUP_BYTES: Final = 1_000_000
"""Photos travel together up to here: what a message costs is shared by small ones."""
FAILURES_AT_ONCE: Final = 64

Task = Callable[[ImageRef, Settings], ImageOutcome]
Answer = TypeVar("Answer")


class Executor(Protocol):
    """Runs `process_image` over refs. Outcomes come in any order, one for each ref; few are in flight at once."""

    def outcomes(self, refs: Iterator[ImageRef], settings: Settings) -> Iterator[ImageOutcome]: ...

    def close(self) -> None: ...


class SerialExecutor:
    """This process does the work: for small runs and for debugging."""

    def outcomes(self, refs: Iterator[ImageRef], settings: Settings) -> Iterator[ImageOutcome]:
        return (process_image(ref, settings) for ref in refs)

    def close(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Work:
    """Photos that travel together, and how often they have been tried, this time included."""

    refs: tuple[ImageRef, ...]
    attempt: int = 1


class Crew(Protocol[Answer]):
    """What `keep_busy` asks of workers."""

    def room(self, pending: Collection[Work]) -> int:
        """How many photos may be sent now as one piece of work; 0 for none."""

    def submit(self, work: Work) -> Future[Answer]: ...

    def judge(self, future: Future[Answer], work: Work) -> tuple[Sequence[ImageOutcome], Sequence[Work]]:
        """What came back, and what is to be tried again. Raises WorkerError where workers cannot work at all."""

    def idle(self) -> None:
        """Nothing came back for some seconds. Raises WorkerError where nothing ever will."""


def keep_busy(refs: Iterator[ImageRef], crew: Crew[Answer], *, alone: bool = False) -> Iterator[ImageOutcome]:
    """Send refs to a crew, few at once, and pass on the outcomes, in any order, one for each ref.

    alone: what is tried again waits until nothing else is on its way: a worker that dies then dies of that photo.
    """
    pending: dict[Future[Answer], Work] = {}
    again: deque[Work] = deque()
    exhausted = False
    while pending or again or not exhausted:
        while again and not (alone and (pending or not exhausted)):
            work = again.popleft()
            pending[crew.submit(work)] = work
        while not exhausted and (room := crew.room(pending.values())):
            taken, failed, exhausted = _take(refs, room)
            yield from failed
            if taken:
                work = Work(tuple(taken))
                pending[crew.submit(work)] = work
        done, _ = wait(pending, IDLE_SECONDS, FIRST_COMPLETED)
        if pending and not done:
            crew.idle()
        for future in done:
            outcomes, repeated = crew.judge(future, pending.pop(future))
            again.extend(repeated)
            yield from outcomes


def _take(refs: Iterator[ImageRef], room: int) -> tuple[list[ImageRef], list[ImageOutcome], bool]:
    """Up to `room` small photos or one large one, the failures met on the way, and whether that was all."""
    taken: list[ImageRef] = []
    failed: list[ImageOutcome] = []
    weight = 0
    while len(taken) < room and weight < GROUP_BYTES and len(failed) < FAILURES_AT_ONCE:
        ref = next(refs, None)
        if ref is None:
            return taken, failed, True
        if ref.failure is not None:
            failed.append(ImageOutcome(ref, *ref.failure))
        else:
            taken.append(ref)
            weight += ref.size
    return taken, failed, False


class ProcessExecutor:
    """N worker processes (pebble: a worker that dies or hangs costs its own task alone, and is replaced)."""

    def __init__(self, workers: int, seconds: float = SECONDS_AN_IMAGE, task: Task = work) -> None:
        """seconds: how long one image may take before its process is ended. task: importable, run in the worker."""
        # Neither fork (the writer's thread lives here) nor spawn (imports cv2 and dlib for each worker).
        context = multiprocessing.get_context("forkserver")
        start_fork_server()
        self._seconds = seconds
        self._task = task
        self._in_flight = IN_FLIGHT_A_WORKER * workers
        self._pool = ProcessPool(max_workers=workers, context=context, initializer=start_worker)

    def outcomes(self, refs: Iterator[ImageRef], settings: Settings) -> Iterator[ImageOutcome]:
        return keep_busy(refs, _Processes(self._pool, self._in_flight, self._seconds, self._task, settings))

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

    def room(self, pending: Collection[Work]) -> int:
        return int(len(pending) < self.in_flight)

    def submit(self, work: Work) -> Future[ImageOutcome]:
        future: Future[ImageOutcome] = self.pool.schedule(
            self.task, args=(work.refs[0], self.settings), timeout=self.seconds
        )
        return future

    def judge(self, future: Future[ImageOutcome], work: Work) -> tuple[Sequence[ImageOutcome], Sequence[Work]]:
        try:
            return [future.result()], []
        except ProcessExpired as e:
            why = f"its process died twice (exit code {e.exitcode})"
        except BrokenProcessPool as e:
            raise WorkerError(
                "no worker process stays alive; look at the messages above, or try --executor serial"
            ) from e
        except TimeoutError:
            why = f"it took longer than {self.seconds:g} s twice"
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
        raise UsageError(f"no executor is called {name!r}; use serial, processes:N or dask:tcp://host:port")
    return ProcessExecutor(int(match[1]) if match[1] else os.cpu_count() or 1)
