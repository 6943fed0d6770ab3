"""The lock of the one job that a workspace may have: the operating system's, so that a dead owner holds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from pipeline.core.errors import BusyError
from pipeline.core.messages import message

_FILE: Final = "job.lock"
_PATIENCE_S: Final = 1.0
"""A page that asks whether the lock is free holds it for a moment."""


@contextmanager
def job_lock(root: Path) -> Iterator[None]:
    """Hold the job lock of the workspace `root`. Raises BusyError while another living process holds it."""
    try:
        with FileLock(root / ".locks" / _FILE, timeout=_PATIENCE_S):
            yield
    except Timeout as e:
        raise BusyError(message("job_elsewhere", root=root)) from e


def job_lock_is_free(root: Path) -> bool:
    """Whether no living process works on the workspace `root`."""
    try:
        with FileLock(root / ".locks" / _FILE, timeout=0):
            return True
    except Timeout:
        return False
