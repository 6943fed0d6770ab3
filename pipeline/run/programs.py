"""Programs that decode for a process that must not: requests as lines of JSON in, answers as a line and bytes out.

They are started as programs, not forked or spawned, since the caller may be a server, a notebook or a script without a
guard around its main part: `multiprocessing` would run that again. Nor is anything unpickled: what has decoded a
stranger's file is not trusted to say what the caller is to run, nor given its secrets.
The other end is `pipeline.run.serving`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from pipeline.core import errors
from pipeline.core.errors import MoueError, UndecodableError, WorkerError
from pipeline.core.messages import message, message_of
from pipeline.core.system.environment import for_decoders

MOST_BYTES: Final = 512 * 1024 * 1024
"""Of one answer: more than any picture that is asked for."""
_MOST_LINE: Final = 1024 * 1024
_PROJECT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Answer:
    """said: JSON values by name. data: bytes beside them."""

    said: Mapping[str, Any]
    data: bytes = b""


class ProgramDiedError(UndecodableError):
    """It ended, or was ended because it took too long, before it answered. exit_code: as `subprocess` counts."""

    def __init__(self, exit_code: int, seconds: float, *, slow: bool) -> None:
        super().__init__(message("decoder_stuck", n=seconds) if slow else message("decoder_died", n=exit_code))
        self.exit_code = exit_code


class Program:
    """One that is started when it is needed, and again when it died. Serves one caller at a time."""

    def __init__(self, module: str, seconds: float) -> None:
        """module: what `python -m` runs. seconds: by the clock, that one answer may take."""
        self._module = module
        self._seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._ended = False
        self._guard = threading.Lock()

    def ask(self, request: Mapping[str, Any]) -> Answer:
        """Raises what the program raised, ProgramDiedError, and WorkerError where none can be started."""
        child = self._started()
        limit = _Limit(child, self._seconds)
        try:
            answer = _exchanged(child, json.dumps(request))
        finally:
            slow = limit.over()
        if slow or answer is None:
            child.kill()
            exit_code = child.wait()
            cpu = getattr(signal, "SIGXCPU", None)
            raise ProgramDiedError(exit_code, self._seconds, slow=slow or (cpu is not None and exit_code == -cpu))
        if (error := answer.said.get("error")) is not None:
            raise _raised(error)
        return answer

    def _started(self) -> subprocess.Popen[bytes]:
        with self._guard:
            if self._child is None or self._child.poll() is not None:
                self._close()
                try:
                    self._child = _start(self._module)
                except OSError as e:
                    raise WorkerError(message("decoder_failed", why=e.strerror or e)) from e
                if self._ended:
                    self._child.kill()
            return self._child

    def end(self) -> None:
        """For ever: what is asked now dies."""
        with self._guard:
            self._ended = True
            if self._child is not None:
                self._child.kill()
                self._child.wait()
            self._close()

    def _close(self) -> None:
        for pipe in (self._child.stdin, self._child.stdout) if self._child is not None else ():
            with suppress(OSError):  # what was not sent to one that died
                _piped(pipe).close()


class ProgramPool:
    """At most `most` programs of a kind, the first one started when something is first asked; any thread may ask."""

    def __init__(self, module: str, most: int, seconds: float) -> None:
        self._module, self._seconds, self._most = module, seconds, most
        self._turns = threading.BoundedSemaphore(most)
        self._guard = threading.Lock()
        self._idle: list[Program] = []
        self._all: set[Program] = set()

    def ask(self, request: Mapping[str, Any]) -> Answer:
        """Waits for its turn. Raises as `Program.ask`."""
        with self._turns, self._taken() as program:
            return program.ask(request)

    @contextmanager
    def _taken(self) -> Iterator[Program]:
        with self._guard:  # the one used last: more are started only where so many are asked at once
            program = self._idle.pop() if self._idle else Program(self._module, self._seconds)
            self._all.add(program)
        try:
            yield program
        finally:
            with self._guard:
                if program in self._all:
                    self._idle.append(program)

    def end(self) -> None:
        """End all; what is asked afterwards starts others."""
        with self._guard:
            ended = list(self._all)
            self._all.clear()
            self._idle.clear()
        for program in ended:
            program.end()


class _Limit:
    """Ends a child that takes too long, and never one that has answered."""

    def __init__(self, child: subprocess.Popen[bytes], seconds: float) -> None:
        self._child = child
        self._guard = threading.Lock()
        self._answered = self._over = False
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    def _end(self) -> None:
        with self._guard:
            if not self._answered:
                self._over = True
                self._child.kill()

    def over(self) -> bool:
        """Whether it was ended; it is not any more from now on."""
        with self._guard:
            self._answered = True
        self._timer.cancel()
        return self._over


def _exchanged(child: subprocess.Popen[bytes], line: str) -> Answer | None:
    """None where it died, or answered what is no answer."""
    stdin, stdout = _piped(child.stdin), _piped(child.stdout)
    try:
        stdin.write(f"{line}\n".encode("ascii"))  # JSON escapes the rest
        stdin.flush()
        head = stdout.readline(_MOST_LINE)
        said = json.loads(head)
        size = said.pop("bytes")
        data = stdout.read(size) if isinstance(size, int) and 0 <= size <= MOST_BYTES else None
    except (OSError, ValueError, RecursionError, KeyError, AttributeError):
        return None  # ValueError also: closed, as all was ended
    return Answer(said, data) if data is not None and len(data) == size else None


def _start(module: str) -> subprocess.Popen[bytes]:
    path = os.pathsep.join(filter(None, [str(_PROJECT), os.environ.get("PYTHONPATH", "")]))
    return subprocess.Popen(
        [sys.executable, "-m", module],
        env={**for_decoders(os.environ), "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _piped(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _raised(error: object) -> MoueError:
    """The error of ours that it names. What is none is an answer that cannot be understood."""
    try:
        assert isinstance(error, Mapping)
        kind = getattr(errors, str(error["kind"]))
        said = message_of(str(error["text"]), error["code"], error["params"])
        if isinstance(kind, type) and issubclass(kind, MoueError):
            return kind(said)
    except (AttributeError, KeyError, AssertionError):
        pass
    return WorkerError(message("decoder_failed", why="?"))
