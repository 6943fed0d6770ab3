"""A target's process from outside: its time and memory are capped, and when it hangs or dies the input is named and the
rest goes on."""

from __future__ import annotations

import importlib.util
import multiprocessing
import shutil
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Final

from tests.faults.fuzzed.guided import CURRENT, HANGS_S, LOG, serve
from tests.faults.mutated.attempt import Attempt

SECONDS: Final = HANGS_S + 10.0
"""By the clock, for one input: what hangs in compiled code is not ended by atheris."""
ADDRESS_SPACE: Final = 3 * 1024**3
"""Bytes that the process may map, libraries included."""
_START_SECONDS: Final = 300.0
_TAIL: Final = 24
_SPAWN: Final = multiprocessing.get_context("spawn")

Serve = Callable[[Connection, str, int, int, Path, int], None]
Found = tuple[Attempt, bytes | None]
"""What became of an input, and its bytes where they are worth a second look."""


def installed() -> bool:
    return importlib.util.find_spec("atheris") is not None


class Watched:
    """The trials of one target, for so many seconds."""

    def __init__(self, target: str, folder: Path, seed: int = 1, hangs_s: float = SECONDS, run: Serve = serve) -> None:
        """folder: empty; holds what the guide keeps."""
        self._target, self._folder, self._seed, self._hangs_s, self._run = target, folder, seed, hangs_s, run
        self._current = folder / CURRENT
        self.deaths = 0

    def inputs(self, seconds: float) -> Iterator[Found]:
        until = time.monotonic() + seconds
        while (left := int(until - time.monotonic())) > 0:
            yield from self._process(left)

    def _process(self, left: int) -> Iterator[Found]:
        """Until it ends; the next one begins with another seed, and with what this one found out."""
        self._current.write_bytes(b"")
        pipe, theirs = _SPAWN.Pipe()
        given = (theirs, self._target, left, self._seed + self.deaths, self._folder, ADDRESS_SPACE)
        process = _SPAWN.Process(target=self._run, args=given, daemon=True)
        process.start()
        theirs.close()
        try:
            yield from self._taken(pipe, process)
        finally:
            process.kill()
            process.join()
            pipe.close()

    def _taken(self, pipe: Connection, process: SpawnProcess) -> Iterator[Found]:
        if not pipe.poll(_START_SECONDS):
            raise TimeoutError(f"{self._target}: no process in {_START_SECONDS:.0f} s\n{self._said()}")
        count, fault = 0, ""
        while not fault:
            if not pipe.poll(self._hangs_s):
                fault = f"hung: ended after {self._hangs_s:.0f} s"
                break
            try:
                found = pipe.recv()
            except EOFError:
                process.join()
                if not process.exitcode:
                    return
                fault = f"killed its process: exit code {process.exitcode}"
            else:
                if found is not None:
                    count += 1
                    yield found
        name, _, data = self._current.read_bytes().partition(b"\n")
        if not name:
            raise RuntimeError(f"{self._target}: {fault}, before the first input\n{self._said()}")
        self.deaths += 1
        shutil.rmtree(self._folder / "scratch", ignore_errors=True)
        yield Attempt(name.decode(), count + 1, 0.0, 0.0, 0, False, f"{fault}\n{self._said()}".rstrip()), data

    def covered(self) -> int:
        """The branches that the inputs reached, as libFuzzer's log says last; 0 if it says nothing."""
        found = 0
        for line in self._log().splitlines():
            words = line.split()
            if "cov:" in words[:-1]:
                found = int(words[words.index("cov:") + 1])
        return found

    def _said(self) -> str:
        return "\n".join(self._log().splitlines()[-_TAIL:])

    def _log(self) -> str:
        log = self._folder / LOG
        return log.read_text("utf-8", "replace") if log.exists() else ""
