"""Limits that a worker process sets itself before its first photo: threads, memory, signals."""

from __future__ import annotations

import ctypes
import resource
import signal
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pipeline.core.records import ImageOutcome, ImageRef, Settings

ADDRESS_SPACE: Final = 4 * 1024**3
"""Bytes a worker may map: a crafted file ends as a MemoryError here, not as a machine out of memory."""
# mallopt(3): its names of parameters, and bytes.
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_KEPT: Final = 128 * 1024**2
_MAPPED: Final = 32 * 1024**2


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
    if sys.platform == "linux":
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = ADDRESS_SPACE if hard == resource.RLIM_INFINITY else min(hard, ADDRESS_SPACE)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
        _keep_freed_memory()


def _keep_freed_memory() -> None:
    """Let malloc keep what one photo freed for the next: Dask tells it to give all back, which costs page faults."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return  # another C library than glibc
    mallopt(_M_TRIM_THRESHOLD, _KEPT)
    mallopt(_M_MMAP_THRESHOLD, _MAPPED)
