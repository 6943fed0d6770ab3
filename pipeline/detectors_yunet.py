"""YuNet (Wu et al., Machine Intelligence Research 2023) through OpenCV: boxes with five points."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from models.loaded import yunet
from pipeline.detectors import LONGEST_SIDE, largest_first, shrink
from pipeline.records import Bgr, BoundingBox, Detection

Rows = npt.NDArray[np.float32]
"""Boxes as the net tells them, float32 (n, 15): x, y, width, height, five points as x, y, score; pixels it saw."""

YUNET_SCORE: Final = 0.7
YUNET_NMS: Final = 0.3
YUNET_LEAST_SIDE: Final = 64
"""Pixels: below 33, YuNet's coarsest map is one cell wide and a reused cv2 4.14 net answers with stale numbers."""
_CELL: Final = 32
"""Pixels: the net pads its input to multiples of this."""
_FIRST_LOOK_FROM: Final = 320
"""Pixels: images whose longest side is less get one look; each pixel of a small face counts there."""
_HINT: Final = 0.1
"""Share of the wanted score from which a small box at the first look may be a face that the second would find."""
_SMALL: Final = 48
_SMALLEST: Final = 16
"""Pixels at the first look: a hint below `_SMALL`, or a face below `_SMALLEST`, asks for the second."""


def find_yunet(
    bgr: Bgr,
    score: float = YUNET_SCORE,
    nms: float = YUNET_NMS,
    side: float = LONGEST_SIDE,
    level: Bgr | None = None,
) -> list[Detection]:
    """Faces with their five points. score: least kept; nms: IoU above which boxes merge; side: longest side it sees.

    Looks at half the side first, a quarter of the work, and at the whole only where that shows no face or what may be
    a small one (docs/adr/0008). level: `bgr` halved by `detectors.halved`, where the caller has it.
    """
    side = yunet_side(max(bgr.shape[:2]), int(side))
    source = level if level is not None and max(level.shape[:2]) >= side else bgr
    if side >= _FIRST_LOOK_FROM:
        rows, shape = _look(source, -(-side // 2 // _CELL) * _CELL, score * _HINT, nms)
        sure = rows[:, 14] >= score
        if sure.any() and not (rows[:, 2:4].max(axis=1) < np.where(sure, _SMALLEST, _SMALL)).any():
            return _detections(rows[sure], shape, bgr)
    return _detections(*_look(source, side, score, nms), bgr)


def _look(source: Bgr, side: int, score: float, nms: float) -> tuple[Rows, tuple[int, ...]]:
    """What the net sees of `source` shrunk to `side`, in pixels of that, and its shape."""
    small, _ = shrink(source, side)
    height, width = small.shape[:2]
    below, beside = max(0, YUNET_LEAST_SIDE - height), max(0, YUNET_LEAST_SIDE - width)
    if below or beside:
        small = np.asarray(cv2.copyMakeBorder(small, 0, below, 0, beside, cv2.BORDER_CONSTANT), np.uint8)
    net = yunet(score, nms)
    net.setInputSize((small.shape[1], small.shape[0]))
    rows: Rows | None = net.detect(small)[1]  # type: ignore[assignment]
    return (np.empty((0, 15), np.float32) if rows is None else rows), (height, width)


def _detections(rows: Rows, shape: tuple[int, ...], bgr: Bgr) -> list[Detection]:
    """`rows`, seen in an image of `shape`, in pixels of `bgr`; the largest first."""
    scale = np.array([bgr.shape[1] / shape[1], bgr.shape[0] / shape[0]], np.float32)
    found = []
    for row in rows:
        corner, size = row[0:2] * scale, row[2:4] * scale
        box = BoundingBox(*map(float, corner), *map(float, corner + size))
        found.append(Detection(box, float(row[14]), (row[4:14].reshape(5, 2) * scale).astype(np.float32)))
    return largest_first(found)


def yunet_side(longest: int, side: int = LONGEST_SIDE) -> int:
    """The longest side that the net sees, pixels: it pads to multiples of 32, which a slightly smaller image saves."""
    return side if longest >= side else longest // _CELL * _CELL if longest >= _FIRST_LOOK_FROM else longest
