"""Suggestions are computed by a process of their own, begun by the server: when faces have none, and after decisions.

One thread a workspace looks every few seconds, by a few look-ups in indices, whether a training is due. It never
computes anything itself, and a decision does not wait for it.
"""

from __future__ import annotations

import logging
import os
import subprocess
import threading
import time
from pathlib import Path
from typing import Final

from db.people import embeddings
from db.store.locks import job_lock_is_free, people_lock_is_free, suggest_lock_is_free
from db.store.store import Db, Store
from db.suggest import descriptors, progress, training
from pages._server.upkeep.background_process import BackgroundProcess, spawn

LOOK_S: Final = 2.0
"""Seconds between two looks."""
RETRY_S: Final = 300.0
"""Seconds to wait after a training that failed."""
DURING_A_JOB_S: Final = 60.0
"""Seconds between two trainings while photos are coming in: each would be old at once."""
REST: Final = 4.0
"""How many times as long as the last training worked nothing is begun: in a large workspace it takes a while. Its own
rests between writes, most of its time in a small one, are no work."""
_TURNED_OFF: Final = "MOUE_SUGGEST"


class Trainer(BackgroundProcess[float]):
    """Begins trainings for one workspace. Moments are seconds of `time.monotonic`."""

    thread_name = "suggest"
    look_s = LOOK_S
    log = logging.getLogger("moue.suggest")
    complaint = "suggestions are not computed"

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._begun = self._rest_until = 0.0

    def now(self) -> float:
        return time.monotonic()

    def begin(self, now: float) -> subprocess.Popen[bytes] | None:
        if now < self._rest_until or not self._store.read(self.is_due):
            return None
        root = self._store.root
        if not self.is_free(root):  # somebody's own `suggest`
            return None
        if self._begun and now - self._begun < DURING_A_JOB_S and not job_lock_is_free(root):
            return None
        self._begun = now
        progress.take_rested(root)  # of somebody else's job
        return self.spawn(root)

    def ended(self, code: int, now: float) -> None:
        worked = max(0.0, now - self._begun - progress.take_rested(self._store.root))
        self._rest_until = now + (REST * worked if code == 0 else RETRY_S)

    def failed(self, now: float) -> None:
        self._rest_until = now + RETRY_S

    @property
    def errors(self) -> Path:
        return _errors_of(self._store.root)

    def is_due(self, db: Db) -> bool:
        return _is_due(db)

    def is_free(self, root: Path) -> bool:
        return suggest_lock_is_free(root)

    def spawn(self, root: Path) -> subprocess.Popen[bytes]:
        return _spawn(root)


class PeopleTeller(Trainer):
    """Tells people apart by looks in the same way, where the owner switched that on."""

    def is_due(self, db: Db) -> bool:
        return embeddings.are_due(db)

    def is_free(self, root: Path) -> bool:
        return people_lock_is_free(root)

    def spawn(self, root: Path) -> subprocess.Popen[bytes]:
        return _spawn(root, "people", "looks")


_trainers: Final[dict[Path, tuple[Trainer, ...]]] = {}
_guard: Final = threading.Lock()


def begin(store: Store) -> None:
    """Keep the suggestions of an open workspace, and who is on its photos by looks, up to date from now on."""
    if os.environ.get(_TURNED_OFF) == "0":
        return
    with _guard:
        if store.root not in _trainers:
            _trainers[store.root] = (Trainer(store), PeopleTeller(store))
            for trainer in _trainers[store.root]:
                trainer.start()


def end_all() -> None:
    """At the server's end, before the workspaces are closed."""
    with _guard:
        ended = [trainer for both in _trainers.values() for trainer in both]
        _trainers.clear()
    for trainer in ended:
        trainer.stop()


def _is_due(db: Db) -> bool:
    return training.is_due(db) or descriptors.are_due(db)


def _spawn(root: Path, *words: str) -> subprocess.Popen[bytes]:
    return spawn([*(words or ("suggest",)), "--background"], root, _errors_of(root))


def _errors_of(root: Path) -> Path:
    return root / ".locks" / "suggest.err"
