"""The other end of `pipeline.run.programs`: a program that answers requests, within limits on memory and CPU."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

from pipeline.core.errors import MoueError, TooLargeError
from pipeline.core.messages import message
from pipeline.core.system.calls import cap_cpu, cap_memory
from pipeline.run.programs import Answer
from pipeline.run.worker import ADDRESS_SPACE

CPU_SECONDS: Final = 60
"""That one request may take of the processor's time, all threads together: the system ends what takes more."""

Handle = Callable[[Mapping[str, Any]], Answer]


def serve(handle: Handle, begin: Callable[[], None] | None = None, cpu_seconds: int = CPU_SECONDS) -> None:
    """Answer until the input ends: until the caller ends it, or has died.

    begin: called once before the first request; None: memory is capped, and nothing is imported for it.
    Whatever of ours `handle` raises is told; what else ends this process, which the caller tells.
    """
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is no answer
    if begin is None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        cap_memory(ADDRESS_SPACE)
    else:
        begin()
    for line in sys.stdin:
        cap_cpu(cpu_seconds)
        answer = _answer(handle, json.loads(line))
        out.write(json.dumps({**answer.said, "bytes": len(answer.data)}).encode("ascii") + b"\n")
        out.write(answer.data)
        out.flush()


def _answer(handle: Handle, request: Mapping[str, Any]) -> Answer:
    try:
        return handle(request)
    except MoueError as e:
        error = e
    except MemoryError:
        error = TooLargeError(message("out_of_memory"))
    said = error.message
    kind = type(error).__name__
    return Answer({"error": {"kind": kind, "text": said.text, "code": said.code, "params": said.json_params()}})
