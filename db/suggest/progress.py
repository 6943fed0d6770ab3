"""How far the job is that computes suggestions: a small file, exchanged whole. Without its lock it means nothing."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from db.store.locks import suggest_lock_is_free
from pipeline.core.system.regular import read_regular

_FILE: Final = Path(".locks") / "suggest.json"
_RESTED: Final = Path(".locks") / "suggest.rested"
_EVERY_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Running:
    """phase: learning, suggesting (then `done` of `total` faces have their suggestion) or scores."""

    phase: str
    done: int
    total: int


class Noted:
    """Notes progress in the workspace `root`, a few times a second at most."""

    def __init__(self, root: Path) -> None:
        self._file = root / _FILE
        self._phase, self._at = "", 0.0

    def __call__(self, phase: str, done: int, total: int) -> None:
        now = time.monotonic()
        if phase == self._phase and now - self._at < _EVERY_S:
            return
        self._phase, self._at = phase, now
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps(asdict(Running(phase, done, total))), "utf-8")
        os.replace(beside, self._file)


def note_rested(root: Path, seconds: float) -> None:
    """At a job's end: how long it rested between its writes, so that nobody takes that for work."""
    (root / _RESTED).write_text(f"{seconds:.3f}", "utf-8")


def take_rested(root: Path) -> float:
    """What the last job noted, in seconds, once; 0 where it noted nothing."""
    try:
        seconds = float(read_regular(root / _RESTED))
        (root / _RESTED).unlink()
    except (OSError, ValueError):
        return 0.0
    return max(0.0, seconds)


def running(root: Path) -> Running | None:
    """What the job does now; None while no living process computes suggestions."""
    if suggest_lock_is_free(root):
        return None
    try:
        return Running(**json.loads(read_regular(root / _FILE)))
    except (OSError, ValueError, TypeError):  # it has just begun
        return Running("learning", 0, 0)
