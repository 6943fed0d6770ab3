"""The turn of an export: one at a time is written in a workspace, and one that waits hears that it is cancelled."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from db.store import locks
from pipeline.core.errors import BusyError
from pipeline.export.write import Tell

LOOK_S: Final = 0.25
"""Seconds between two looks whether it is cancelled."""


@contextmanager
def export_turn(root: Path, tell: Tell) -> Iterator[None]:
    """Hold the lock under which releases are written; `tell` is called while it waits, and may end it.

    Raises BusyError where another one takes more than a minute, and what `tell` raises.
    """
    until = time.monotonic() + locks.EXPORT_PATIENCE_S
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(locks.export_lock(root, LOOK_S))
                break
            except BusyError:
                if time.monotonic() >= until:
                    raise
                tell("plan", 1, 1)
        yield
