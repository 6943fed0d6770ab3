"""Another mouth on a portrait: the 68 landmarks are moved and the pixels follow, triangle by triangle.

Only for the sample photos: a smile with teeth becomes wider, open, closed or pursed.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from scipy.interpolate import LinearNDInterpolator

from pipeline.records import Bgr, Points

Floats = npt.NDArray[np.float64]

OUTER: Final = slice(48, 60)
INNER: Final = slice(60, 68)
_JAW: Final = slice(4, 13)
# Inner lip: left corner, three above, right corner, three below; each below lies under the one above it.
_UPPER, _LOWER = (61, 62, 63), (67, 66, 65)
_UPPER_OUTER, _LOWER_OUTER = (49, 50, 51, 52, 53), (59, 58, 57, 56, 55)


def smile(bgr: Bgr, points: Points, amount: float) -> Bgr:
    """Corners out and up by `amount` of a tenth of the mouth's width."""
    target, width = _start(points)
    for corner, side in ((48, -1.0), (54, 1.0), (60, -1.0), (64, 1.0)):
        target[corner] += (side * 0.10 * width * amount, -0.07 * width * amount)
    return _follow(bgr, points, target)


def closed(bgr: Bgr, points: Points, narrow: float) -> Bgr:
    """Lips together and level, corners in by `narrow` of the mouth's width: no expression."""
    target, width = _start(points)
    _shut(target, points)
    _squeeze(target, 1.0 - narrow)
    _level(target, width)
    return _seal(_follow(bgr, points, target), target, 0.035 * width)


def pursed(bgr: Bgr, points: Points, narrow: float) -> Bgr:
    """Lips together, pushed forward: the mouth narrow by `narrow` of its width and the lips full."""
    target, width = _start(points)
    _shut(target, points)
    _squeeze(target, 1.0 - narrow)
    _level(target, width)
    for index in _UPPER_OUTER[1:4]:
        target[index, 1] -= 0.07 * width
    for index in _LOWER_OUTER[1:4]:
        target[index, 1] += 0.10 * width
    return _seal(_follow(bgr, points, target), target, 0.045 * width)


def opened(bgr: Bgr, points: Points, amount: float) -> Bgr:
    """The jaw drops by `amount` of the mouth's width; between the lips it is dark, below the upper teeth."""
    target, width = _start(points)
    _squeeze(target, 0.86)
    drop = amount * width
    for index in (*_LOWER, *_LOWER_OUTER[1:4]):
        target[index, 1] += drop
    for index, side in ((59, -1.0), (55, 1.0), (67, -1.6), (65, 1.6)):
        target[index] += (side * 0.09 * width, 0.0 if index > 60 else 0.80 * drop)
    for index in (67, 65):
        target[index, 1] -= 0.12 * drop
    for index in (48, 54, 60, 64):
        target[index, 1] += 0.34 * drop
    for index in range(_JAW.start, _JAW.stop):
        target[index, 1] += 0.8 * drop * (1 - abs(index - 8) / 5)
    return _darken(_follow(bgr, points, target), target, teeth=0.16 * width)


def _start(points: Points) -> tuple[Floats, float]:
    target = points.astype(np.float64)
    return target, float(np.linalg.norm(target[54] - target[48]))


def _shut(target: Floats, points: Points) -> None:
    """Bring the inner lips together half-way; the outer lips come along, so that each lip keeps its thickness."""
    for above, below in zip(_UPPER, _LOWER, strict=True):
        gap = float(points[below, 1] - points[above, 1])
        target[above, 1] += 0.5 * gap - 0.4
        target[below, 1] -= 0.5 * gap - 0.4
    middle = float(points[66, 1] - points[62, 1])
    for index in _UPPER_OUTER:
        target[index, 1] += 0.42 * middle
    for index in _LOWER_OUTER:
        target[index, 1] -= 0.42 * middle


def _squeeze(target: Floats, factor: float) -> None:
    """Narrow the mouth about its own middle."""
    middle = target[[48, 54], 0].mean()
    target[48:68, 0] = middle + factor * (target[48:68, 0] - middle)


def _level(target: Floats, width: float) -> None:
    """Corners to the height of the closed lips' middle: a smile lifts them."""
    line = target[[62, 66], 1].mean() + 0.01 * width
    for outer, inner in ((48, 60), (54, 64)):
        target[outer, 1] = target[inner, 1] = line
    for index, part in ((49, 0.5), (53, 0.5), (59, 0.5), (55, 0.5)):
        neighbour = 50 if index == 49 else 52 if index == 53 else 58 if index == 59 else 56
        target[index, 1] += part * (0.5 * (line + target[neighbour, 1]) - target[index, 1])
    bend = target[[61, 63, 65, 67], 1] - line
    target[[61, 63, 65, 67], 1] = line + 0.4 * bend


def _ring(points: Floats, scale: float) -> Floats:
    middle = points[OUTER].mean(axis=0)
    ring: Floats = middle + scale * (points[OUTER] - middle)
    return ring


def _follow(bgr: Bgr, points: Points, target: Floats) -> Bgr:
    """The image in which each landmark lies at its target; what lies outside the face's surroundings stays."""
    source = points.astype(np.float64)
    # A ring around the lips moves a third as far, so that the cheeks stretch instead of breaking.
    ring = _ring(source, 1.7)
    ring_target = ring + 0.35 * (target[OUTER] - source[OUTER])
    low, high = source.min(axis=0), source.max(axis=0)
    (x1, y1), (x2, y2) = (
        np.rint(corner).astype(int).tolist() for corner in (low - 0.35 * (high - low), high + 0.35 * (high - low))
    )
    x1, y1, x2, y2 = max(0, x1), max(0, y1), min(bgr.shape[1], x2), min(bgr.shape[0], y2)
    frame = np.array(
        [(x, y) for x in np.linspace(x1, x2, 5) for y in np.linspace(y1, y2, 5) if x in (x1, x2) or y in (y1, y2)]
    )
    place = LinearNDInterpolator(np.vstack([target, ring_target, frame]), np.vstack([source, ring, frame]))
    xs, ys = np.meshgrid(np.arange(x1, x2), np.arange(y1, y2))
    maps = place(xs, ys).astype(np.float32)
    moved = bgr.copy()
    moved[y1:y2, x1:x2] = cv2.remap(bgr, maps[..., 0], maps[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return moved


def _darken(bgr: Bgr, target: Floats, teeth: float) -> Bgr:
    """Fill the open mouth below the upper teeth with the dark of a mouth, softly."""
    inner = target[INNER].copy()
    inner[:5, 1] += teeth * np.array([0.2, 0.8, 1.0, 0.8, 0.2])
    return _paint(bgr, _rounded(inner), np.array([34, 24, 58], np.float32), 0.35 * teeth)


def _seal(bgr: Bgr, target: Floats, thickness: float) -> Bgr:
    """Cover what is left of the teeth with the lips' own colour, and draw the line between the lips."""
    corners = target[[60, 64]]
    seam = np.vstack([corners[:1], target[[61, 62, 63]], corners[1:], target[[65, 66, 67]]])
    middle = 0.5 * (seam[1:4] + seam[[7, 6, 5]])
    line = np.vstack([seam[:1], middle, seam[4:5]])
    below = np.rint(target[[57]]).astype(int)[0]
    patch = bgr[below[1] - int(2 * thickness) : below[1], below[0] - 8 : below[0] + 8].reshape(-1, 3)
    lip = np.median(patch, axis=0).astype(np.float32)
    half = np.array([0.0, thickness])
    band = np.vstack([line - 1.9 * half, (line + 1.9 * half)[::-1]])
    band[[0, 4, 5, 9], 1] = line[[0, 4, 4, 0], 1]
    covered = _paint(bgr, _rounded(band), lip, 1.2 * thickness)
    edge = np.vstack([line - 0.3 * half, (line + 0.3 * half)[::-1]])
    return _paint(covered, edge, lip * np.array([0.5, 0.42, 0.6], np.float32), 0.7 * thickness)


def _rounded(corners: Floats) -> Floats:
    """A closed curve through the corners of a polygon (Catmull-Rom)."""
    before, after, far = np.roll(corners, 1, 0), np.roll(corners, -1, 0), np.roll(corners, -2, 0)
    t = np.linspace(0, 1, 8, endpoint=False)[None, :, None]
    a, b, c, d = (p[:, None, :] for p in (before, corners, after, far))
    curve = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    smooth: Floats = curve.reshape(-1, 2)
    return smooth


def _paint(bgr: Bgr, outline: Floats, colour: npt.NDArray[np.float32], softness: float) -> Bgr:
    mask = np.zeros(bgr.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.rint(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    blur = max(3, int(softness) | 1)
    alpha = cv2.GaussianBlur(mask, (blur, blur), 0).astype(np.float32)[:, :, None] / 255
    return np.clip(np.rint(bgr * (1 - alpha) + colour * alpha), 0, 255).astype(np.uint8)
