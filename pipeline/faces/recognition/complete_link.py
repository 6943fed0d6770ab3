"""Groups of faces of which every two are near each other (complete-link clustering), by the near pairs alone."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

THRESHOLD: Final = 0.5
"""Euclidean distance up to which two faces may be one person's: docs/people.md has what was measured."""
_ROWS: Final = 1024

Vectors = npt.NDArray[np.float32]


def groups(vectors: Vectors, known: Sequence[int], threshold: float = THRESHOLD) -> list[int]:
    """The number of the group that each of (n, d) vectors is in, from 0 in the order of their first members.

    known: by vector whose it is (a person's number) where that is certain, else 0: two known to be of different
    persons are never in one group. Of the pairs of groups that may be joined the nearest are, by the farthest two of
    their members (Defays 1977); ties go by position, so the same vectors in the same order give the same groups.
    """
    clusters = _Clusters(len(vectors))
    for a, b, distance in _near_pairs(vectors, known, threshold):
        clusters.add_pair(a, b, distance)
    clusters.join()
    return clusters.numbers()


def _near_pairs(vectors: Vectors, known: Sequence[int], threshold: float) -> list[tuple[int, int, float]]:
    """(a, b, distance) of each two that may be in one group, a < b."""
    persons = np.asarray(known, np.int64)
    squares = np.einsum("ij,ij->i", vectors, vectors)
    found: list[tuple[int, int, float]] = []
    for start in range(0, len(vectors), _ROWS):
        rows = slice(start, start + _ROWS)
        distances = squares[rows, None] + squares[None, start:] - 2 * vectors[rows] @ vectors[start:].T
        for a, b in np.argwhere(distances <= threshold * threshold).tolist():
            first, second = start + a, start + b
            apart = persons[first] and persons[second] and persons[first] != persons[second]
            if first < second and not apart:
                found.append((first, second, float(max(0.0, distances[a, b])) ** 0.5))
    return found


class _Clusters:
    """near: by cluster, for each other one with near pairs between them, how many these are and the farthest."""

    def __init__(self, n: int) -> None:
        self._members: dict[int, list[int]] = {at: [at] for at in range(n)}
        self._near: dict[int, dict[int, tuple[int, float]]] = {at: {} for at in range(n)}
        self._n = n

    def add_pair(self, a: int, b: int, distance: float) -> None:
        self._near[a][b] = self._near[b][a] = (1, distance)

    def join(self) -> None:
        """Join two clusters while every pair between some two is near."""
        queue = [(far, a, b) for a, others in self._near.items() for b, (_, far) in others.items() if a < b]
        heapq.heapify(queue)
        while queue:
            far, a, b = heapq.heappop(queue)
            if a not in self._members or b not in self._members or self._near[a].get(b, (0, -1.0))[1] != far:
                continue  # one of them was joined with another meanwhile
            for other, between in self._merge(a, b):
                heapq.heappush(queue, (between, min(a, other), max(a, other)))

    def _merge(self, a: int, b: int) -> list[tuple[int, float]]:
        """b into a; with whom a may be joined next, and how far they are."""
        self._members[a] += self._members.pop(b)
        ours, theirs = self._near.pop(a), self._near.pop(b)
        self._near[a] = {}
        for other in (ours.keys() | theirs.keys()) - {a, b}:
            self._near[other].pop(a, None)
            self._near[other].pop(b, None)
            if other in ours and other in theirs:  # else some pair between them is far
                both = (ours[other][0] + theirs[other][0], max(ours[other][1], theirs[other][1]))
                self._near[a][other] = self._near[other][a] = both
        return [(other, far) for other, (_, far) in sorted(self._near[a].items())]

    def numbers(self) -> list[int]:
        found = [0] * self._n
        for number, members in enumerate(sorted(self._members.values(), key=min)):
            for at in members:
                found[at] = number
        return found
