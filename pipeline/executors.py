"""Where `process_image` runs: in this process, or in worker processes that may die without taking the run along."""

from __future__ import annotations

import multiprocessing
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, TimeoutError, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Final, Protocol

from pebble import ProcessExpired, ProcessPool

from pipeline.errors import UsageError, WorkerError
from pipeline.fork_server import start_fork_server
from pipeline.process import process_image
from pipeline.records import ImageOutcome, ImageRef, Outcome, Settings
from pipeline.worker import start_worker, work

ATTEMPTS: Final = 2
SECONDS_AN_IMAGE: Final = 120.0
IN_FLIGHT_A_WORKER: Final = 8
"""Enough to keep a worker busy while a batch is flushed to the disk."""

Task = Callable[[ImageRef, Settings], ImageOutcome]


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
        pending: dict[Future[ImageOutcome], tuple[ImageRef, int]] = {}
        exhausted = False
        while pending or not exhausted:
            while not exhausted and len(pending) < self._in_flight:
                ref = next(refs, None)
                if ref is None:
                    exhausted = True
                elif ref.failure is not None:
                    yield ImageOutcome(ref, *ref.failure)
                else:
                    pending[self._submit(ref, settings)] = (ref, 1)
            if not pending:
                continue
            done, _ = wait(pending, return_when=FIRST_COMPLETED)
            for future in done:
                ref, attempt = pending.pop(future)
                outcome = self._result(future, ref, attempt)
                if outcome is None:
                    pending[self._submit(ref, settings)] = (ref, attempt + 1)
                else:
                    yield outcome

    def _submit(self, ref: ImageRef, settings: Settings) -> Future[ImageOutcome]:
        future: Future[ImageOutcome] = self._pool.schedule(self._task, args=(ref, settings), timeout=self._seconds)
        return future

    def _result(self, future: Future[ImageOutcome], ref: ImageRef, attempt: int) -> ImageOutcome | None:
        """The outcome, or None where the worker died for the first time and the image deserves another try."""
        try:
            return future.result()
        except ProcessExpired as e:
            why = f"its process died twice (exit code {e.exitcode})"
        except BrokenProcessPool as e:
            raise WorkerError(
                "no worker process stays alive; look at the messages above, or try --executor serial"
            ) from e
        except TimeoutError:
            why = f"it took longer than {self._seconds:g} s twice"
        return None if attempt < ATTEMPTS else ImageOutcome(ref, Outcome.QUARANTINED, why)

    def close(self) -> None:
        """Stop the workers now; what they had in hand has no outcome and is done again by the next run."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


def open_executor(name: str) -> Executor:
    """`serial`, `processes` (all cores) or `processes:N`. Raises UsageError for anything else."""
    if name == "serial":
        return SerialExecutor()
    match = re.fullmatch(r"processes(?::([1-9][0-9]{0,2}))?", name)
    if match is None:
        raise UsageError(f"no executor is called {name!r}; use serial or processes:N")
    return ProcessExecutor(int(match[1]) if match[1] else os.cpu_count() or 1)
