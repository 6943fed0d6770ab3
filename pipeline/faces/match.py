"""Matches the faces found in an image that is reprocessed with those it has: the same face keeps its id. Pure.

Coordinates: upright original pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from pipeline.core.geometry import BoundingBox, CropBox, Points
from pipeline.core.records import Face, KnownFace

SAME_AT: Final = 0.5
"""IoU of two boxes from which on they are one face."""
SAME_LANDMARKS: Final = 0.4


def merge(found: Sequence[Face], known: Sequence[KnownFace]) -> tuple[Face, ...]:
    """The faces that an image has after it was reprocessed, the largest first, with ranks to match.

    Pairs that are alike (see `similarity`), the best first, are one face: it keeps its id, and the crop that a
    person placed. A known face that nothing matches goes, unless it is to be kept. A new face whose id is taken by
    another one is that one.
    """
    partner = _partners(found, known)
    merged: dict[str, Face] = {}
    for index, one in enumerate(known):
        match = partner.get(index)
        if match is not None:
            crop = one.face.crop if one.crop_fixed else found[match].crop
            merged[one.face.face_id] = replace(found[match], face_id=one.face.face_id, crop=crop)
        elif one.keep:
            merged[one.face.face_id] = one.face
    taken = set(partner.values())
    for index, face in enumerate(found):
        if index not in taken:
            merged.setdefault(face.face_id, face)
    return ranked(merged.values())


def _partners(found: Sequence[Face], known: Sequence[KnownFace]) -> dict[int, int]:
    """Index in `known` -> index in `found`, each at most once."""
    pairs = sorted((-similarity(one.face, face), i, j) for i, one in enumerate(known) for j, face in enumerate(found))
    partner: dict[int, int] = {}
    for negative, i, j in pairs:
        if negative < 0 and i not in partner and j not in partner.values():
            partner[i] = j
    return partner


def similarity(one: Face, other: Face) -> float:
    """How surely two faces of an image are one, 0 where they are not: IoU of the boxes from .5 on, or of the landmarks'
    extents from .4 on. Boxes alone would miss it: one drawn loosely around a head has an IoU of about .3 with a
    detector's."""
    boxes, extents = one.box.iou(other.box), extent(one.landmarks).iou(extent(other.landmarks))
    return max(boxes if boxes >= SAME_AT else 0.0, extents if extents >= SAME_LANDMARKS else 0.0)


def extent(points: Points) -> BoundingBox:
    """The box around the landmarks."""
    low, high = points.min(axis=0), points.max(axis=0)
    return BoundingBox(float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def ranked(faces: Iterable[Face]) -> tuple[Face, ...]:
    """The faces by size, rank 0 the largest."""
    ordered = sorted(faces, key=lambda f: (-f.box.area, f.box.x1, f.box.y1))
    return tuple(replace(face, rank=rank) for rank, face in enumerate(ordered))


def scaled(crop: CropBox, factor: float) -> CropBox:
    """A crop that a person placed, for another margin: the same middle, `factor` times as wide."""
    side = max(2, round(crop.width * factor))
    x, y = crop.x + (crop.width - side) // 2, crop.y + (crop.height - side) // 2
    return CropBox(x, y, side, side, crop.angle)


def is_moved(crop: CropBox, cut_by_settings: CropBox | None) -> bool:
    """Whether a crop lies elsewhere than where the settings put it: a person moved it."""
    return cut_by_settings is None or crop != cut_by_settings
