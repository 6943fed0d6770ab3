"""The process that workers are forked from: single-threaded, with the libraries and the big model in memory."""

from __future__ import annotations

import multiprocessing
from multiprocessing import forkserver


def start_fork_server() -> None:
    """Start it without waiting for what it loads. A second call does nothing."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(["pipeline.run.preload"])
    forkserver.ensure_running()
