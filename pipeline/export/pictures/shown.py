"""Which part of a photo a picture of a release shows, and where landmarks lie in it. Geometry, no pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from pipeline.core.geometry import BoundingBox, CropBox, Points
from pipeline.core.records import ExportItem
from pipeline.export.pictures.options import FACE_MARGIN, PictureOptions
from pipeline.faces.crop import LEAST_SIDE, eye_angle, mouth_crop, placed, quarter_angle
from pipeline.faces.landmarks import MOUTH

_MIDDLE: Final = 0.5
"""From a pixel's index to its middle."""


@dataclass(frozen=True, slots=True)
class Shown:
    """crop: what is cut, in pixels of the upright original. width, height: of the picture that is made of it. squares:
    a crop that is not square is made so first, its edge repeated."""

    crop: CropBox
    width: int
    height: int
    squares: bool = False


def shown_of(item: ExportItem, points: Points | None, options: PictureOptions, size: int | None) -> Shown:
    """What a picture of the face shows. points: its landmarks, float32 (68, 2), upright original pixels. size: pixels
    of a square's side; of a whole photo's longer one at most."""
    if options.content == "photo":
        return _whole(item, size)
    crop = _face(item, points, options) if options.content == "face" else _mouth(item, points, options)
    if size is not None:
        return Shown(crop, size, size, squares=True)
    return Shown(crop, crop.width, crop.height)


def _whole(item: ExportItem, size: int | None) -> Shown:
    crop = CropBox(0, 0, item.width, item.height)
    longest = max(item.width, item.height)
    if size is None or longest <= size:
        return Shown(crop, item.width, item.height)
    width, height = (max(1, round(side * size / longest)) for side in (item.width, item.height))
    return Shown(crop, width, height)


def _face(item: ExportItem, points: Points | None, options: PictureOptions) -> CropBox:
    """A square around the middle of the face's box, which it holds whole. Of a face that fills its photo the usual
    margin would be nothing but the photo's edge, repeated: it takes what is there."""
    longest = max(item.box.width, item.box.height)
    side = FACE_MARGIN * longest if options.margin is None else options.margin * longest
    if options.margin is None and options.fits:
        side = max(longest, min(side, item.width, item.height))
    box, side = item.box, max(LEAST_SIDE, round(side))
    angle = 0.0 if points is None else eye_angle(points) if options.level_eyes else quarter_angle(points)
    crop = _around((box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2, side, angle)
    return placed(crop, item.width, item.height, item.border)


def _mouth(item: ExportItem, points: Points | None, options: PictureOptions) -> CropBox:
    """As the crop is cut with this margin, or turned. One that does not lie where its landmarks put it, as a person
    moved it, grows around its own middle."""
    if options.margin is None and not options.level_eyes:
        return item.crop
    margin = item.margin if options.margin is None else options.margin
    upright = item.upright or options.level_eyes
    if points is not None:
        usual = mouth_crop(points, item.margin, upright=item.upright)
        if placed(usual, item.width, item.height, item.border) == item.crop:
            return placed(mouth_crop(points, margin, upright=upright), item.width, item.height, item.border)
    crop = item.crop
    side = max(LEAST_SIDE, round(max(crop.width, crop.height) * margin / item.margin))
    angle = eye_angle(points) if points is not None and options.level_eyes else crop.angle
    grown = _around(crop.x + crop.width / 2, crop.y + crop.height / 2, side, angle)
    return placed(grown, item.width, item.height, item.border)


def _around(x: float, y: float, side: int, angle: float) -> CropBox:
    left, top = (math.floor(middle - side / 2 + 0.5) for middle in (x, y))
    return CropBox(left, top, side, side, angle)


def in_picture(points: Points, shown: Shown) -> Points:
    """Points of the upright original in pixels of the picture: what cutting and resizing do to pixels."""
    crop = shown.crop
    angle = math.radians(-crop.angle)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    middle = np.array([crop.x + crop.width / 2, crop.y + crop.height / 2])
    found = (points.astype(np.float64) + _MIDDLE - middle) @ turn.T + np.array([crop.width, crop.height]) / 2
    cut = squared(crop) if shown.squares else crop
    edge = np.array([crop.x - cut.x, crop.y - cut.y])
    found = (found + edge) * np.array([shown.width / cut.width, shown.height / cut.height])
    return np.asarray(found - _MIDDLE, np.float32)


def squared(crop: CropBox) -> CropBox:
    """The square around a crop that is not one, as `crop.resized_png` repeats its edge."""
    side = max(crop.width, crop.height)
    left, top = (crop.width - side) // 2, (crop.height - side) // 2
    return replace(crop, x=crop.x + left, y=crop.y + top, width=side, height=side)


def mouth_in(points: Points | None, shown: Shown) -> BoundingBox:
    """The box around landmarks 48 to 67 in the picture; without landmarks the whole picture counts as the mouth.

    points: in pixels of the picture.
    """
    if points is None:
        return BoundingBox(0.0, 0.0, float(shown.width), float(shown.height))
    (x1, y1), (x2, y2) = points[MOUTH].min(axis=0).tolist(), points[MOUTH].max(axis=0).tolist()
    return BoundingBox(x1, y1, x2, y2)
