"""What runs inside a worker process."""

from __future__ import annotations

import resource
import signal
import sys
from typing import Final

import cv2

from pipeline.process import process_image
from pipeline.records import ImageOutcome, ImageRef, Settings

ADDRESS_SPACE: Final = 4 * 1024**3
"""Bytes a worker may map: a crafted file ends as a MemoryError here, not as a machine out of memory."""


def start_worker() -> None:
    """One OpenCV thread a process (workers share the cores), a memory cap, and Ctrl-C left to the coordinator."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))


def work(ref: ImageRef, settings: Settings) -> ImageOutcome:
    return process_image(ref, settings)
