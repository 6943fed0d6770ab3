"""The process that workers are forked from: single-threaded, with the libraries and the big model in memory."""

from __future__ import annotations

import multiprocessing
import os
from multiprocessing import forkserver
from typing import Final

_TUNABLES: Final = "GLIBC_TUNABLES"
HUGE_PAGES: Final = "glibc.malloc.hugetlb=1"
"""Memory in pages of 2 MB where Linux has them to give: a face is placed by 7,500 reads all over a model of 100 MB."""


def start_fork_server() -> None:
    """Start it without waiting for what it loads. A second call does nothing."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(["pipeline.run.preload"])
    before = os.environ.get(_TUNABLES)
    if before is None:  # read by the C library of a process as it starts; others have no such variable
        os.environ[_TUNABLES] = HUGE_PAGES
    try:
        forkserver.ensure_running()
    finally:
        if before is None:
            os.environ.pop(_TUNABLES, None)
