"""Quarter turns: which way up a face is, and images and points turned by 90, 180 or 270 degrees.

A turn k says that the face stands `90 k` degrees clockwise on the screen, so that its image, turned counter-clockwise
k times (`numpy.rot90`), shows it upright.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipeline.core.geometry import Bgr, BoundingBox
from pipeline.core.records import Detection

Floats = npt.NDArray[np.floating[Any]]
Scale = npt.NDArray[np.float32]

QUARTER: Final = 90
_LEAST_ANGLE: Final = 60.0
"""Degrees of the eye line from which on a face counts as turned: no head on one side is so far over."""


def turn_of(right_eye: Floats, left_eye: Floats) -> int:
    """The quarter turns, 0 to 3, of a face whose eyes, (x, y) pixels, lie there; up to 60 degrees are a head on one
    side."""
    across = (left_eye - right_eye).astype(float)
    angle = math.degrees(math.atan2(across[1], across[0]))
    return round(angle / QUARTER) % 4 if abs(angle) >= _LEAST_ANGLE else 0


def turn_upright(bgr: Bgr, turn: int) -> Bgr:
    """The image in which a face of this turn is upright: the same pixels, (height, width, 3) or (width, height, 3)."""
    return np.ascontiguousarray(np.rot90(bgr, turn)) if turn else bgr


def turn_back(points: Floats, turn: int, width: float, height: float) -> Floats:
    """Points (n, 2) between the pixels of `turn_upright(image, turn)` as those of the image, width x height."""
    x, y = points[:, 0], points[:, 1]
    if turn == 1:
        return np.stack([width - y, x], axis=1)
    if turn == 2:
        return np.stack([width - x, height - y], axis=1)
    if turn == 3:
        return np.stack([y, height - x], axis=1)
    return points


def box_back(box: BoundingBox, turn: int, width: int, height: int) -> BoundingBox:
    """`turn_back` of a box."""
    corners = turn_back(np.array([(box.x1, box.y1), (box.x2, box.y2)], np.float32), turn, width, height)
    (x1, y1), (x2, y2) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return BoundingBox(x1, y1, x2, y2)


def detection_back(
    found: Detection, turn: int, width: int, height: int, scale: Scale, offset: tuple[float, float]
) -> Detection:
    """A detection in a turned look at an image of width x height, in the photo's pixels.

    scale: photo pixels an image pixel (x, y). offset: the photo's pixel at the image's corner.
    """
    box = box_back(found.box, turn, width, height)
    (sx, sy), (dx, dy) = scale.tolist(), offset
    moved = BoundingBox(box.x1 * sx + dx, box.y1 * sy + dy, box.x2 * sx + dx, box.y2 * sy + dy)
    five = None
    if found.five is not None:
        back = turn_back(found.five, turn, width, height)
        five = (back * scale + np.array(offset, np.float32)).astype(np.float32)
    return Detection(moved, found.score, five)
