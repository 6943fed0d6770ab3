"""Faces are counted anew under another consensus rule by a process of its own, which the server begins.

A change on many faces notes that they wait (`db.projection.anew.recounts`); a thread looks for that note. Whoever opens
a workspace goes on with what waits there, so the program has nothing else to do.
"""

from __future__ import annotations

import logging
import subprocess
import threading
import time
from pathlib import Path
from typing import Final

from db.projection.anew import recounts
from db.store.locks import recount_lock_is_free
from db.store.store import Store
from pages._server.upkeep.background_process import BackgroundProcess, spawn

LOOK_S: Final = 1.0
"""Seconds between two looks."""
RETRY_S: Final = 60.0
"""After one that failed."""


class Recounter(BackgroundProcess[float]):
    """Counts the faces of one workspace. Moments are seconds of `time.monotonic`."""

    thread_name = "recount"
    look_s = LOOK_S
    log = logging.getLogger("moue.recount")
    complaint = "faces are not counted anew"

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._rest_until = 0.0

    def now(self) -> float:
        return time.monotonic()

    def begin(self, now: float) -> subprocess.Popen[bytes] | None:
        if now < self._rest_until or self._store.read(recounts.waiting) is None:
            return None
        return _spawn(self._store.root) if recount_lock_is_free(self._store.root) else None

    def ended(self, code: int, now: float) -> None:
        if code:
            self.failed(now)

    def failed(self, now: float) -> None:
        self._rest_until = now + RETRY_S

    @property
    def errors(self) -> Path:
        return _errors_of(self._store.root)


_recounters: Final[dict[Path, Recounter]] = {}
_guard: Final = threading.Lock()


def begin(store: Store) -> None:
    """Look after an open workspace from now on."""
    with _guard:
        if store.root not in _recounters:
            _recounters[store.root] = Recounter(store)
            _recounters[store.root].start()


def end_all() -> None:
    """At the server's end, before the workspaces are closed."""
    with _guard:
        ended = [*_recounters.values()]
        _recounters.clear()
    for recounter in ended:
        recounter.stop()


def _spawn(root: Path) -> subprocess.Popen[bytes]:
    return spawn(["consensus", "--json"], root, _errors_of(root))


def _errors_of(root: Path) -> Path:
    return root / ".locks" / "recount.err"
