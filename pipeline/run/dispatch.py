"""Sends refs to workers, a few at a time, and hands back their outcomes; what is common to all kinds of workers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from pipeline.core.records import ImageOutcome, ImageRef, Settings

ATTEMPTS: Final = 2
"""How often a photo is given to a worker before it is quarantined."""
SECONDS_AN_IMAGE: Final = 120.0
IDLE_SECONDS: Final = 5.0
GROUP_BYTES: Final = 1_000_000
"""Photos travel together up to here: what a message costs is shared by small ones."""
FAILURES_AT_ONCE: Final = 64

Task = Callable[[ImageRef, Settings], ImageOutcome]
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Work:
    """Photos that travel together, and how often they have been tried, this time included."""

    refs: tuple[ImageRef, ...]
    attempt: int = 1


class WorkerPool(Protocol[Answer]):
    """What `dispatch` asks of a kind of workers. Answer: what a worker gives back for one piece of work."""

    def capacity(self, pending: Collection[Work]) -> int:
        """How many photos may be sent now as one piece of work; 0 for none. pending: what is being worked on."""

    def submit(self, work: Work) -> Future[Answer]:
        """Begin a piece of work. Raises WorkerError where workers cannot work at all."""

    def handle_result(self, future: Future[Answer], work: Work) -> tuple[Sequence[ImageOutcome], Sequence[Work]]:
        """The outcomes of a finished future, and the work to try once more. Raises WorkerError as `submit` does."""

    def idle(self) -> None:
        """Called when nothing came back for IDLE_SECONDS. Raises WorkerError where nothing ever will."""


def dispatch(
    refs: Iterator[ImageRef], pool: WorkerPool[Answer], *, retry_alone: bool = False
) -> Iterator[ImageOutcome]:
    """Send refs to a pool, few at once, and pass on the outcomes, in any order, one for each ref.

    retry_alone: what is tried again waits until nothing else is being worked on: a worker that dies then dies of that
    photo. Raises WorkerError where workers cannot work at all.
    """
    pending: dict[Future[Answer], Work] = {}
    retries: deque[Work] = deque()
    exhausted = False
    while pending or retries or not exhausted:
        while retries and not (retry_alone and (pending or not exhausted)):
            work = retries.popleft()
            pending[pool.submit(work)] = work
        while not exhausted and (capacity := pool.capacity(pending.values())):
            taken, failed, exhausted = _take(refs, capacity)
            yield from failed
            if taken:
                work = Work(tuple(taken))
                pending[pool.submit(work)] = work
        done, _ = wait(pending, IDLE_SECONDS, FIRST_COMPLETED)
        if pending and not done:
            pool.idle()
        for future in done:
            outcomes, repeated = pool.handle_result(future, pending.pop(future))
            retries.extend(repeated)
            yield from outcomes


def _take(refs: Iterator[ImageRef], most: int) -> tuple[list[ImageRef], list[ImageOutcome], bool]:
    """Up to `most` small photos or one large one, the failures met on the way, and whether that was all."""
    taken: list[ImageRef] = []
    failed: list[ImageOutcome] = []
    weight = 0
    while len(taken) < most and weight < GROUP_BYTES and len(failed) < FAILURES_AT_ONCE:
        ref = next(refs, None)
        if ref is None:
            return taken, failed, True
        if ref.failure is not None:
            failed.append(ImageOutcome(ref, *ref.failure))
        else:
            taken.append(ref)
            weight += ref.size
    return taken, failed, False
