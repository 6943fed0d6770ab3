"""The fewest moves that give each class its share of every split: a greedy search over kinds of groups.

Groups whose faces have the same classes in the same numbers are of one kind; what is searched are moves of a kind from
one split to another, so the work hardly grows with the number of photos. All sums are whole numbers.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
_NEVER: Final = np.iinfo(np.int64).max
_MOST_PAIRED: Final = 200
"""Kinds of groups among which exchanges are looked for where no single move helps."""
_TOGETHER: Final = ((1, 4000), (2, 400), (3, 90), (4, 30))
"""So many moves at once are tried among at most so many, before a group that was placed moves."""


@dataclass(frozen=True, slots=True)
class Bin:
    """A split: its share of each class (numerator, denominator), and the part of [0, 1) whose hashes it takes."""

    name: str
    part: int
    whole: int
    begin: float
    end: float

    def distance(self, at: float) -> float:
        """How far a hash lies from its part."""
        return max(self.begin - at, at - self.end, 0.0)


def mend(
    groups: Mapping[str, Iterable[str]],
    bins: Sequence[Bin],
    before: Mapping[str, str],
    at: Mapping[str, float],
    placed: frozenset[str],
) -> dict[str, tuple[str, tuple[str, ...]]]:
    """The groups that move: to which split, and for which classes. See `split.assign`. at: the hash of each group."""
    state = _State(groups, bins, before, at, placed)
    state.search(placed_too=False)
    state.relax()
    state.search(placed_too=False)
    if placed and state.is_off():
        state.place_new_anew()
    state.search(placed_too=True)
    state.take_back()
    return {group: (bins[to].name, names) for group, (_, to, names) in sorted(state.moves.items())}


class _State:
    """Numbers of faces by split and class, what is allowed of them, and which groups can still move."""

    def __init__(
        self,
        groups: Mapping[str, Iterable[str]],
        bins: Sequence[Bin],
        before: Mapping[str, str],
        at: Mapping[str, float],
        placed: frozenset[str],
    ) -> None:
        self.bins, self.at, self.placed = bins, at, placed
        bin_of = {one.name: number for number, one in enumerate(bins)}
        kinds: dict[tuple[str, ...], int] = {}
        self.kind_of: dict[str, int] = {}
        self.members: dict[tuple[int, int], list[str]] = defaultdict(list)
        self.now: dict[str, int] = {}
        for group in sorted(groups):
            kind = kinds.setdefault(tuple(sorted(groups[group])), len(kinds))
            where = bin_of[before[group]]
            self.kind_of[group], self.now[group] = kind, where
            self.members[kind, where].append(group)
        self.fixed = Counter({key: sum(g in placed for g in found) for key, found in self.members.items()})
        self.free = Counter({key: len(found) - self.fixed[key] for key, found in self.members.items()})
        self.classes = sorted({name for key in kinds for name in key})
        column = {name: number for number, name in enumerate(self.classes)}
        self.kinds = np.zeros((len(kinds), len(column) + 1), np.int64)
        for key, kind in kinds.items():
            for name in key:
                self.kinds[kind, column[name]] += 1
        self.kinds[:, -1] = self.kinds.sum(axis=1)  # all classes together have a share, too
        self.queues: dict[tuple[int, int, int, bool], list[tuple[float, str]]] = {}
        self.moves: dict[str, tuple[int, int, tuple[str, ...]]] = {}
        self._measure()

    def _measure(self) -> None:
        self.whole = self.bins[0].whole
        there = np.zeros((len(self.bins), len(self.kinds)), np.int64)
        for (kind, where), found in self.members.items():
            there[where, kind] = len(found)
        self.faces = there @ self.kinds
        parts = np.array([one.part for one in self.bins], np.int64)
        self.target = parts[:, None] * self.faces.sum(axis=0)[None, :]
        number = there.sum(axis=0)
        sizes = [np.sort(np.repeat(of_class, number * (of_class > 0))) for of_class in self.kinds.T]
        typical = [one[(len(one) - 1) // 2] if len(one) else 0 for one in sizes]
        self.tolerance = self.usual = np.array(typical, np.int64) * self.whole
        self.largest = np.array([one[-1] if len(one) else 0 for one in sizes], np.int64) * self.whole
        self.wanted = np.array([len(one) >= len(self.bins) for one in sizes], np.int64)
        self.missing = self.whole * (4 * int(self.faces[:, -1].sum()) + 1)

    def cost(self, faces: Ints, target: Ints) -> Ints:
        """Faces beyond what is allowed, in parts; a split without any counts more than all of them. Last axis: class"""
        beyond = np.maximum(abs(faces * self.whole - target) - self.tolerance, 0)
        return np.asarray((beyond + ((faces == 0) & (self.wanted == 1)) * self.missing).sum(axis=-1), np.int64)

    def _unevenness(self, faces: Ints, target: Ints) -> Ints:
        """Squares of what is off, in eighths of a face: which of two equally cheap moves is the better one."""
        off = (faces * self.whole - target) * 8 // self.whole
        return np.asarray((off * off).sum(axis=-1), np.int64)

    def search(self, *, placed_too: bool) -> None:
        """Move what lowers the cost most, one group after the other, until nothing does."""
        while int(self.cost(self.faces, self.target).sum()):
            if self._step(self.free, placed=False) or self._exchange():
                continue
            if not placed_too or not (self._step(self.fixed, placed=True)):
                return

    def is_off(self) -> bool:
        """Whether a class is off by more than is allowed."""
        return int(self.cost(self.faces, self.target).sum()) > 0

    def place_new_anew(self) -> None:
        """Let the groups that were never placed move again, several at once: what moved one after the other may have
        missed the way in which no placed group need move."""
        kinds = sorted({kind for group, kind in self.kind_of.items() if group not in self.placed})
        row = {kind: at for at, kind in enumerate(kinds)}
        before, there = (np.zeros((len(kinds), len(self.bins)), np.int64) for _ in range(2))
        for group, kind in self.kind_of.items():
            if group not in self.placed:
                before[row[kind], self.moves.get(group, (self.now[group],))[0]] += 1
                there[row[kind], self.now[group]] += 1
        faces = self.faces.copy()
        while self.cost(faces, self.target).sum() and (found := self._together(faces, there, self.kinds[kinds])):
            for kind, source, to in found:
                there[kind, source] -= 1
                there[kind, to] += 1
                faces[source] -= self.kinds[kinds[kind]]
                faces[to] += self.kinds[kinds[kind]]
        if self.cost(faces, self.target).sum() < self.cost(self.faces, self.target).sum():
            self._move_anew(kinds, before - there)

    def _together(self, faces: Ints, there: Ints, kinds: Ints) -> list[tuple[int, int, int]]:
        """The moves (row of `kinds`, from, to) that lower the cost most, as few as do at all; none where none do."""
        moves = [
            (int(kind), int(source), to)
            for kind, source in np.argwhere(there > 0)
            for to in range(len(self.bins))
            if to != source
        ]
        if not moves:
            return []
        changes = np.zeros((len(moves), *faces.shape), np.int64)
        for at, (kind, source, to) in enumerate(moves):
            changes[at, source] -= kinds[kind]
            changes[at, to] += kinds[kind]
        present = int(self.cost(faces, self.target).sum())
        for number, most in _TOGETHER:
            best: tuple[int, int, tuple[int, ...]] | None = None
            for first in combinations_with_replacement(range(len(moves)), number - 1) if len(moves) <= most else ():
                begin = first[-1] if first else 0
                tried = faces + changes[list(first)].sum(axis=0) + changes[begin:]
                costs = self.cost(tried, self.target).sum(axis=-1)
                if int(costs.min()) >= (present if best is None else min(present, best[0] + 1)):
                    continue
                uneven = self._unevenness(tried, self.target).sum(axis=-1)
                for last in np.flatnonzero(costs == costs.min()):
                    chosen = (*first, begin + int(last))
                    leaving = Counter(moves[at][:2] for at in chosen)
                    found = (int(costs[last]), int(uneven[last]), chosen)
                    if all(there[key] >= n for key, n in leaving.items()) and (best is None or found < best):
                        best = found
            if best is not None:
                return [moves[at] for at in best[2]]
        return []

    def _move_anew(self, kinds: Sequence[int], surplus: Ints) -> None:
        """Move groups that were never placed, from where their hashes are. surplus: by kind and split, what leaves."""
        for group, (was, _, _) in self.moves.items():
            self._put(group, was)
            self.free[self.kind_of[group], was] += 1
        self.moves, self.queues = {}, {}
        for kind, of_kind in zip(kinds, surplus, strict=True):
            leaving, entering = (np.repeat(np.arange(len(self.bins)), np.maximum(n, 0)) for n in (of_kind, -of_kind))
            for source, to in zip(leaving, entering, strict=True):
                self._move(kind, int(source), int(to), placed=False)

    def _step(self, there: Counter[tuple[int, int]], *, placed: bool) -> bool:
        change, uneven = self._changes(there)
        if not change.size or (least := int(change.min())) >= 0:
            return False
        best = np.where(change == least, uneven, _NEVER)
        kind, source, to = (int(n) for n in np.unravel_index(int(best.argmin()), best.shape))
        self._move(kind, source, to, placed=placed)
        return True

    def _changes(self, there: Counter[tuple[int, int]]) -> tuple[Ints, Ints]:
        """By kind, split left and split entered: how a move changes the cost and the unevenness."""
        less, more = self.faces[None] - self.kinds[:, None], self.faces[None] + self.kinds[:, None]
        able = np.zeros((len(self.kinds), len(self.bins)), bool)
        for (kind, source), number in there.items():
            able[kind, source] = number > 0
        able = able[:, :, None] & ~np.eye(len(self.bins), dtype=bool)
        found = []
        for measure in (self.cost, self._unevenness):
            present = measure(self.faces, self.target)
            leaving, entering = measure(less, self.target) - present, measure(more, self.target) - present
            found.append(np.where(able, leaving[:, :, None] + entering[:, None, :], _NEVER))
        return found[0], found[1]

    def _exchange(self) -> bool:
        """Two groups that were never placed change places, where that helps and no single move does."""
        found: list[tuple[int, int, int, int, int, int]] = []
        present = self.cost(self.faces, self.target)
        for one, other in combinations(range(len(self.bins)), 2):
            here, there = self._movable(one), self._movable(other)
            if not here.size or not there.size:
                continue
            gain = self.kinds[there][None, :] - self.kinds[here][:, None]
            change = self.cost(self.faces[one] + gain, self.target[one]) - present[one]
            change = change + self.cost(self.faces[other] - gain, self.target[other]) - present[other]
            a, b = np.unravel_index(int(change.argmin()), change.shape)
            moved = int(abs(gain[a, b]).sum())
            found.append((int(change[a, b]), moved, one, other, int(here[a]), int(there[b])))
        if not found or min(found)[0] >= 0:
            return False
        _, _, one, other, left, entered = min(found)
        self._move(left, one, other, placed=False)
        self._move(entered, other, one, placed=False)
        return True

    def _movable(self, number: int) -> Ints:
        """The kinds that have a free group in a split, those first that matter to a class that is off."""
        off = (self._beyond() > 0).any(axis=0)
        able = [kind for kind in range(len(self.kinds)) if self.free[kind, number] > 0]
        able.sort(key=lambda kind: (-int(self.kinds[kind, off].sum()), kind))
        return np.array(able[:_MOST_PAIRED], np.int64)

    def _move(self, kind: int, source: int, to: int, *, placed: bool) -> None:
        group = self._next(kind, source, to, placed=placed)
        beyond = self._beyond()
        self._put(group, to)
        eased = np.flatnonzero((self._beyond() < beyond).any(axis=0))
        (self.fixed if placed else self.free)[kind, source] -= 1
        self.moves[group] = (source, to, tuple(self.classes[n] for n in eased if n < len(self.classes)))

    def _beyond(self) -> Ints:
        beyond = np.maximum(abs(self.faces * self.whole - self.target) - self.tolerance, 0)
        return np.asarray(beyond + ((self.faces == 0) & (self.wanted == 1)), np.int64)

    def _put(self, group: str, to: int) -> None:
        vector = self.kinds[self.kind_of[group]]
        self.faces[self.now[group]] -= vector
        self.faces[to] += vector
        self.now[group] = to

    def _next(self, kind: int, source: int, to: int, *, placed: bool) -> str:
        """Of the groups that have not moved, the one whose hash is nearest to the part of the split it enters."""
        key = (kind, source, to, placed)
        if key not in self.queues:
            distance = self.bins[to].distance
            able = [g for g in self.members[kind, source] if (g in self.placed) == placed]
            self.queues[key] = sorted((distance(self.at[g]), g) for g in able)
        queue = self.queues[key]
        while queue[0][1] in self.moves:
            heapq.heappop(queue)
        return heapq.heappop(queue)[1]

    def relax(self) -> None:
        """Allow the size of the largest group to the classes that their usual groups could not mend."""
        self.tolerance = self.largest

    def take_back(self) -> None:
        """Undo each move that later ones made needless, those of placed groups first."""
        order = sorted(self.moves, key=lambda g: (g not in self.placed, g))
        for group in order:
            source, to, _ = self.moves[group]
            limits = (self.largest,) if group in self.placed else (self.largest, self.usual)
            present = [self._total(limit) for limit in limits]
            self._put(group, source)
            if any(self._total(limit) > was for limit, was in zip(limits, present, strict=True)):
                self._put(group, to)
            else:
                del self.moves[group]

    def _total(self, tolerance: Ints) -> int:
        self.tolerance = tolerance
        return int(self.cost(self.faces, self.target).sum())
