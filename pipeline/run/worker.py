"""Limits that a worker process sets itself before its first photo: threads, memory, signals."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Final

from pipeline.core.system.calls import cap_memory, keep_freed_memory

if TYPE_CHECKING:
    from pipeline.core.records import ImageOutcome, ImageRef, Settings

ADDRESS_SPACE: Final = 4 * 1024**3
"""Bytes a worker may map: a crafted file ends as a MemoryError here, not as a machine out of memory."""


def start_worker() -> None:
    """Call `limit_resources`, and ignore Ctrl-C: the coordinator handles it and ends its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit_resources()


def process_in_worker(ref: ImageRef, settings: Settings) -> ImageOutcome:
    """`process_image`, which is imported where it runs: the fork server has it in memory."""
    from pipeline.run.process_image import process_image

    return process_image(ref, settings)


def limit_resources() -> None:
    """One OpenCV thread a process (workers share the cores), and a memory cap."""
    import cv2  # in the worker: who starts it needs none

    cv2.setNumThreads(1)
    cap_memory(ADDRESS_SPACE)
    keep_freed_memory()
