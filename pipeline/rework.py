"""Faces of an image that is looked at again: what is the same face keeps its identity. Pure.

Coordinates: upright original pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from pipeline.records import CropBox, Face, KnownFace

SAME_AT: Final = 0.5
"""IoU of two boxes from which on they are one face."""


def merge(found: Sequence[Face], known: Sequence[KnownFace]) -> tuple[Face, ...]:
    """The faces that an image has after a second look, the largest first, with ranks to match.

    Pairs of boxes with an IoU of at least .5, the best first, are one face: it keeps its id, and the crop that a
    person placed. A known face that nothing matches goes, unless it is to be kept. A new face whose id is taken by
    another one is that one.
    """
    partner = _partners(found, known)
    merged: dict[str, Face] = {}
    for place, one in enumerate(known):
        match = partner.get(place)
        if match is not None:
            crop = one.face.crop if one.crop_fixed else found[match].crop
            merged[one.face.face_id] = replace(found[match], face_id=one.face.face_id, crop=crop)
        elif one.keep:
            merged[one.face.face_id] = one.face
    taken = set(partner.values())
    for place, face in enumerate(found):
        if place not in taken:
            merged.setdefault(face.face_id, face)
    return ranked(merged.values())


def _partners(found: Sequence[Face], known: Sequence[KnownFace]) -> dict[int, int]:
    """Place in `known` -> place in `found`, each at most once."""
    pairs = sorted(
        (-one.face.box.iou(face.box), i, j) for i, one in enumerate(known) for j, face in enumerate(found)
    )  # fmt: skip
    partner: dict[int, int] = {}
    for negative, i, j in pairs:
        if -negative >= SAME_AT and i not in partner and j not in partner.values():
            partner[i] = j
    return partner


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
