"""Computes where the mouth is cut, and cuts it. Coordinates: upright original pixels."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.core.border import Border, push_inside
from pipeline.core.geometry import Bgr, CropBox, Points
from pipeline.faces.landmarks import LEFT_EYE, MOUTH, RIGHT_EYE
from pipeline.faces.orientation import QUARTER, turn_of, turn_upright
from pipeline.pixels.encode import encode_png

COURSE_POINTS: Final = slice(48, 67)
"""The course's Python `range(48, 67)`: point 67 is left out."""
COURSE_MARGIN: Final = 1.5
LEAST_SIDE: Final = 2
LEAST_ANGLE: Final = 0.5


def mouth_crop(points: Points, margin: float, *, upright: bool = False) -> CropBox:
    """The square around landmarks 48 to 67, `margin` times their longer edge, centred; it may leave the image (see
    `placed`).

    upright: the box is turned with the eye line, and the mouth's edges are taken in that frame. A face that lies or
    stands on its head is turned by a right angle in any case.
    """
    angle = eye_angle(points) if upright else quarter_angle(points)
    mouth = points[MOUTH].astype(float) @ _rotation(-angle).T
    low, high = mouth.min(axis=0), mouth.max(axis=0)
    side = max(LEAST_SIDE, round(margin * float((high - low).max())))
    centre = _rotation(angle) @ ((low + high) / 2)
    x, y = (math.floor(c - side / 2 + 0.5) for c in map(float, centre))
    return CropBox(x, y, side, side, angle)


def placed(crop: CropBox, width: int, height: int, border: Border) -> CropBox:
    """Where `crop` is cut in an image of `width` x `height`: pushed inside where `border` says so, else as it is."""
    return push_inside(crop, width, height) if border == "push" else crop


def eye_angle(points: Points) -> float:
    """Degrees by which the line from the right eye's middle to the left eye's is turned, clockwise on the screen.

    Below half a degree it is 0, so that such a crop keeps the original's own pixels.
    """
    right, left = (points[part].astype(float).mean(axis=0) for part in (RIGHT_EYE, LEFT_EYE))
    angle = round(math.degrees(math.atan2(left[1] - right[1], left[0] - right[0])), 2)
    return angle if abs(angle) >= LEAST_ANGLE else 0.0


def quarter_angle(points: Points) -> float:
    """0 for a face that is upright or on one side; else 90, 180 or -90, as it is turned clockwise on the screen."""
    right, left = (points[part].mean(axis=0) for part in (RIGHT_EYE, LEFT_EYE))
    return (0.0, 90.0, 180.0, -90.0)[turn_of(right, left)]


def _rotation(angle: float) -> npt.NDArray[np.float64]:
    """Turns (x, y) by `angle` degrees, clockwise on the screen (y points down)."""
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return np.array([[cos, -sin], [sin, cos]])


def course_crop(points: Points, width: int, height: int) -> CropBox | None:
    """The course's crop in an image of `width` x `height`: pushed to the border, cut with int(), maybe not square.

    None where the course's slice is empty (its script stops there).
    """
    mouth = points[COURSE_POINTS].astype(int)
    (x, y), (x_max, y_max) = mouth.min(axis=0).tolist(), mouth.max(axis=0).tolist()
    side = COURSE_MARGIN * max(x_max - x, y_max - y)
    x_cut = _course_axis(x, x_max - x, side, width)
    y_cut = _course_axis(y, y_max - y, side, height)
    if x_cut is None or y_cut is None:
        return None
    return CropBox(x_cut[0], y_cut[0], x_cut[1] - x_cut[0], y_cut[1] - y_cut[0])


def _course_axis(start: int, extent: int, side: float, limit: int) -> tuple[int, int] | None:
    """One axis of the course's slice after Python's own clipping, or None where it is empty."""
    half = (side - extent) / 2
    first_cut: float
    if start >= half and start + extent + half < limit:
        first_cut = start - half
    elif start < half:
        first_cut = 0
    else:
        first_cut = limit - side
    first, last, _ = slice(int(first_cut), int(first_cut + side)).indices(limit)
    return (first, last) if last > first else None


def cut(bgr: Bgr, crop: CropBox, border: Border) -> Bgr:
    """The pixels of `crop`, uint8 (crop.height, crop.width, 3). Where it leaves the image: black, the image's mirror
    image (`reflect`), or its edge repeated (`push`: what could not be pushed inside).

    A turned crop is resampled (bilinear), unless by right angles; else it holds the original's own pixels.
    """
    if crop.angle % QUARTER == 0 and crop.angle and crop.width == crop.height:
        return turn_upright(cut(bgr, replace(crop, angle=0.0), border), round(crop.angle / QUARTER) % 4)
    if crop.angle:
        return _cut_turned(bgr, crop, border)
    height, width = bgr.shape[:2]
    if 0 <= crop.x <= width - crop.width and 0 <= crop.y <= height - crop.height:
        return bgr[crop.y : crop.y + crop.height, crop.x : crop.x + crop.width].copy()
    if border != "black":
        rows = _filled_from(crop.y, crop.height, height, border)
        return np.ascontiguousarray(bgr[rows[:, None], _filled_from(crop.x, crop.width, width, border)])
    left, top = max(0, crop.x), max(0, crop.y)
    right, bottom = min(width, crop.x + crop.width), min(height, crop.y + crop.height)
    out = np.zeros((crop.height, crop.width, 3), np.uint8)
    if right > left and bottom > top:
        out[top - crop.y : bottom - crop.y, left - crop.x : right - crop.x] = bgr[top:bottom, left:right]
    return out


def _filled_from(start: int, size: int, limit: int, border: Border) -> npt.NDArray[np.intp]:
    """Which of the image's `limit` rows (or columns) each of `size` rows from `start` on is taken from.

    Mirrored at the edge itself (the outermost row twice), again and again where the image is smaller than that.
    """
    index = np.arange(start, start + size)
    if border == "push":
        return np.clip(index, 0, limit - 1)
    index %= 2 * limit
    return np.minimum(index, 2 * limit - 1 - index)


def _cut_turned(bgr: Bgr, crop: CropBox, border: Border) -> Bgr:
    # The upright square around the turned box, cut first: OpenCV's warp takes no image above 32,767 pixels.
    reach = math.ceil(math.hypot(crop.width, crop.height) / 2) + 2
    x, y = crop.x + crop.width / 2, crop.y + crop.height / 2
    around = CropBox(math.floor(x) - reach, math.floor(y) - reach, 2 * reach, 2 * reach)
    turn = _rotation(crop.angle)
    # From a pixel's middle in the crop to one in the cut: out of the crop's middle, turned, into the cut's frame.
    offset = np.array([x - around.x, y - around.y]) - 0.5 - turn @ np.array([crop.width - 1, crop.height - 1]) / 2
    return np.asarray(
        cv2.warpAffine(
            cut(bgr, around, border),
            np.column_stack([turn, offset]),
            (crop.width, crop.height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_CONSTANT,
        ),
        np.uint8,
    )


def resized_png(png: bytes, size: int) -> bytes:
    """One of our own crops at `size` x `size` pixels: area mean where it shrinks, Lanczos where it grows.

    A crop that is not square (the `course` preset's, at a border) is not distorted: its edge is repeated first.
    """
    bgr = np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    height, width = bgr.shape[:2]
    side = max(height, width)
    square = cut(bgr, CropBox((width - side) // 2, (height - side) // 2, side, side), "push")
    method = cv2.INTER_AREA if side >= size else cv2.INTER_LANCZOS4
    return encode_png(np.asarray(cv2.resize(square, (size, size), interpolation=method), np.uint8))
