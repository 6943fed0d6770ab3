"""YuNet (Wu et al., Machine Intelligence Research 2023): boxes with five points."""

from __future__ import annotations

from typing import Final

import numpy as np

from models.loaded import yunet
from models.yunet import CELL
from pipeline.core.geometry import Bgr, BoundingBox
from pipeline.core.records import Detection
from pipeline.faces.detectors.classic import largest_first
from pipeline.faces.detectors.defaults import LONGEST_SIDE, YUNET_NMS, YUNET_SCORE
from pipeline.pixels.shrink import shrink

_EACH_PIXEL_COUNTS: Final = 320
"""Pixels: an image whose longest side is less is seen as it is."""


def find_yunet(
    bgr: Bgr,
    score: float = YUNET_SCORE,
    nms: float = YUNET_NMS,
    side: float = LONGEST_SIDE,
    level: Bgr | None = None,
) -> list[Detection]:
    """Faces with their five points. score: least kept; nms: IoU above which boxes merge; side: longest side it sees.

    level: `bgr` halved by `shrink.halved`, where the caller has it. One look; the others: `pipeline.faces.looks`.
    """
    longest = yunet_side(max(bgr.shape[:2]), int(side))
    small, _ = shrink(level if level is not None and max(level.shape[:2]) >= longest else bgr, longest)
    scale = np.array([bgr.shape[1] / small.shape[1], bgr.shape[0] / small.shape[0]], np.float32)
    found = []
    for row in yunet().detect(small, score, nms):
        corner, size = row[0:2] * scale, row[2:4] * scale
        box = BoundingBox(*map(float, corner), *map(float, corner + size))
        found.append(Detection(box, float(row[14]), (row[4:14].reshape(5, 2) * scale).astype(np.float32)))
    return largest_first(found)


def yunet_side(longest: int, side: int = LONGEST_SIDE) -> int:
    """The longest side that the net sees, pixels: it pads to multiples of 32, which a slightly smaller image saves."""
    return side if longest >= side else longest // CELL * CELL if longest >= _EACH_PIXEL_COUNTS else longest
