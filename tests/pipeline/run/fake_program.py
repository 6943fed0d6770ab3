"""`python -m tests.pipeline.run.fake_program`: does what it is asked to, for tests of `pipeline.run.programs`."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import Any

from pipeline.core.errors import TooLargeError
from pipeline.core.messages import message
from pipeline.run.programs import Answer
from pipeline.run.serving import serve
from pipeline.run.worker import ADDRESS_SPACE

CPU_SECONDS = 2


def _handle(request: Mapping[str, Any]) -> Answer:
    does = request["do"]
    if does == "die":
        os._exit(9)
    if does == "hang":
        threading.Event().wait()
    if does == "spin":
        while True:
            pass
    if does == "refuse":
        raise TooLargeError(message("file_too_large", size=request["n"], most=1))
    if does == "grow":
        return Answer({"size": len(bytearray(ADDRESS_SPACE))})
    if does == "close":
        os.closerange(3, 64)  # its way to answer, too
    if does == "print":
        print("a library's warning")
        os.write(1, b"another, past Python\n")
    return Answer({"pid": os.getpid()}, request.get("text", "").encode())


if __name__ == "__main__":
    serve(_handle, cpu_seconds=CPU_SECONDS)
