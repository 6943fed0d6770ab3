"""What the worker processes of these tests run: importable by name, told what to do by the photo's name."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from pipeline.core.messages import verbatim
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageOutcome, ImageRef, Settings


def tries(ref: ImageRef) -> int:
    """How often this photo was tried, this time included; counted on the disk beside it."""
    with open(ref.path + ".tries", "a+b") as stream:
        stream.write(b"x")
        return stream.tell()


def faulty(ref: ImageRef, settings: Settings) -> ImageOutcome:
    """`poison…` kills its process each time, `once…` the first time, `hang…` never ends, `wait…` waits once."""
    name = Path(ref.path).name
    attempt = tries(ref)
    if name.startswith("poison") or (name.startswith("once") and attempt == 1):
        os.kill(os.getpid(), signal.SIGKILL)
    if name.startswith("exit"):
        os._exit(3)
    if name.startswith("wait") and attempt == 1:
        Path(ref.path + ".pid").write_text(str(os.getpid()))
    if name.startswith("hang") or (name.startswith("wait") and attempt == 1):
        time.sleep(3600)
    return ImageOutcome(ref, Outcome.NO_FACE, verbatim(f"process {os.getpid()}"))


def mapped(ref: ImageRef, settings: Settings) -> ImageOutcome:
    """Ask for more memory than a worker may have."""
    try:
        held = bytearray(6 * 1024**3)
    except MemoryError:
        return ImageOutcome(ref, Outcome.TOO_LARGE, verbatim("refused"))
    return ImageOutcome(ref, Outcome.ADDED, verbatim(str(len(held))))


def tasks_held(dask_scheduler: Any) -> int:
    """Run inside a Dask scheduler: how many tasks it knows."""
    return len(dask_scheduler.tasks)
