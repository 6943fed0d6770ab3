"""Backups that the server makes by itself: MOUE_BACKUP_EVERY says how often, as `6h` or `30m`; without it none is made.

MOUE_BACKUP_KEEP says how many stay, MOUE_BACKUP_TO is a URL to which each is sent, too. A process of its own makes and
checks them (`python -m pipeline backup --rotate`); a thread looks once a minute whether one is due.
"""

from __future__ import annotations

import logging
import os
import re
import subprocess
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from db.store.store import Store
from pages._server.upkeep.background_process import BackgroundProcess, last_words, spawn
from pipeline.actions.backups import rotation
from pipeline.core import ranges
from pipeline.core.errors import UsageError
from pipeline.core.messages import message

EVERY: Final = "MOUE_BACKUP_EVERY"
KEEP: Final = "MOUE_BACKUP_KEEP"
TO: Final = "MOUE_BACKUP_TO"
LOOK_S: Final = 60.0
"""Seconds between two looks."""
RETRY: Final = timedelta(minutes=10)
"""After one that failed."""
_SPAN: Final = re.compile(r"(\d{1,5})\s*([mhd])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Schedule:
    """every: None where no backup is made by itself. to: a URL, "" for none."""

    every: timedelta | None
    keep: int
    to: str


def schedule() -> Schedule:
    """What the environment says. Raises UsageError for what cannot be read."""
    said = os.environ.get(EVERY, "").strip()
    found = _SPAN.fullmatch(said)
    if said and (found is None or not int(found[1])):
        raise UsageError(message("backup_every", variable=EVERY, value=said))
    every = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None
    keep = os.environ.get(KEEP, "").strip()
    number = int(ranges.BACKUPS_KEPT.parse(keep)) if keep else rotation.KEEP
    return Schedule(every, number, os.environ.get(TO, "").strip())


class Keeper(BackgroundProcess[datetime]):
    """Makes the backups of one workspace."""

    thread_name = "backups"
    look_s = LOOK_S
    looks_at_once = True
    patience_s = 20.0
    log = logging.getLogger("moue.backup")
    complaint = "no backup was made"

    def __init__(self, store: Store, plan: Schedule) -> None:
        super().__init__(store)
        self._plan = plan
        self._not_before: datetime | None = None
        self._begun: datetime | None = None

    def now(self) -> datetime:
        return datetime.now(UTC)

    def begin(self, now: datetime) -> subprocess.Popen[bytes] | None:
        if not self._is_due(now):
            return None
        self._begun = now
        return _spawn(self._store.root, self._plan)

    def _is_due(self, now: datetime) -> bool:
        rests = self._not_before is not None and timedelta(0) < self._not_before - now <= RETRY
        if self._plan.every is None or rests:
            return False
        newest = next(iter(rotation.kept(rotation.folder_of(self._store.root))), None)
        if newest is None:
            return True
        # a clock that was set back must neither keep the next one away for long nor have one made at each look
        made_at = newest.made_at if newest.made_at <= now else self._begun
        return made_at is None or not timedelta(0) <= now - made_at < self._plan.every

    def ended(self, code: int, now: datetime) -> None:
        if code:
            self._not_before = now + RETRY

    def failed(self, now: datetime) -> None:
        """The next look tries again: they are a minute apart."""

    @property
    def errors(self) -> Path:
        return _errors_of(self._store.root)


_keepers: Final[dict[Path, Keeper]] = {}
_by_hand: Final[dict[Path, subprocess.Popen[bytes]]] = {}
_guard: Final = threading.Lock()


def begin(store: Store) -> None:
    """Keep backups of an open workspace from now on, where the environment says how often. Raises UsageError."""
    plan = schedule()
    if plan.every is None:
        return
    with _guard:
        if store.root not in _keepers:
            _keepers[store.root] = Keeper(store, plan)
            _keepers[store.root].start()


def begin_now(store: Store) -> None:
    """Make one now, in a process of its own; nothing where one is being made. Raises UsageError."""
    plan = schedule()
    with _guard:
        if not is_running(store.root):
            _by_hand[store.root] = _spawn(store.root, plan)


def is_running(root: Path) -> bool:
    """Whether somebody's backup, asked for on a page, is being made."""
    child = _by_hand.get(root)
    return child is not None and child.poll() is None


def end_all() -> None:
    """At the server's end, before the workspaces are closed."""
    with _guard:
        ended = list(_keepers.values())
        _keepers.clear()
    for keeper in ended:
        keeper.stop()


def _spawn(root: Path, plan: Schedule) -> subprocess.Popen[bytes]:
    words = ["backup", "--rotate", "--keep", str(plan.keep), *(("--to", plan.to) if plan.to else ())]
    return spawn(words, root, _errors_of(root))


def said(root: Path) -> str:
    """What the last backup complained of, "" if of nothing."""
    return last_words(_errors_of(root))


def _errors_of(root: Path) -> Path:
    return root / ".locks" / "backup.err"
