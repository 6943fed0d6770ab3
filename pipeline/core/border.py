"""Where a crop lies whose square sticks out of the photo, and how much of it is then no photo. Geometry, no pixels.

Coordinates: upright original pixels; the photo is [0, width) x [0, height).
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final, Literal

from pipeline.core.geometry import CropBox

Border = Literal["push", "reflect", "black"]
"""What is done with a square that sticks out of the photo. push: it is pushed inside, and what cannot fit is filled by
repeating the photo's edge. reflect: it stays, and is filled with the photo's mirror image. black: it stays, and is
filled with black."""

_Polygon = list[tuple[float, float]]
_TINY: Final = 1e-9
"""Pixels: less than this is rounding."""


def push_inside(crop: CropBox, width: int, height: int) -> CropBox:
    """`crop` moved by as few whole pixels as put it inside a photo of width x height; its size and angle stay.

    On an axis where it does not fit it is moved until it holds all of the photo (a turned one: until its reach does),
    so that no more is filled than must be. The course pushes its crops the same way.
    """
    turn = math.radians(crop.angle)
    cos, sin = abs(math.cos(turn)), abs(math.sin(turn))
    reach_x = (crop.width * cos + crop.height * sin) / 2
    reach_y = (crop.width * sin + crop.height * cos) / 2
    x = _pushed(crop.x, crop.width / 2, reach_x, width)
    y = _pushed(crop.y, crop.height / 2, reach_y, height)
    return crop if (x, y) == (crop.x, crop.y) else replace(crop, x=x, y=y)


def _pushed(start: int, half: float, reach: float, limit: int) -> int:
    """One axis: the whole number nearest to `start` at which what lies `reach` around the middle (`half` behind it) is
    within the limit, or holds all of it."""
    first, last = reach - half, limit - reach - half
    low, high = math.ceil(min(first, last) - _TINY), math.floor(max(first, last) + _TINY)
    return min(max(start, low), high) if low <= high else round((first + last) / 2)


def filled_share(crop: CropBox, width: int, height: int) -> float:
    """The share of the crop's area, 0 to 1, that lies outside a photo of width x height; exactly 0 where none does."""
    if not crop.angle and 0 <= crop.x <= width - crop.width and 0 <= crop.y <= height - crop.height:
        return 0.0  # most: no corner need be worked out
    outline = corners(crop)
    if all(-_TINY <= x <= width + _TINY and -_TINY <= y <= height + _TINY for x, y in outline):
        return 0.0
    for axis, sign, limit in ((0, 1.0, 0.0), (0, -1.0, -float(width)), (1, 1.0, 0.0), (1, -1.0, -float(height))):
        outline = _clipped(outline, axis, sign, limit)
    return min(1.0, max(0.0, 1 - _area(outline) / (crop.width * crop.height)))


def squared_share(filled: float, crop: CropBox) -> float:
    """`filled_share` of a crop once it is made square, as an export of one size makes those of the `course` preset."""
    return 1 - (1 - filled) * crop.width * crop.height / max(crop.width, crop.height) ** 2


def corners(crop: CropBox) -> _Polygon:
    """The crop's corners in the photo, clockwise from its own upper left one."""
    if not crop.angle:
        left, top, right, bottom = crop.x, crop.y, crop.x + crop.width, crop.y + crop.height
        return [(left, top), (right, top), (right, bottom), (left, bottom)]
    turn = math.radians(crop.angle)
    cos, sin = math.cos(turn), math.sin(turn)
    x, y = crop.x + crop.width / 2, crop.y + crop.height / 2
    halves = [(sx * crop.width / 2, sy * crop.height / 2) for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    return [(x + cos * u - sin * v, y + sin * u + cos * v) for u, v in halves]


def _clipped(outline: _Polygon, axis: int, sign: float, limit: float) -> _Polygon:
    """The part of a convex polygon where sign * coordinate >= limit (Sutherland and Hodgman, CACM 1974)."""
    kept: _Polygon = []
    for one, other in zip(outline, outline[1:] + outline[:1], strict=True):
        a, b = sign * one[axis] - limit, sign * other[axis] - limit
        if a >= 0:
            kept.append(one)
        if (a >= 0) != (b >= 0):
            share = a / (a - b)
            kept.append((one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1])))
    return kept


def _area(outline: _Polygon) -> float:
    """By the shoelace formula; the corners in either sense."""
    pairs = zip(outline, outline[1:] + outline[:1], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2
