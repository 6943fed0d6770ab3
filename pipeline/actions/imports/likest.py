"""Which face of a photo each of several boxes means: the likest pairs first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from db.reads.imports import KnownFace
from pipeline.actions.imports.matching import LEAST_OVERLAP, SAME_FACE, overlap
from pipeline.core.geometry import BoundingBox, Told
from pipeline.core.records import Face
from pipeline.faces.landmarks import MOUTH
from pipeline.faces.match import extent
from pipeline.faces.told import labelled

SAME_LANDMARKS: Final = 0.4
"""IoU of the extents of landmarks of one face, as for faces that are detected anew."""
_TWICE: Final = 0.9
"""IoU of two boxes in one photo that tell of one face twice."""
_INSIDE: Final = 0.9


def assigned(told: Mapping[int, Told], here: Sequence[Face]) -> dict[int, Face]:
    """Which face each entry means; the likest pairs first, no face for two entries but where they tell of one twice."""
    pairs = sorted(
        (-likeness, number, at)
        for number, one in told.items()
        for at, face in enumerate(here)
        if (likeness := _likeness(one, face)) > 0
    )
    chosen: dict[int, Face] = {}
    owner: dict[int, int] = {}
    for _, number, at in pairs:
        if number in chosen:
            continue
        if at not in owner or _tell_of_one(told[number], told[owner[at]]):
            owner.setdefault(at, number)
            chosen[number] = here[at]
    return chosen


def _tell_of_one(one: Told, other: Told) -> bool:
    return any(a.iou(b) >= _TWICE for a, b in ((one.face, other.face), (one.mouth, other.mouth)) if a and b)


def _likeness(told: Told, face: Face) -> float:
    """0 where it is another face."""
    return max(_likenesses(told, face), default=0.0)


def _likenesses(told: Told, face: Face) -> Iterator[float]:
    if told.points is not None:
        known = labelled(told.points)
        if known.sum() > 1:
            likeness = extent(told.points[known]).iou(extent(face.landmarks[known]))
            yield likeness if likeness >= SAME_LANDMARKS else 0.0
            return  # points say more than boxes
    crop = BoundingBox(face.crop.x, face.crop.y, face.crop.x + face.crop.width, face.crop.y + face.crop.height)
    known_face = KnownFace(face.face_id, face.box, crop)
    if told.face is not None:
        likeness, least = (
            (face.box.iou(told.face), SAME_FACE) if told.mouth else (overlap(known_face, told.face), LEAST_OVERLAP)
        )
        yield likeness if likeness >= least else 0.0
    if told.mouth is not None:
        likeness = max(extent(face.landmarks[MOUTH]).iou(told.mouth), overlap(known_face, told.mouth))
        yield likeness if likeness >= LEAST_OVERLAP else 0.0


def is_within(inner: BoundingBox, outer: BoundingBox) -> bool:
    """Whether nearly all of a box lies in the other one: a head, or a person, drawn far around a face."""
    width = min(inner.x2, outer.x2) - max(inner.x1, outer.x1)
    height = min(inner.y2, outer.y2) - max(inner.y1, outer.y1)
    return max(0.0, width) * max(0.0, height) >= _INSIDE * inner.area
