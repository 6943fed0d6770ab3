"""Tests often run as root, whom no permission of a file keeps out: here the thread gives that privilege up for a while.

Linux's capset(2), by thread: CAP_DAC_OVERRIDE (1) and CAP_DAC_READ_SEARCH (2) leave the effective set and come back.
"""

from __future__ import annotations

import ctypes
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest

_CAPGET: Final = {"x86_64": 125, "aarch64": 90}
_CAPSET: Final = {"x86_64": 126, "aarch64": 91}
_VERSION_3: Final = 0x20080522
_OVERRIDES: Final = 0b110


@contextmanager
def unprivileged() -> Iterator[None]:
    """Permissions count in this block, also for threads and processes that are begun in it. Skips where they cannot."""
    if os.geteuid() != 0:
        yield
        return
    machine = platform.machine()
    if machine not in _CAPGET:
        pytest.skip(f"root's privileges cannot be given up on {machine}")
    libc = ctypes.CDLL(None, use_errno=True)
    header, sets = (ctypes.c_uint32 * 2)(_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    _call(libc, _CAPGET[machine], header, sets)
    before = sets[0]  # effective, of the first 32
    sets[0] = before & ~_OVERRIDES
    _call(libc, _CAPSET[machine], header, sets)
    try:
        yield
    finally:
        sets[0] = before
        _call(libc, _CAPSET[machine], header, sets)


def _call(libc: ctypes.CDLL, number: int, header: object, sets: object) -> None:
    if libc.syscall(number, header, sets) != 0:
        pytest.skip(f"root's privileges cannot be given up here: {os.strerror(ctypes.get_errno())}")
