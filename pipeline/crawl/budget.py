"""How many images are still wanted: what is on its way counts as arrived until it fails."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

T = TypeVar("T")


class Budget:
    """Lets through as many as are wanted in all and for each share (a keyword), and others where some fail.

    `limited` may run in one thread and `finish` in another. Why not simply count what is let through: of the images
    that an engine names a tenth to a half cannot be had.
    """

    def __init__(self, total: int | None, each: int | None = None, there: Mapping[str, int] | None = None) -> None:
        """total, each: None for as many as there are. there: those of each share that came earlier."""
        self._total, self._each = total, each
        self._arrived = Counter(there or {})
        self._in_flight: Counter[str] = Counter()
        self._changed = threading.Condition()
        self._over = False

    def limited(self, offered: Iterator[T], share_of: Callable[[T], str]) -> Iterator[T]:
        """What may go on its way; waits while enough is on its way and none of it has failed yet."""
        for one in offered:
            share = share_of(one)
            if self._take(share):
                yield one
            elif self.is_full or self._over:
                return

    def finish(self, share: str, *, good: bool) -> None:
        """One that was let through arrived, or failed."""
        with self._changed:
            self._in_flight[share] -= 1
            self._arrived[share] += good
            self._changed.notify_all()

    def close(self) -> None:
        """Nothing more is wanted: whoever waits goes on and ends."""
        with self._changed:
            self._over = True
            self._changed.notify_all()

    @property
    def arrived(self) -> int:
        """How many arrived, those that were there before included."""
        return self._arrived.total()

    @property
    def is_full(self) -> bool:
        """Whether as many as were wanted in all have arrived."""
        return self._total is not None and self._arrived.total() >= self._total

    def share_is_full(self, share: str) -> bool:
        """Whether as many as were wanted for this share have arrived."""
        return self._each is not None and self._arrived[share] >= self._each

    def _take(self, share: str) -> bool:
        """Wait until one more may go on its way. False where none is left."""
        with self._changed:
            while True:
                if self._over or self.is_full or self.share_is_full(share):
                    return False
                is_free = self._total is None or self._arrived.total() + self._in_flight.total() < self._total
                if is_free and (self._each is None or self._arrived[share] + self._in_flight[share] < self._each):
                    self._in_flight[share] += 1
                    return True
                self._changed.wait()
