"""Many addresses to files: an event loop in a thread of its own, bounded at both ends."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

import aiohttp

from pipeline.core.durable import make_folder
from pipeline.core.errors import DecodeError
from pipeline.core.messages import Message
from pipeline.core.outcome import Outcome
from pipeline.fetch.candidate import ImageCandidate
from pipeline.fetch.request import FetchLimits, HostBackoff, fetch_one
from pipeline.fetch.session import check_proxy, open_session
from pipeline.files.blobs import storage_error

T = TypeVar("T")

MOST_WAITING: Final = 256
"""Addresses that wait for their host's turn, and results that wait for the caller: so many at most of each."""
_POLL_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of one address. path: a file in the spool that the caller owns, "" where it failed.

    final_url: where it was in the end, after redirects. failure: the outcome and its reason.
    """

    candidate: ImageCandidate
    path: str = ""
    size: int = 0
    sha256: str = ""
    final_url: str = ""
    failure: tuple[Outcome, Message] | None = None


def fetch_all(
    candidates: Iterable[ImageCandidate], spool: Path, limits: FetchLimits, stop: Callable[[], bool] = lambda: False
) -> Iterator[Fetched]:
    """Each address as it is done, in no fixed order, each exactly once.

    `candidates` is read in a thread of its own, a few hundred ahead at most, and may block. stop: asked now and then;
    True ends it: what is on its way is dropped. Closing the iterator does the same. An error that `candidates` raises
    comes out here, after what it gave before. Raises UsageError for a proxy or certificates that cannot be used.
    """
    check_proxy(limits.proxy)
    make_folder(spool, inside=spool.parent)
    workers = FetchWorkers(spool, limits)
    feeder = threading.Thread(target=workers.feed, args=(iter(candidates),), name="moue-candidates", daemon=True)
    runner = threading.Thread(target=workers.run, name="moue-fetch", daemon=True)
    runner.start()
    feeder.start()
    try:
        while True:
            try:
                one = workers.done.get(timeout=_POLL_S)
            except queue.Empty:
                if stop():
                    return
                continue
            if one is None:
                break
            yield one
            if stop():
                return
        if workers.error is not None:
            raise workers.error
    finally:
        workers.stopped.set()
        runner.join()
        workers.clear()


class FetchWorkers:
    """The two threads that read candidates and fetch them, and the bounded queues between them and the caller."""

    def __init__(self, spool: Path, limits: FetchLimits) -> None:
        self.done: queue.Queue[Fetched | None] = queue.Queue(MOST_WAITING)
        self.stopped = threading.Event()
        self.error: BaseException | None = None
        self._asked: queue.Queue[ImageCandidate | None] = queue.Queue(MOST_WAITING)
        self._spool, self._limits = spool, limits
        self._number = 0
        self.backoff = HostBackoff()

    def feed(self, candidates: Iterator[ImageCandidate]) -> None:
        try:
            for one in candidates:
                if not _enqueue(self._asked, one, self.stopped):
                    return
        except BaseException as e:  # noqa: BLE001 - it is the caller's: handed over, and raised there
            self.error = e
        _enqueue(self._asked, None, self.stopped)

    def run(self) -> None:
        try:
            asyncio.run(self._work())
        except BaseException as e:  # noqa: BLE001 - the caller waits for an end, and gets the error
            self.error = e
        _enqueue(self.done, None, self.stopped)

    def clear(self) -> None:
        """Remove the files of results that nobody took."""
        while True:
            try:
                untaken = self.done.get_nowait()
            except queue.Empty:
                return
            if untaken is not None and untaken.path:
                Path(untaken.path).unlink(missing_ok=True)

    async def _work(self) -> None:
        limits = self._limits
        session = open_session(
            proxy=limits.proxy, ca=limits.ca, allow=limits.allow, parallel=limits.parallel,
            connect_s=limits.connect_s, agent=limits.agent, per_host=limits.per_host,
        )  # fmt: skip
        async with session:
            await HostScheduler(self, session, limits.parallel, limits.per_host).run()

    def next_candidate(self) -> tuple[bool, ImageCandidate | None]:
        """(whether there is something, the next address or None at the end)."""
        try:
            return True, self._asked.get_nowait()
        except queue.Empty:
            return False, None

    async def fetch(self, session: aiohttp.ClientSession, one: ImageCandidate) -> None:
        self._number += 1
        name = f"{self._number:08d}"
        path = self._spool / f"{name}.part"
        try:
            saved, final = await fetch_one(session, one.url, one.provenance.page_url, path, self._limits, self.backoff)
        except DecodeError as e:
            result = Fetched(one, failure=(e.outcome, e.message))
        else:
            digest = saved.digest.hexdigest()
            named = path.with_name(f"{name}-{digest[:16]}")
            try:
                path.rename(named)
            except OSError as e:
                raise storage_error(e, str(named)) from e
            result = Fetched(one, str(named), saved.size, digest, final)
        await self._hand_on(result)

    async def _hand_on(self, result: Fetched) -> None:
        """Wait until the caller has room; a file that it will never take is removed."""
        taken = False
        try:
            while not taken and not self.stopped.is_set():
                try:
                    self.done.put_nowait(result)
                    taken = True
                except queue.Full:
                    await asyncio.sleep(_POLL_S / 10)
        finally:
            if not taken and result.path:
                Path(result.path).unlink(missing_ok=True)


class HostScheduler:
    """Starts the requests: so many at once in all, so many to one host; a slow host holds no other one back."""

    def __init__(self, workers: FetchWorkers, session: aiohttp.ClientSession, parallel: int, per_host: int) -> None:
        self._workers, self._session, self._parallel, self._per_host = workers, session, parallel, per_host
        self._waiting: dict[str, deque[ImageCandidate]] = {}
        self._number = 0
        self._active: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until the addresses are at their end, or somebody said stop."""
        ended = False
        while not self._workers.stopped.is_set():
            while not ended and self._number < MOST_WAITING:
                there, one = self._workers.next_candidate()
                if not there:
                    break
                if one is None:
                    ended = True
                else:
                    self._waiting.setdefault(_host(one.url), deque()).append(one)
                    self._number += 1
            self._start()
            if ended and not self._tasks:
                return
            await self._wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self) -> None:
        for host in list(self._waiting):
            if self._workers.backoff.remaining(host):
                continue
            waiting = self._waiting[host]
            while waiting and len(self._tasks) < self._parallel and self._active[host] < self._per_host:
                self._active[host] += 1
                self._number -= 1
                task = asyncio.create_task(self._fetch(host, waiting.popleft()))
                self._tasks.add(task)
            if not waiting:
                del self._waiting[host]

    async def _fetch(self, host: str, one: ImageCandidate) -> None:
        try:
            await self._workers.fetch(self._session, one)
        finally:
            self._active[host] -= 1
            if not self._active[host]:
                del self._active[host]

    async def _wait(self) -> None:
        """Until one is done, or new addresses may have come."""
        if not self._tasks:
            await asyncio.sleep(_POLL_S / 10)
            return
        done, self._tasks = await asyncio.wait(self._tasks, timeout=_POLL_S / 4, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()  # an error that is none of an address ends everything, with its words


def _enqueue(line: queue.Queue[T], one: T, stopped: threading.Event) -> bool:
    """False where somebody said stop meanwhile."""
    while not stopped.is_set():
        try:
            line.put(one, timeout=_POLL_S)
        except queue.Full:
            continue
        return True
    return False


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
