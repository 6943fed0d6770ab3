"""How many images are still wanted: what is on its way counts as had until it fails."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

T = TypeVar("T")


class Budget:
    """Lets through as many as are wanted in all and for each share (a keyword), and others where some fail.

    `limited` may run in one thread and `settle` in another. Why not simply count what is let through: of the images
    that an engine names a tenth to a half cannot be had.
    """

    def __init__(self, total: int | None, each: int | None = None, held: Mapping[str, int] | None = None) -> None:
        """total, each: None for as many as there are. held: those of each share that are there already."""
        self._total, self._each = total, each
        self._held = Counter(held or {})
        self._flying: Counter[str] = Counter()
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

    def settle(self, share: str, *, good: bool) -> None:
        """One that was let through arrived, or failed."""
        with self._changed:
            self._flying[share] -= 1
            self._held[share] += good
            self._changed.notify_all()

    def close(self) -> None:
        """Nothing more is wanted: whoever waits goes on and ends."""
        with self._changed:
            self._over = True
            self._changed.notify_all()

    @property
    def held(self) -> int:
        """How many arrived, those that were there before included."""
        return self._held.total()

    @property
    def is_full(self) -> bool:
        """Whether as many as were wanted in all have arrived."""
        return self._total is not None and self._held.total() >= self._total

    def share_is_full(self, share: str) -> bool:
        """Whether as many as were wanted for this share have arrived."""
        return self._each is not None and self._held[share] >= self._each

    def _take(self, share: str) -> bool:
        """Wait for room. False where none is left."""
        with self._changed:
            while True:
                if self._over or self.is_full or self.share_is_full(share):
                    return False
                room = self._total is None or self._held.total() + self._flying.total() < self._total
                if room and (self._each is None or self._held[share] + self._flying[share] < self._each):
                    self._flying[share] += 1
                    return True
                self._changed.wait()
