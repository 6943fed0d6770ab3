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
Window = tuple[int, int, int, int]
"""left, top, right, bottom; half-open pixels of the shrunken image."""

YUNET_SCORE: Final = 0.7
YUNET_NMS: Final = 0.3
YUNET_LEAST_SIDE: Final = 64
"""Pixels: below 33, YuNet's coarsest map is one cell wide and a reused cv2 4.14 net answers with stale numbers."""
_CELL: Final = 32
"""Pixels: the net pads its input to multiples of this; a window cut at them is seen as in the whole image."""
_FIRST_LOOK_FROM: Final = 320
"""Pixels: images whose longest side is less get one look; each pixel of a small face counts there."""
_HINT: Final = 0.07
"""Share of the wanted score from which a small box at the first look may be a face that the second would find."""
_SMALL: Final = 48
_SMALLEST: Final = 16
"""Pixels at the first look: a hint below `_SMALL`, or a face below `_SMALLEST`, asks for the second."""
_WHOLE_FROM: Final = 0.6
"""Share of the image from which a window around the hints is not worth cutting."""


def find_yunet(
    bgr: Bgr,
    score: float = YUNET_SCORE,
    nms: float = YUNET_NMS,
    side: float = LONGEST_SIDE,
    level: Bgr | None = None,
) -> list[Detection]:
    """Faces with their five points. score: least kept; nms: IoU above which boxes merge; side: longest side it sees.

    Looks at half the side first, a quarter of the work; then at the whole where that shows no face, or at a window
    around what may be small faces. level: `bgr` halved by `detectors.halved`, where the caller has it.
    """
    side = yunet_side(max(bgr.shape[:2]), int(side))
    source = level if level is not None and max(level.shape[:2]) >= side else bgr
    first = -(-side // 2 // _CELL) * _CELL
    if side < _FIRST_LOOK_FROM:
        return _detections(*_look(shrink(source, side)[0], score, nms), bgr)
    half = shrink(source, first)[0]
    seen, shape = _look(half, score * _HINT, nms)
    size, sure = seen[:, 2:4].max(axis=1), seen[:, 14] >= score
    asking = seen[size < np.where(sure, _SMALLEST, _SMALL)]
    if sure.any() and not len(asking):
        return _detections(seen[sure], shape, bgr)
    small = shrink(source, side)[0]
    grown = small.shape[1] / half.shape[1]
    window = _around(asking, grown, small.shape[1], small.shape[0]) if sure.any() else None
    if window is None:
        return _detections(*_look(small, score, nms), bgr)
    known = seen[sure].copy()
    known[:, :14] *= grown
    rows = _in_window(small, window, score, nms)
    return _detections(_joined(known, rows, nms), small.shape[:2], bgr)


def _look(small: Bgr, score: float, nms: float) -> tuple[Rows, tuple[int, ...]]:
    """What the net sees, in pixels of `small`, and the shape of `small`."""
    height, width = small.shape[:2]
    below, beside = max(0, YUNET_LEAST_SIDE - height), max(0, YUNET_LEAST_SIDE - width)
    if below or beside:
        small = np.asarray(cv2.copyMakeBorder(small, 0, below, 0, beside, cv2.BORDER_CONSTANT), np.uint8)
    net = yunet(score, nms)
    net.setInputSize((small.shape[1], small.shape[0]))
    rows: Rows | None = net.detect(small)[1]  # type: ignore[assignment]
    return (np.empty((0, 15), np.float32) if rows is None else rows), (height, width)


def _around(rows: Rows, grown: float, width: int, height: int) -> Window | None:
    """The window of the second look, cell by cell, with twice their size around `rows`; None where that is too much."""
    low, size = rows[:, 0:2] * grown, rows[:, 2:4] * grown
    left, top = (np.floor((low - 2 * size).min(axis=0) / _CELL) * _CELL).astype(int).tolist()
    right, bottom = (np.ceil((low + 3 * size).max(axis=0) / _CELL) * _CELL).astype(int).tolist()
    left, top, right, bottom = max(0, left), max(0, top), min(width, right), min(height, bottom)
    if right - left < YUNET_LEAST_SIDE or bottom - top < YUNET_LEAST_SIDE:
        return None
    return None if (right - left) * (bottom - top) > _WHOLE_FROM * width * height else (left, top, right, bottom)


def _in_window(small: Bgr, window: Window, score: float, nms: float) -> Rows:
    """Small faces in a window of `small`, in its pixels, but those that the window's edge cuts."""
    left, top, right, bottom = window
    rows, _ = _look(np.ascontiguousarray(small[top:bottom, left:right]), score, nms)
    rows = rows.copy()
    rows[:, 0:14:2] += left
    rows[:, 1:14:2] += top
    x1, y1, x2, y2 = rows[:, 0], rows[:, 1], rows[:, 0] + rows[:, 2], rows[:, 1] + rows[:, 3]
    height, width = small.shape[:2]
    whole = ((x1 > left) | (left == 0)) & ((y1 > top) | (top == 0))
    whole &= ((x2 < right) | (right == width)) & ((y2 < bottom) | (bottom == height))
    return np.asarray(rows[whole & (rows[:, 2:4].max(axis=1) < 3 * _SMALL)])


def _joined(known: Rows, rows: Rows, nms: float) -> Rows:
    """`known`, and of `rows` those that are no face of `known`; a tiny one of `known` is told by the second look."""
    coarse = known[:, 2:4].max(axis=1) < 2 * _SMALLEST
    fine = [row for row in rows if not any(_box(row).iou(_box(other)) > nms for other in known[~coarse])]
    kept = [row for row in known[coarse] if not any(_box(row).iou(_box(other)) > nms for other in fine)]
    return np.array([*known[~coarse], *kept, *fine], np.float32).reshape(-1, 15)


def _box(row: Rows) -> BoundingBox:
    x, y, width, height = (float(v) for v in row[:4])
    return BoundingBox(x, y, x + width, y + height)


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
