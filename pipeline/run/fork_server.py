"""The process that workers are forked from: single-threaded, with the libraries and the big model in memory."""

from __future__ import annotations

import os
from typing import Final

from pipeline.core.system.calls import FORK_SERVER, process_context, start_method
from pipeline.core.system.environment import starting_decoders

_TUNABLES: Final = "GLIBC_TUNABLES"
HUGE_PAGES: Final = "glibc.malloc.hugetlb=1"
"""Memory in pages of 2 MB where Linux has them to give: a face is placed by 7,500 reads all over a model of 100 MB."""


def start_fork_server() -> None:
    """Start it without waiting for what it loads, and without this process's secrets. A second call does nothing, nor
    the first where workers are spawned (those inherit the whole environment).

    Raises UsageError for a MOUE_START that is none.
    """
    if start_method() != FORK_SERVER:
        return
    from multiprocessing import forkserver  # here: not every system has one

    process_context().set_forkserver_preload(["pipeline.run.preload"])
    before = os.environ.get(_TUNABLES)
    if before is None:  # read by the C library of a process as it starts; others have no such variable
        os.environ[_TUNABLES] = HUGE_PAGES
    try:
        with starting_decoders():
            forkserver.ensure_running()
    finally:
        if before is None:
            os.environ.pop(_TUNABLES, None)
