"""Which images show the same photo, and which of them to keep. Pure: no database, the same whatever the order."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from pipeline.core.messages import Message, message

Pair = tuple[str, str]
"""Two image hashes, the smaller one first."""

_ALIKE: Final = 0.9
"""Sizes and sharpnesses from this share of the best on count as the same."""
_ALIKE_DEGREES: Final = 3.0


class NearPair(NamedTuple):
    """Two images (a < b) whose hashes are near: pHash and dHash distance in bits of 256, and in which view.

    A tuple: a film of a still face has a hundred thousand of them.
    """

    a: str
    b: str
    phash: int
    dhash: int
    view: str = "plain"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What speaks for keeping an image. import_order: the row id of the image.

    side: pixels of the largest mouth crop whose face is not rejected, None where there is none. sharpness, yaw, pitch:
    that face's (see `pipeline.core.metrics`), None where they were not measured. rejected: it has faces, all rejected.
    """

    sha256: str
    import_order: int
    width: int
    height: int
    side: int | None = None
    sharpness: float | None = None
    yaw: float | None = None
    pitch: float | None = None
    rejected: bool = False

    @property
    def turned(self) -> float | None:
        """Degrees away from looking into the camera."""
        return None if self.yaw is None or self.pitch is None else math.hypot(self.yaw, self.pitch)


@dataclass(frozen=True, slots=True)
class NearGraph:
    """Which images are near each other, with equal images taken together.

    classes: the image that stands for equal ones (most often for itself alone) -> all of them, sorted. near: for each
    two classes that are near, the nearest of their pairs, under both of them. distinct: for each image those that
    somebody said are not the same.
    """

    classes: dict[str, list[str]]
    near: dict[str, dict[str, NearPair]]
    distinct: dict[str, set[str]]

    @classmethod
    def of(cls, pairs: Iterable[NearPair], distinct: Collection[Pair], same: Mapping[str, str]) -> NearGraph:
        """same: image -> the one that stands for it. Two of one class are equal whether or not there is a pair."""
        classes: dict[str, list[str]] = {}
        near: dict[str, dict[str, NearPair]] = {}
        seen: set[str] = set()
        for pair in pairs:
            a, b = pair[:2]
            seen.add(a)
            seen.add(b)
            one, two = same.get(a, a), same.get(b, b)
            if one == two:
                continue
            known = near.setdefault(one, {}).get(two)
            if known is None or (pair.phash + pair.dhash) < (known.phash + known.dhash):
                near[one][two] = near.setdefault(two, {})[one] = pair
        for sha in sorted(seen | set(same) | set(same.values())):
            classes.setdefault(same.get(sha, sha), []).append(sha)
        apart: dict[str, set[str]] = {}
        for a, b in distinct:
            apart.setdefault(a, set()).add(b)
            apart.setdefault(b, set()).add(a)
        return cls(classes, near, apart)

    def nodes(self, standing: str) -> list[list[str]]:
        """The images of a class that stay together: all, but where two of them were judged not to be the same.

        Each sorted; an image goes with the first ones that it may.
        """
        left = self.classes[standing]
        found: list[list[str]] = []
        while left:
            node: list[str] = []
            barred: set[str] = set()
            rest: list[str] = []
            for sha in left:
                if sha in barred:
                    rest.append(sha)
                else:
                    node.append(sha)
                    barred |= self.distinct.get(sha, set())
            found.append(node)
            left = rest
        return found

    def pairs_that_join(self) -> list[NearPair]:
        """Pairs that join whatever all near pairs join, those judged distinct left out; and the latter, if near."""
        left = {standing: set(members) for standing, members in self.classes.items()}
        standing_of = {sha: standing for standing, members in self.classes.items() for sha in members}
        found: list[NearPair] = []
        for first in sorted(standing_of):
            left[standing_of[first]].discard(first)
            todo = [first]
            while todo:
                sha = todo.pop()
                mine = standing_of[sha]
                for other in (mine, *self.near.get(mine, ())):
                    reached = left[other] - self.distinct.get(sha, set())
                    left[other] -= reached
                    todo += sorted(reached)
                    found += [self._pair(sha, one, standing_of) for one in sorted(reached)]
        for a, others in sorted(self.distinct.items()):
            for b in sorted(others):
                one, two = standing_of.get(a), standing_of.get(b)
                if a < b and one and two and (one == two or two in self.near.get(one, ())):
                    found.append(self._pair(a, b, standing_of))
        return found

    def _pair(self, one: str, other: str, standing_of: Mapping[str, str]) -> NearPair:
        a, b = sorted((one, other))
        if standing_of[a] == standing_of[b]:
            return NearPair(a, b, 0, 0)
        known = self.near[standing_of[a]][standing_of[b]]
        return NearPair(a, b, known.phash, known.dhash, known.view)


def complete_link(
    pairs: Iterable[NearPair], distinct: Collection[Pair], same: Mapping[str, str] | None = None
) -> list[tuple[str, ...]]:
    """Groups of two and more images in which every two are near and none were judged `distinct`; each sorted, in order.

    Complete linkage (Sørensen 1948), the nearest pairs joined first, equal images (`same`: image -> the one that stands
    for it) before all others: a chain of small changes from one photo to another never makes them one group. An image
    that fits two groups goes where it is nearer.
    """
    return linked_groups(NearGraph.of(pairs, distinct, same or {}))


def linked_groups(graph: NearGraph) -> list[tuple[str, ...]]:
    """See `complete_link`. Equal images are one node, so that a hundred of them cost what one does."""
    nodes = {node[0]: node for standing in graph.classes for node in graph.nodes(standing)}
    linked = sorted(_node_pairs(graph, nodes))
    neighbours: dict[str, set[str]] = {name: {name} for name in nodes}
    for _, a, b in linked:
        neighbours[a].add(b)
        neighbours[b].add(a)
    group_of = {name: name for name in nodes}
    members = {name: {name} for name in nodes}
    common = neighbours  # near to every member of the group; each set is its group's own from here on
    for _, a, b in linked:
        one, two = group_of[a], group_of[b]
        if one == two or not members[two] <= common[one]:
            continue
        if len(members[one]) < len(members[two]):
            one, two = two, one
        for name in members[two]:
            group_of[name] = one
        members[one] |= members.pop(two)
        common[one] &= common.pop(two)
    groups = (sorted(sha for name in group for sha in nodes[name]) for group in members.values())
    return sorted(tuple(group) for group in groups if len(group) > 1)


def _node_pairs(graph: NearGraph, nodes: Mapping[str, list[str]]) -> Iterator[tuple[int, str, str]]:
    """(distance, node, node) of the nodes of two classes that are near, none of their images judged distinct."""
    node_of = {sha: name for name, node in nodes.items() for sha in node}
    of_class = {standing: sorted({node_of[sha] for sha in members}) for standing, members in graph.classes.items()}
    apart = {
        (node_of[a], node_of[b]) for a, others in graph.distinct.items() for b in others if {a, b} <= node_of.keys()
    }
    for one, others in graph.near.items():
        for two, pair in others.items():
            if one < two:
                for a in of_class[one]:
                    for b in of_class[two]:
                        if (a, b) not in apart:
                            yield pair.phash + pair.dhash, min(a, b), max(a, b)


def choose_keeper(candidates: Sequence[Candidate]) -> tuple[str, Message]:
    """The image to keep of at least two, and the reason; "" where all their faces are rejected.

    The largest mouth; of those within 10 % of it the sharpest; of those within 10 % the most frontal; then the first.
    Images without a face lose to images with one; where none has any, the largest photo stays.
    """
    faced = [c for c in candidates if c.side is not None]
    if not faced:
        none = "", message("keeper_all_rejected")
        return none if any(c.rejected for c in candidates) else _largest_photo(candidates)
    if len(faced) == 1:
        return faced[0].sha256, message("keeper_only_face")
    left = _within(faced, [float(c.side or 0) for c in faced])
    if len(left) == 1:
        rest = max(c.side or 0 for c in faced if c is not left[0])
        return left[0].sha256, message("keeper_largest_mouth", n=left[0].side, other=rest)
    sharp = _within(left, [c.sharpness or 0.0 for c in left])
    if len(sharp) == 1:
        rest_sharp = max(c.sharpness or 0.0 for c in left if c is not sharp[0])
        return sharp[0].sha256, message("keeper_sharpest", n=sharp[0].sharpness, other=rest_sharp)
    return _most_frontal(sharp)


def _most_frontal(left: Sequence[Candidate]) -> tuple[str, Message]:
    angles = [math.inf if c.turned is None else c.turned for c in left]
    best = min(angles)
    front = [c for c, angle in zip(left, angles, strict=True) if angle <= best + _ALIKE_DEGREES]
    first = min(front, key=_turn)
    if len(front) > 1 or math.isinf(best):
        return first.sha256, message("keeper_first")
    rest = sorted(angles)[1]
    if math.isinf(rest):
        return first.sha256, message("keeper_frontal_alone", n=best)
    return first.sha256, message("keeper_frontal", n=best, other=rest)


def _largest_photo(candidates: Sequence[Candidate]) -> tuple[str, Message]:
    largest = max(c.width * c.height for c in candidates)
    best = [c for c in candidates if c.width * c.height == largest]
    first = min(best, key=_turn)
    if len(best) > 1:
        return first.sha256, message("keeper_first_faceless")
    rest = max((c for c in candidates if c is not first), key=lambda c: (c.width * c.height, c.width))
    size, other = (f"{c.width} × {c.height}" for c in (first, rest))
    return first.sha256, message("keeper_largest_photo", size=size, other=other)


def _within(candidates: Sequence[Candidate], values: Sequence[float]) -> list[Candidate]:
    least = _ALIKE * max(values)
    return [c for c, value in zip(candidates, values, strict=True) if value >= least]


def _turn(candidate: Candidate) -> tuple[int, str]:
    return candidate.import_order, candidate.sha256
