"""Which face of a photo each of several boxes means: the pairing that is likest as a whole, and what is in doubt.

A box that overlaps a face lies on it only where their middles are near each other, too: one that is drawn far too large
around a face overlaps the faces beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from scipy.optimize import linear_sum_assignment

from pipeline.actions.imports.matching import LEAST_OVERLAP, LIPS_INSIDE, LIPS_WIDTH, SAME_FACE
from pipeline.core.geometry import BoundingBox, Told
from pipeline.core.records import Face
from pipeline.faces.landmarks import MOUTH
from pipeline.faces.match import extent
from pipeline.faces.told import labelled

FAR: Final = 0.05
"""IoU with a face of a box that was drawn far around it, around the head or the shoulders; what is larger still says
nothing of the face."""
SAME_LANDMARKS: Final = 0.4
"""IoU of the extents of landmarks of one face, as for faces that are detected anew."""
ASIDE: Final = 0.3
"""Most by which the middles of a box and of the face under it differ, in sides of the larger one."""
_ASIDE_FAR: Final = 0.15
"""The same for a box far around a face, where other faces may be in it, too."""
_RIVAL: Final = 0.7
"""Share of a box's best overlap that another face has which may be the one that is meant."""
_TWICE: Final = 0.9
"""IoU of two boxes in one photo that tell of one face twice."""
_INSIDE: Final = 0.9


class Grade(IntEnum):
    """How surely a box is of a face. BESIDE: it overlaps the face, and its middle is elsewhere."""

    BESIDE = 1
    ON = 2
    SAME = 3


@dataclass(frozen=True, slots=True, order=True)
class _Fit:
    grade: Grade
    overlap: float


@dataclass(frozen=True, slots=True)
class Assigned:
    """By the number of the entry. chosen: the face that it means; no face is for two but where they tell of one twice.
    doubtful: the face that it may mean, one that no other entry means."""

    chosen: dict[int, Face]
    doubtful: dict[int, Face]


def assigned(told: Mapping[int, Told], here: Sequence[Face]) -> Assigned:
    """Which face each entry means: as many as can be on a face that they surely are of, then as many as can be on one
    that they lie on, then the largest overlaps in sum."""
    groups = _groups(told)
    fits = [_fits(told[group[0]], here) for group in groups]
    pairs = _pairing(fits, len(here))
    found = Assigned({}, {})
    free = set(range(len(here))) - set(pairs.values())
    for at, face in pairs.items():
        rivals = [one for one in fits[at] if one in free and fits[at][one].grade >= Grade.ON]
        unclear = fits[at][face].grade < Grade.SAME and bool(rivals)
        (found.doubtful if unclear else found.chosen).update(dict.fromkeys(groups[at], here[face]))
    for _, at, face in sorted(
        ((-fit.overlap, at, face) for at, one in enumerate(fits) if at not in pairs for face, fit in one.items()),
    ):
        if face in free and groups[at][0] not in found.doubtful:
            free.remove(face)
            found.doubtful.update(dict.fromkeys(groups[at], here[face]))
    return found


def _groups(told: Mapping[int, Told]) -> list[list[int]]:
    """The entries; those together that tell of one face twice."""
    groups: list[list[int]] = []
    for number, one in told.items():
        same = next((group for group in groups if _tell_of_one(one, told[group[0]])), None)
        if same is None:
            groups.append([number])
        else:
            same.append(number)
    return groups


def _tell_of_one(one: Told, other: Told) -> bool:
    return any(a.iou(b) >= _TWICE for a, b in ((one.face, other.face), (one.mouth, other.mouth)) if a and b)


def _pairing(fits: Sequence[Mapping[int, _Fit]], faces: int) -> dict[int, int]:
    """The pairs of the largest sum. A pair that is sure weighs more than two that are not."""
    weights = np.zeros((len(fits), faces))
    for at, one in enumerate(fits):
        for face, fit in one.items():
            weights[at, face] = {Grade.SAME: 3.0, Grade.ON: 1.0}.get(fit.grade, -fit.overlap) + fit.overlap
    rows, columns = linear_sum_assignment(weights, maximize=True)
    return {at: face for at, face in zip(rows.tolist(), columns.tolist(), strict=True) if weights[at, face] > 0}


def _fits(told: Told, here: Sequence[Face]) -> dict[int, _Fit]:
    """By the face's place in `here`; without those on which it lies much less than on another."""
    found = {at: max(fits) for at, face in enumerate(here) if (fits := list(_fits_of(told, face)))}
    best = max((fit.overlap for fit in found.values() if fit.grade > Grade.BESIDE), default=0.0)
    return {
        at: fit if fit.grade is Grade.BESIDE or fit.overlap >= _RIVAL * best else _Fit(Grade.BESIDE, fit.overlap)
        for at, fit in found.items()
    }


def _fits_of(told: Told, face: Face) -> Iterator[_Fit]:
    """None where it is another face."""
    if told.points is not None:
        known = labelled(told.points)
        if known.sum() > 1:
            similarity = extent(told.points[known]).iou(extent(face.landmarks[known]))
            if similarity >= SAME_LANDMARKS:
                yield _Fit(Grade.SAME, similarity)
            return  # points say more than boxes
    crop = BoundingBox(face.crop.x, face.crop.y, face.crop.x + face.crop.width, face.crop.y + face.crop.height)
    if told.face is not None and told.mouth is not None:
        if (similarity := face.box.iou(told.face)) >= SAME_FACE:
            yield _Fit(Grade.SAME, similarity)
    elif told.face is not None:
        if (far := _far_around(told.face, face.box)) is not None:
            yield far
        yield from _on(told.face, [face.box, crop])
        yield from _lips(told.face, crop)
    if told.mouth is not None:
        yield from _on(told.mouth, [extent(face.landmarks[MOUTH]), face.box, crop])
        yield from _lips(told.mouth, crop)


def _on(box: BoundingBox, places: Sequence[BoundingBox]) -> Iterator[_Fit]:
    for place in places:
        if (overlap := box.iou(place)) >= SAME_FACE:
            yield _Fit(Grade.SAME, overlap)
        elif overlap >= LEAST_OVERLAP:
            yield _Fit(Grade.ON if aside(box, place) <= ASIDE else Grade.BESIDE, overlap)


def _lips(box: BoundingBox, crop: BoundingBox) -> Iterator[_Fit]:
    """A tight box of lips has little of the crop around them."""
    if _shared(box, crop) >= LIPS_INSIDE * box.area and box.width >= LIPS_WIDTH * crop.width:
        yield _Fit(Grade.ON if aside(box, crop) <= ASIDE else Grade.BESIDE, LEAST_OVERLAP)


def _far_around(box: BoundingBox, face: BoundingBox) -> _Fit | None:
    overlap = box.iou(face)
    near = is_within(face, box) and aside(box, face) <= _ASIDE_FAR
    return _Fit(Grade.ON, overlap) if near and overlap >= FAR else None


def aside(one: BoundingBox, other: BoundingBox) -> float:
    """How far apart the middles of two boxes are, along or down, in sides of the larger one."""
    x, y = abs(one.x1 + one.x2 - other.x1 - other.x2) / 2, abs(one.y1 + one.y2 - other.y1 - other.y2) / 2
    return max(x / max(one.width, other.width), y / max(one.height, other.height))


def lies_under(face: BoundingBox, box: BoundingBox) -> bool:
    """Whether a face lies where the one does that a box around head, shoulders or all of a person is of: in the middle
    of its width, and not in its lower part."""
    x, y = (face.x1 + face.x2 - box.x1 - box.x2) / 2, (face.y1 + face.y2 - box.y1 - box.y2) / 2
    return abs(x) <= _ASIDE_FAR * box.width and y <= _ASIDE_FAR * box.height


def is_within(inner: BoundingBox, outer: BoundingBox) -> bool:
    """Whether nearly all of a box lies in the other one: a head, or a person, drawn far around a face."""
    return _shared(inner, outer) >= _INSIDE * inner.area


def _shared(one: BoundingBox, other: BoundingBox) -> float:
    width = min(one.x2, other.x2) - max(one.x1, other.x1)
    height = min(one.y2, other.y2) - max(one.y1, other.y1)
    return max(0.0, width) * max(0.0, height)
