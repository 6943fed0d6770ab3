"""Near pairs as they are found: each once, and of each image no more than a bound, without losing what pairs join."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

MOST_PAIRS: Final = 32
"""Of one new image the nearest pairs that are kept: a film of a still face would make millions. Of the others those
stay that join what no kept pair joins, so that what is joined is the same as without a bound (see `Joined`)."""

_Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """Near pairs as parallel arrays, by new image and nearness.

    new > old: the order in which `Search.extend` was given them. phash, dhash: bits. view: index in `VIEWS`. equal: the
    new image has the hashes of the old one, which stands for it. left_off: the new images that have more near pairs
    than are kept here.
    """

    new: _Indices
    old: _Indices
    phash: npt.NDArray[np.int64]
    dhash: npt.NDArray[np.int64]
    view: npt.NDArray[np.int64]
    equal: npt.NDArray[np.bool_]
    left_off: frozenset[int] = field(default=frozenset())

    def __len__(self) -> int:
        return len(self.new)


class Relations:
    """What is known of pairs beside their hashes; images are numbers as in `Search.extend`. This one knows nothing."""

    def expect(self, near: Matches) -> None:
        """Told before the pairs of a block are asked about."""

    def agree(self, new: int, old: int, view: int) -> bool:
        """Whether two images with near hashes are near: their faces agree, too."""
        return True

    def is_apart(self, new: int, old: int) -> bool:
        """Whether somebody said that these are not the same: the pair is kept, but joins nothing."""
        return False


class Joined:
    """Which images the pairs that were kept join, chains counted: what a split must not tear apart.

    A pair beyond the bound is kept only where it joins two sets, so of n images fewer than n such pairs are kept. Pairs
    of an earlier `Search` are not known: what they joined may be joined once more, never less.
    """

    def __init__(self, relations: Relations) -> None:
        self._relations = relations
        self._set_of: dict[int, int] = {}
        self._members: dict[int, list[int]] = {}

    def bounded(self, found: Matches) -> Matches:
        """Of each new image the `MOST_PAIRS` nearest pairs, and those beyond that join what is not joined yet.

        Pairs whose faces do not agree are none; those that were judged apart are kept beside the others.
        """
        kept = np.zeros(len(found), bool)
        left_off: set[int] = set()
        starts = np.flatnonzero(np.diff(found.new, prepend=-1))
        for start, stop in pairwise([*starts.tolist(), len(found)]):
            new = int(found.new[start])
            rows = zip(found.old[start:stop].tolist(), found.view[start:stop].tolist(), strict=True)
            near = 0
            for n, (old, view) in enumerate(rows, start):
                apart = self._relations.is_apart(new, old)
                wanted = apart or near < MOST_PAIRS or self._in_two_sets(new, old)
                if not wanted and new in left_off:
                    continue
                if not self._relations.agree(new, old, view):
                    continue
                if not wanted:
                    left_off.add(new)
                    continue
                kept[n] = True
                if not apart:
                    near += 1
                    self._join(new, old)
        return chosen(found, np.flatnonzero(kept), frozenset(left_off))

    def _in_two_sets(self, new: int, old: int) -> bool:
        mine = self._set_of.get(new)
        return mine is None or self._set_of.get(old) != mine

    def _join(self, one: int, other: int) -> None:
        """The smaller set goes into the larger one."""
        a, b = self._set_of.setdefault(one, one), self._set_of.setdefault(other, other)
        if a == b:
            return
        few, many = (self._members.pop(n, [n]) for n in (a, b))
        if len(few) > len(many):
            few, many, b = many, few, a
        for image in few:
            self._set_of[image] = b
        many.extend(few)
        self._members[b] = many


def of_equal(pairs: Sequence[tuple[int, int]]) -> Matches:
    """Pairs (new, old) of images with equal hashes."""
    new, old = np.array(pairs, np.int64).reshape(-1, 2).T
    none = np.zeros(len(pairs), np.int64)
    return Matches(new, old, none, none, none, np.ones(len(pairs), bool))


def once(found: Sequence[Matches]) -> Matches:
    """Each pair once, in its nearest view, by new image and nearness."""
    every = concatenated(found)
    order = np.lexsort((every.view, every.phash + every.dhash, every.old, every.new))
    first = np.ones(len(order), bool)
    first[1:] = (np.diff(every.new[order]) != 0) | (np.diff(every.old[order]) != 0)
    order = order[first]
    return chosen(every, order[np.lexsort((every.old[order], (every.phash + every.dhash)[order], every.new[order]))])


def concatenated(found: Sequence[Matches]) -> Matches:
    """All of them, one behind the other."""
    new, old, phash, dhash, view = (
        np.concatenate([np.empty(0, np.int64), *(getattr(m, name) for m in found)])
        for name in ("new", "old", "phash", "dhash", "view")
    )
    equal = np.concatenate([np.empty(0, bool), *(m.equal for m in found)])
    return Matches(new, old, phash, dhash, view, equal, frozenset().union(*(m.left_off for m in found)))


def chosen(found: Matches, order: _Indices, left_off: frozenset[int] = frozenset()) -> Matches:
    """The rows of these numbers."""
    new, old, phash, dhash, view = (c[order] for c in (found.new, found.old, found.phash, found.dhash, found.view))
    return Matches(new, old, phash, dhash, view, found.equal[order], left_off)
