"""The picture of a row as a release has it: the reviewed crop, and where the mouth and the landmarks lie in it."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from pipeline.core.errors import ExportError
from pipeline.core.geometry import BoundingBox, CropBox, Points
from pipeline.core.messages import message
from pipeline.core.records import ExportItem, crop_version
from pipeline.export.formats.content import Picture
from pipeline.faces.crop import resized_png
from pipeline.faces.landmarks import MOUTH

_MIDDLE: Final = 0.5
"""From a pixel's index to its middle."""


def crop_of(item: ExportItem, crop_path: Callable[[str], Path]) -> bytes:
    """The very bytes that were reviewed. Raises ExportError: a file that was cut short or exchanged never leaves."""
    source = crop_path(item.face_id)
    try:
        png = source.read_bytes()
    except FileNotFoundError as e:
        raise ExportError(message("crop_missing", file=source)) from e
    if crop_version(png) != item.crop_version:
        raise ExportError(message("crop_changed", file=source))
    return png


def picture_of(
    item: ExportItem, size: int | None, crop_path: Callable[[str], Path], points: Points | None = None
) -> Picture:
    """size: pixels of its side, None for an unresized crop. points: float32 (68, 2), upright original pixels; without
    them the whole picture counts as the mouth. Raises ExportError."""
    png = crop_of(item, crop_path)
    width, height = (item.crop.width, item.crop.height) if size is None else (size, size)
    data = png if size is None else resized_png(png, size)
    placed = None if points is None else in_crop(points, item.crop, size)
    box = BoundingBox(0.0, 0.0, float(width), float(height)) if placed is None else _around(placed)
    return Picture(data, ".png", width, height, box, placed)


def in_crop(points: Points, crop: CropBox, size: int | None) -> Points:
    """Points of the upright original in pixels of its crop, at `size` where it is given: what `crop.cut` and
    `crop.resized_png` do to pixels."""
    angle = math.radians(-crop.angle)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    middle = np.array([crop.x + crop.width / 2, crop.y + crop.height / 2])
    found = (points.astype(np.float64) + _MIDDLE - middle) @ turn.T + np.array([crop.width, crop.height]) / 2
    if size is not None:
        side = max(crop.width, crop.height)
        edge = np.array([-((crop.width - side) // 2), -((crop.height - side) // 2)])
        found = (found + edge) * size / side
    return np.asarray(found - _MIDDLE, np.float32)


def _around(points: Points) -> BoundingBox:
    """The box around landmarks 48 to 67."""
    (x1, y1), (x2, y2) = points[MOUTH].min(axis=0).tolist(), points[MOUTH].max(axis=0).tolist()
    return BoundingBox(x1, y1, x2, y2)
