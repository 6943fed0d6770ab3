"""Many damaged files in worker processes, each with limits: one that hangs or kills its process is told, and the rest
go on."""

from __future__ import annotations

import itertools
import multiprocessing
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Final

from pipeline.core.system.calls import cap_memory
from tests.faults.mutated.attempt import Attempt

SECONDS: Final = 30.0
"""By the clock, for one file: what takes longer hangs."""
ADDRESS_SPACE: Final = 3 * 1024**3
"""Bytes that a process may map, libraries included: a machine must not run out of memory over one file."""
AT_ONCE: Final = 40
"""Files that a worker is given: on a busy machine the way to it and back takes longer than a file."""
_START_SECONDS: Final = 300.0
_SPAWN: Final = multiprocessing.get_context("spawn")

Try = Callable[[str, int, str], Attempt]
"""Takes the format, the number, and a folder where it may make one of its own. Importable, as is what prepares it."""


def attempt_all(
    asked: Iterable[tuple[str, int]],
    task: Try,
    folder: Path,
    processes: int,
    seconds: float = SECONDS,
    prepare: Callable[[], object] = list,
) -> Iterator[Attempt]:
    """Each (format, number) in any order, one `Attempt` for each. prepare: called once in each process, its time
    counted for no file."""
    rest = iter(asked)
    made = [_Process(task, prepare, folder, seconds) for _ in range(processes)]
    busy = [one for one in made if one.fill(rest)]
    try:
        while busy:
            wait([one.pipe for one in busy], min(one.left() for one in busy))
            for one in list(busy):
                while (done := one.taken()) is not None:
                    yield done
                if not one.fill(rest):
                    busy.remove(one)
    finally:
        for one in busy:
            one.end()


class _Process:
    """A worker, replaced when it hangs or dies."""

    def __init__(self, task: Try, prepare: Callable[[], object], folder: Path, seconds: float) -> None:
        self._work, self._seconds = (task, prepare, str(folder)), seconds
        self._asked: deque[tuple[str, int]] = deque()
        self._start()

    def _start(self) -> None:
        self.pipe, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_serve, args=(theirs, *self._work), daemon=True)
        self._process.start()
        theirs.close()
        if not self.pipe.poll(_START_SECONDS):
            raise TimeoutError(f"no worker in {_START_SECONDS:.0f} s")
        self.pipe.recv()
        self._give(list(self._asked))

    def fill(self, rest: Iterator[tuple[str, int]]) -> bool:
        """Whether it has something to do; else it ends. It is given many at once, so that it waits for nobody."""
        if len(self._asked) <= AT_ONCE // 2:
            more = list(itertools.islice(rest, AT_ONCE - len(self._asked)))
            self._asked += more
            self._give(more)
        if not self._asked:
            self.end()
        return bool(self._asked)

    def _give(self, asked: list[tuple[str, int]]) -> None:
        self._until = time.monotonic() + self._seconds
        if asked:
            self.pipe.send(asked)

    def left(self) -> float:
        return max(0.0, self._until - time.monotonic())

    def taken(self) -> Attempt | None:
        """What became of the next file; None while it is being tried, or nothing is."""
        if not self._asked:
            return None
        fault = f"hung: ended after {self._seconds:.0f} s"
        if self.pipe.poll():
            try:
                found: Attempt = self.pipe.recv()
            except EOFError:
                self._process.join()
                fault = f"killed its process: exit code {self._process.exitcode}"
            else:
                self._asked.popleft()
                self._until = time.monotonic() + self._seconds
                return found
        elif self.left():
            return None
        name, number = self._asked.popleft()
        self.end()
        self._start()
        return Attempt(name, number, self._seconds, self._seconds, 0, False, fault)

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self.pipe.close()


def _serve(pipe: Connection, task: Try, prepare: Callable[[], object], folder: str) -> None:
    prepare()
    cap_memory(ADDRESS_SPACE)
    pipe.send(None)
    while True:
        for name, number in pipe.recv():
            pipe.send(task(name, number, folder))
