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
from pages._server.command import command_line, environment
from pipeline.core.errors import MoueError

LOOK_S: Final = 2.0
"""Seconds between two looks."""
RETRY_S: Final = 300.0
"""Seconds to wait after a training that failed."""
DURING_A_JOB_S: Final = 60.0
"""Seconds between two trainings while photos are coming in: each would be old at once."""
REST: Final = 4.0
"""How many times as long as the last training worked nothing is begun: in a large workspace it takes a while. Its own
rests between writes, most of its time in a small one, are no work."""
_ENDS_S: Final = 10.0
_TURNED_OFF: Final = "MOUE_SUGGEST"
_log: Final = logging.getLogger("moue.suggest")


class Trainer:
    """Begins trainings for one workspace. `look` decides; the thread of `start` calls it until `stop`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stopped = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._begun = self._rest_until = 0.0
        self._thread = threading.Thread(target=self._run, name="suggest", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread and a training that runs; nothing is lost by that but its time."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(_ENDS_S)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()

    def look(self, now: float) -> bool:
        """Begin a training if one is due; whether one was begun. now: seconds of `time.monotonic`."""
        if self._is_at_work(now) or now < self._rest_until or not self._store.read(self.is_due):
            return False
        root = self._store.root
        if not self.is_free(root):  # somebody's own `suggest`
            return False
        if self._begun and now - self._begun < DURING_A_JOB_S and not job_lock_is_free(root):
            return False
        self._begun = now
        progress.take_rested(root)  # of somebody else's job
        self._child = self.spawn(root)
        return True

    def is_due(self, db: Db) -> bool:
        return _is_due(db)

    def is_free(self, root: Path) -> bool:
        return suggest_lock_is_free(root)

    def spawn(self, root: Path) -> subprocess.Popen[bytes]:
        return _spawn(root)

    def _is_at_work(self, now: float) -> bool:
        if self._child is None:
            return False
        code = self._child.poll()
        if code is None:
            return True
        self._child = None
        worked = max(0.0, now - self._begun - progress.take_rested(self._store.root))
        self._rest_until = now + (REST * worked if code == 0 else RETRY_S)
        if code:
            _log.warning("suggestions were not computed (exit code %d): %s", code, _said(self._store.root))
        return False

    def _run(self) -> None:
        while not self._stopped.wait(LOOK_S):
            try:
                self.look(time.monotonic())
            except (MoueError, OSError) as e:
                _log.warning("suggestions are not computed: %s", e)
                self._rest_until = time.monotonic() + RETRY_S


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
    line = command_line(*(words or ("suggest",)), "--background", "--workspace", str(root))
    with _errors_of(root).open("wb") as errors:
        return subprocess.Popen(
            line,
            cwd=os.getcwd(),
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )


def _errors_of(root: Path) -> Path:
    return root / ".locks" / "suggest.err"


def _said(root: Path) -> str:
    try:
        return _errors_of(root).read_text("utf-8", "replace").strip()[-500:]
    except OSError:
        return ""
