"""Where the mouth is cut, and the cut itself. Coordinates: upright original pixels."""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np

from pipeline.landmarks import MOUTH
from pipeline.records import Bgr, CropBox, Points

COURSE_POINTS: Final = slice(48, 67)
"""The course's Python `range(48, 67)`: point 67 is left out."""
COURSE_MARGIN: Final = 1.5
LEAST_SIDE: Final = 2
_PNG_FLAGS: Final = (
    *(cv2.IMWRITE_PNG_COMPRESSION, 1),
    *(cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE),
    *(cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_PAETH),
)


def mouth_crop(points: Points, margin: float) -> CropBox:
    """The square around landmarks 48 to 67, `margin` times their longer edge, centred; it may leave the image."""
    mouth = points[MOUTH].astype(float)
    low, high = mouth.min(axis=0), mouth.max(axis=0)
    side = max(LEAST_SIDE, round(margin * float((high - low).max())))
    centre = (low + high) / 2
    x, y = (math.floor(c - side / 2 + 0.5) for c in map(float, centre))
    return CropBox(x, y, side, side)


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
    place: float
    if start >= half and start + extent + half < limit:
        place = start - half
    elif start < half:
        place = 0
    else:
        place = limit - side
    first, last, _ = slice(int(place), int(place + side)).indices(limit)
    return (first, last) if last > first else None


def cut(bgr: Bgr, crop: CropBox) -> Bgr:
    """The pixels of `crop`, uint8 (crop.height, crop.width, 3); black where it leaves the image: none are invented."""
    height, width = bgr.shape[:2]
    left, top = max(0, crop.x), max(0, crop.y)
    right, bottom = min(width, crop.x + crop.width), min(height, crop.y + crop.height)
    out = np.zeros((crop.height, crop.width, 3), np.uint8)
    if right > left and bottom > top:
        out[top - crop.y : bottom - crop.y, left - crop.x : right - crop.x] = bgr[top:bottom, left:right]
    return out


def encode_png(bgr: Bgr) -> bytes:
    """Lossless; these flags take 0.7 of the time of level 1 alone and 0.94 of its bytes."""
    _, data = cv2.imencode(".png", bgr, _PNG_FLAGS)
    return data.tobytes()


def encode_jpeg(bgr: Bgr, quality: int) -> bytes:
    """Baseline JPEG, 4:4:4 from quality 95 on so that lips keep their colour edge."""
    flags = [cv2.IMWRITE_JPEG_QUALITY, quality]
    if quality >= 95:
        flags += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    _, data = cv2.imencode(".jpg", bgr, flags)
    return data.tobytes()
