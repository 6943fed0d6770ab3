"""Runs a generator in a process of its own: untrusted videos and animations are decoded beside the coordinator.

A crafted file may kill that process without ending the run. It works at most AHEAD results ahead of its reader.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, Final, TypeVar

from pipeline.core.errors import MoueError, UndecodableError
from pipeline.core.messages import message
from pipeline.core.system.calls import process_context
from pipeline.run.fork_server import start_fork_server
from pipeline.run.worker import start_worker

AHEAD: Final = 8
SILENT_SECONDS: Final = 120.0
"""A process that neither gives a result nor says that it is alive for so long is ended."""
_START_SECONDS: Final = 120.0
_HEARTBEATS: Final = 20
"""Signs of life that fit into the time after which it counts as stuck."""

T = TypeVar("T")
Task = Callable[..., Iterator[T]]
"""Importable; its first argument is a function to call now and then, as a sign of life."""


@dataclass(frozen=True, slots=True)
class _Heartbeat:
    pass


@dataclass(frozen=True, slots=True)
class _Ended:
    error: BaseException | None


def run_in_subprocess(task: Task[T], *args: Any, silent_seconds: float = SILENT_SECONDS) -> Iterator[T]:
    """What `task(heartbeat, *args)` yields in a new process; arguments and results travel pickled.

    Raises what the task raises; UndecodableError where the process dies or hangs. Closing it ends the process.
    """
    start_fork_server()
    context = process_context()
    parent_end, child_end = context.Pipe()
    process = context.Process(target=_serve, args=(child_end, silent_seconds / _HEARTBEATS, task, args), daemon=True)
    try:
        process.start()
        child_end.close()
        yield from _received(parent_end, process.sentinel, silent_seconds)
    except (EOFError, ConnectionResetError) as e:
        process.join(5)
        raise UndecodableError(message("decoder_died", n=process.exitcode)) from e
    finally:
        process.kill()
        process.join()
        parent_end.close()


def _received(pipe: Connection, sentinel: int, silent_seconds: float) -> Iterator[Any]:
    patience = _START_SECONDS
    while True:
        if not wait([pipe, sentinel], patience):
            raise UndecodableError(message("decoder_stuck", n=patience))
        patience = silent_seconds
        if not pipe.poll():
            raise EOFError  # it died, and everything that it sent was read
        received = pipe.recv()
        if isinstance(received, _Heartbeat):
            continue
        if isinstance(received, _Ended):
            if received.error is not None:
                raise received.error
            return
        yield received
        try:
            pipe.send(True)
        except OSError as e:
            if not pipe.poll():
                raise EOFError from e


def _serve(pipe: Connection, heartbeat_seconds: float, task: Task[Any], args: tuple[Any, ...]) -> None:
    start_worker()
    pipe.send(_Heartbeat())
    last_beat = time.monotonic()

    def heartbeat() -> None:
        nonlocal last_beat
        if time.monotonic() - last_beat > heartbeat_seconds:
            pipe.send(_Heartbeat())
            last_beat = time.monotonic()

    ahead = 0
    error: BaseException | None = None
    try:
        for result in task(heartbeat, *args):
            pipe.send(result)
            ahead += 1
            while ahead >= AHEAD or pipe.poll():
                pipe.recv()
                ahead -= 1
    except MoueError as e:
        error = type(e)(e.message)  # its cause may not pickle
    except MemoryError:
        error = UndecodableError(message("decoder_out_of_memory"))
    except Exception as e:  # noqa: BLE001 - FFmpeg and Pillow raise anything; one file must not end the run of all
        error = UndecodableError(message("decoder_failed", why=e))
    pipe.send(_Ended(error))
