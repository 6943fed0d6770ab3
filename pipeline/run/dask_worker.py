"""What runs inside a Dask worker: `process_image`, after a check that the worker has the coordinator's version of Moue.

No database, no workspace: refs and settings in, outcomes out. A worker with several threads takes one photo after the
other all the same, as the detectors keep state between calls.
"""

from __future__ import annotations

import faulthandler
import hashlib
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import dlib

from models.loaded import load_landmarks
from pipeline.core.errors import WorkerError
from pipeline.core.messages import message
from pipeline.core.records import ImageOutcome, ImageRef, Settings
from pipeline.core.version import VERSION
from pipeline.files.remote import as_temp_file
from pipeline.run.worker import limit_resources

LINGER_SECONDS: Final = 3.0
"""A worker with a photo that hangs lives on for so long: its answer has to be fetched from it."""
_ONE_AT_A_TIME: Final = threading.Lock()
_PHOTO_THREAD: Final = ThreadPoolExecutor(1, thread_name_prefix="photo")
_ending = threading.Event()

Build = tuple[tuple[str, str], ...]
Task = Callable[[ImageRef, Settings], ImageOutcome]


@dataclass(frozen=True, slots=True, eq=False)
class Parcel:
    """Photos for one task. data: the bytes of those that lie on the coordinator's disk alone, parallel to `refs`.

    seconds: how long one photo may take. build: the coordinator's own.
    """

    refs: tuple[ImageRef, ...]
    data: tuple[bytes | None, ...]
    settings: Settings
    seconds: float
    build: Build


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Outcomes of the first refs of a parcel. late: the next one took too long, and those after it were not begun."""

    host: str
    outcomes: tuple[ImageOutcome, ...]
    late: bool = False


@cache
def this_build() -> Build:
    """What decides the pixels of a crop: Moue's version and source (with the weights' SHA-256), its libraries."""
    source = source_hash(Path(__file__).resolve().parents[2])
    return ("Moue", VERSION), ("Moue's source", source), ("OpenCV", cv2.__version__), ("dlib", dlib.__version__)


def source_hash(root: Path) -> str:
    """12 hex digits over the paths and bytes of all Python files of `pipeline` and `models` below `root`, at any depth.

    It does not depend on where `root` lies. Raises WorkerError where there is no source to compare.
    """
    digest = hashlib.sha256()
    paths = sorted(path for package in ("pipeline", "models") for path in (root / package).rglob("*.py"))
    if not paths:
        raise WorkerError(message("dask_without_source", folder=root))
    for path in paths:
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


@cache
def check_in(build: Build) -> str:
    """Make this process ready, once, and return its host's name.

    Raises WorkerError where it runs another Moue, ModelError where its weights are missing or others.
    """
    host = socket.gethostname()
    for (what, wanted), (_, found) in zip(build, this_build(), strict=True):
        if found != wanted:
            raise WorkerError(message("dask_worker_differs", host=host, what=what, found=found, wanted=wanted))
    limit_resources()
    load_landmarks()
    return host


def work_parcel(parcel: Parcel, task: Task) -> Answer:
    """Process the photos of a parcel one by one. task: importable, as `process_image`. Raises as `check_in` does."""
    host = check_in(parcel.build)
    outcomes: list[ImageOutcome] = []
    with _ONE_AT_A_TIME:
        if _ending.is_set():
            time.sleep(20 * LINGER_SECONDS)  # this process is about to end; the scheduler gives the parcel to another
        for ref, data in zip(parcel.refs, parcel.data, strict=True):
            # The last resort, against a photo that holds the interpreter's lock: a thread that needs no lock.
            faulthandler.dump_traceback_later(parcel.seconds + 3 * LINGER_SECONDS, exit=True, file=sys.__stderr__ or 2)
            try:
                outcomes.append(_PHOTO_THREAD.submit(_process, ref, data, parcel.settings, task).result(parcel.seconds))
            except TimeoutError:
                _end_soon()
                return Answer(host, tuple(outcomes), late=True)
            finally:
                faulthandler.cancel_dump_traceback_later()
    return Answer(host, tuple(outcomes))


def _process(ref: ImageRef, data: bytes | None, settings: Settings, task: Task) -> ImageOutcome:
    with nullcontext(ref.path) if data is None else as_temp_file(data) as path:
        outcome = task(replace(ref, path=path), settings)
        return replace(outcome, ref=replace(outcome.ref, path=ref.path))


def _end_soon() -> None:
    """A thread cannot be stopped, so its process goes; Dask's nanny starts another."""
    _ending.set()
    timer = threading.Timer(LINGER_SECONDS, os._exit, (1,))
    timer.daemon = True
    timer.start()
