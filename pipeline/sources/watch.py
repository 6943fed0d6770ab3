"""Watches a folder that something else is filling: gives each file once it has settled, and again if it changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.records import ImageRef
from pipeline.files.passing.names import HALF_DOWNLOADS
from pipeline.sources.plan import SourcePlan
from pipeline.sources.walk import classes_and_frames, iter_files

SETTLED_SECONDS: Final = 2.0
FILES_A_SECOND: Final = 10_000
"""A large folder is listed less often: a round costs about 7 microseconds of CPU a file."""
_NAP: Final = 0.2
OWNER_ENDED: Final = message("watch_owner_ended")
"""Why a watch that a server began is over."""


@dataclass(slots=True)
class Watcher:
    """Lists a folder in rounds. A round costs a listing and one `stat` a file; of each file that was passed on, two
    whole numbers stay in memory.

    settled: seconds for which size and time of a file must have stayed the same. clock: monotonic seconds.
    Raises UsageError where `plan` is no folder of this machine.
    """

    plan: SourcePlan
    settled: float = SETTLED_SECONDS
    clock: Callable[[], float] = time.monotonic
    _passed_on: dict[int, int] = field(default_factory=dict)
    _waiting: dict[int, tuple[int, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.plan.kind != "folder" or self.plan.owned or isinstance(self.plan.root, str):
            raise UsageError(message("watch_needs_folder", place=self.plan.root))

    @property
    def waiting(self) -> int:
        """Files that had not settled in the last round."""
        return len(self._waiting)

    @property
    def passed_on(self) -> int:
        """How many files were passed on so far."""
        return len(self._passed_on)

    def round(self) -> Iterator[ImageRef]:
        """What has settled since the last round, in the order of `iter_source`; to be read to its end."""
        return classes_and_frames(self._settled(), self.plan)

    def _settled(self) -> Iterator[ImageRef]:
        unsettled: dict[int, tuple[int, float]] = {}
        for ref in iter_files(self.plan):
            key, stamp = hash(ref.path), hash((ref.size, ref.mtime_ns, ref.failure is None))
            if self._passed_on.get(key) == stamp or ref.path.lower().endswith(HALF_DOWNLOADS):
                continue
            now = self.clock()
            before, since = self._waiting.get(key, (stamp, now))
            since = since if before == stamp else now
            if now - since >= self.settled:
                self._passed_on[key] = stamp
                yield ref
            else:
                unsettled[key] = (stamp, since)
        self._waiting = unsettled


def watch(
    plan: SourcePlan,
    seconds: float = 5.0,
    stop: Callable[[], bool] = lambda: False,
    settled: float = SETTLED_SECONDS,
) -> Iterator[Iterator[ImageRef]]:
    """Rounds of what has settled, each an iterator to be read to its end (it may be empty), until `stop()` is true.

    In rounds, because one endless iterator of refs would hold back the results of the last ones while it waits: give
    each round to a run of its own. seconds: between rounds; less while files are settling, more in a large folder.
    Raises UsageError where `plan` is no folder of this machine.
    """
    return rounds(Watcher(plan, settled), seconds, stop)


def rounds(
    watcher: Watcher, seconds: float = 5.0, stop: Callable[[], bool] = lambda: False
) -> Iterator[Iterator[ImageRef]]:
    """`watch` with a watcher of one's own. stop: asked five times a second; what it raises ends the rounds, too."""
    while not stop():
        yield watcher.round()
        pause = max(min(seconds, watcher.settled) if watcher.waiting else seconds, watcher.passed_on / FILES_A_SECOND)
        until = time.monotonic() + pause
        while (left := until - time.monotonic()) > 0 and not stop():
            time.sleep(min(_NAP, left))
