"""Processes that cut the pictures of a release from the photos: nothing untrusted is decoded in the caller's own.

They are started as programs, not forked or spawned, since the caller may be a server, a notebook or a script without a
guard around its main part: `multiprocessing` would run that again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from pipeline.core.errors import ExportError
from pipeline.core.messages import Message, message, message_of
from pipeline.export.pictures.cutting import CutAll, Order
from pipeline.files.remote import original_location
from pipeline.run.dispatch import ATTEMPTS, SECONDS_AN_IMAGE

MOST_PROCESSES: Final = 4
"""Each holds a decoded photo, of at most 150 MB, and what is cut from it."""
_PROJECT: Final = Path(__file__).resolve().parents[3]


def cutter(root: Path, seconds: float = SECONDS_AN_IMAGE) -> CutAll:
    """Cuts from the originals of the workspace `root`, in as many processes as there are cores. seconds: that one
    photo may take."""

    def cut_all(orders: Iterable[Order]) -> Iterator[Order]:
        placed = (replace(one, photo=str(original_location(root, one.photo))) for one in orders)
        return _cut_all(placed, min(MOST_PROCESSES, os.cpu_count() or 1), seconds)

    return cut_all


def _cut_all(orders: Iterator[Order], processes: int, seconds: float) -> Iterator[Order]:
    free: SimpleQueue[_Process] = SimpleQueue()
    made = [_Process(seconds) for _ in range(processes)]
    for one in made:
        free.put(one)

    def carry_out(order: Order) -> Order:
        process = free.get()
        try:
            process.carry_out(order)
        finally:
            free.put(process)
        return order

    pending: set[Future[Order]] = set()
    pool = ThreadPoolExecutor(processes, "cutter")
    try:
        for order in orders:
            pending.add(pool.submit(carry_out, order))
            if len(pending) >= 2 * processes:
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        yield from (future.result() for future in pending)
    finally:
        for future in pending:
            future.cancel()
        for one in made:
            one.end()
        pool.shutdown()


class _Process:
    """One that is started when it is needed, and again when it died."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._child: subprocess.Popen[str] | None = None
        self._ended = False
        self._guard = threading.Lock()

    def carry_out(self, order: Order) -> None:
        """Raises ExportError, which names the photo."""
        for _ in range(ATTEMPTS):
            answer, exit_code = self._ask(json.dumps(order.to_json()))
            if answer is not None:
                break
        else:
            raise _cannot(order, message("process_died", n=exit_code))
        said = json.loads(answer)
        if said is not None:
            raise _cannot(order, message_of(str(said["text"]), said["code"], said["params"]))

    def _ask(self, line: str) -> tuple[str | None, int]:
        """The answer, None with the exit code where there is none: it died, or took too long and was ended."""
        child = self._started()
        timer = threading.Timer(self._seconds, child.kill)
        timer.start()
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdin.write(f"{line}\n")
            child.stdin.flush()
            answer = child.stdout.readline()
        except (BrokenPipeError, ValueError):  # ValueError: closed, as all was ended
            answer = ""
        finally:
            timer.cancel()
        if answer.endswith("\n"):
            return answer, 0
        child.kill()
        return None, child.wait()

    def _started(self) -> subprocess.Popen[str]:
        with self._guard:
            if self._child is None or self._child.poll() is not None:
                self._child = _start()
                if self._ended:
                    self._child.kill()
            return self._child

    def end(self) -> None:
        with self._guard:
            self._ended = True
            if self._child is not None:
                self._child.kill()
                self._child.wait()


def _start() -> subprocess.Popen[str]:
    path = os.pathsep.join(filter(None, [str(_PROJECT), os.environ.get("PYTHONPATH", "")]))
    return subprocess.Popen(
        [sys.executable, "-m", "pipeline.actions.release.cutter_process"],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="ascii",  # JSON escapes the rest
    )


def _cannot(order: Order, why: Message) -> ExportError:
    return ExportError(message("export_photo_lost", photo=order.name or order.photo, why=why))
