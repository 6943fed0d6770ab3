"""Which images show the same photo, and which of them to keep. Pure: no database, the same whatever the order."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.core.messages import Message, message

Pair = tuple[str, str]
"""Two image hashes, the smaller one first."""

_ALIKE: Final = 0.9
"""Sizes and sharpnesses from this share of the best on count as the same."""
_ALIKE_DEGREES: Final = 3.0


@dataclass(frozen=True, slots=True)
class NearPair:
    """Two images (a < b) whose hashes are near: pHash and dHash distance in bits of 256, and in which view."""

    a: str
    b: str
    phash: int
    dhash: int
    view: str = "plain"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What speaks for keeping an image. import_order: the row id of the image.

    side: pixels of the largest mouth crop whose face is not rejected, None where there is none. sharpness, yaw, pitch:
    that face's (see `pipeline.core.metrics`), None where they were not measured.
    """

    sha256: str
    import_order: int
    width: int
    height: int
    side: int | None = None
    sharpness: float | None = None
    yaw: float | None = None
    pitch: float | None = None

    @property
    def turned(self) -> float | None:
        """Degrees away from looking into the camera."""
        return None if self.yaw is None or self.pitch is None else math.hypot(self.yaw, self.pitch)


def complete_link(pairs: Iterable[NearPair], distinct: Collection[Pair]) -> list[tuple[str, ...]]:
    """Groups of two and more images in which every two are near and none were judged `distinct`; each sorted, in order.

    Complete linkage (Sørensen 1948), the nearest pairs joined first: a chain of small changes from one photo to another
    never makes them one group. An image that fits two groups goes where it is nearer.
    """
    separate = frozenset(distinct)
    linked = sorted((p.phash + p.dhash, p.a, p.b) for p in pairs if (p.a, p.b) not in separate)
    neighbours: dict[str, set[str]] = {}
    for _, a, b in linked:
        neighbours.setdefault(a, {a}).add(b)
        neighbours.setdefault(b, {b}).add(a)
    group_of = {sha: sha for sha in neighbours}
    members = {sha: {sha} for sha in neighbours}
    common = {sha: set(others) for sha, others in neighbours.items()}  # near to every member of the group
    for _, a, b in linked:
        one, two = group_of[a], group_of[b]
        if one == two or not members[two] <= common[one]:
            continue
        if len(members[one]) < len(members[two]):
            one, two = two, one
        for sha in members[two]:
            group_of[sha] = one
        members[one] |= members.pop(two)
        common[one] &= common.pop(two)
    return sorted(tuple(sorted(group)) for group in members.values() if len(group) > 1)


def choose_keeper(candidates: Sequence[Candidate]) -> tuple[str, Message]:
    """The image to keep of at least two, and the reason.

    The largest mouth; of those within 10 % of it the sharpest; of those within 10 % the most frontal; then the first.
    Images without a face lose to images with one; where none has any, the largest photo stays.
    """
    faced = [c for c in candidates if c.side is not None]
    if not faced:
        return _largest_photo(candidates)
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
