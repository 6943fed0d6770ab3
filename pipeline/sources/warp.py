"""Warps the mouth of the sample portrait: lip contours are moved and the pixels follow. Only for the sample photos.

Coordinates are those of the mouth: origin between its corners (landmarks 48 and 54), u along them, v down, one unit is
the distance of the corners. A contour is a height v at each of `ACROSS`, from corner to corner. Of the new mouth, u is
divided by its width before that. Columns of pixels are stretched piece by piece between the contours, so that lips can
meet (two contours are one) or part (what shows between them is drawn).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.core.geometry import Bgr, Points

Floats = npt.NDArray[np.float32]
Sample = Callable[[Floats, Floats], Floats]
"""The portrait's pixels, float32 (rows, columns, 3), at u, v."""

ACROSS: Final = np.linspace(-0.5, 0.5, 101)
# Where the portrait's lips lie, measured by eye: landmarks are too coarse to keep teeth out of a closed mouth.
_KNOTS: Final = (-0.5, -0.36, -0.25, -0.13, 0.0, 0.13, 0.25, 0.36, 0.5)
_TOP: Final = np.interp(ACROSS, _KNOTS, (0, -0.012, -0.018, -0.026, -0.022, -0.03, -0.029, -0.022, 0))
_UPPER: Final = np.interp(ACROSS, _KNOTS, (0, 0.022, 0.042, 0.056, 0.062, 0.058, 0.038, 0.016, 0))
_LOWER: Final = np.interp(ACROSS, _KNOTS, (0, 0.142, 0.193, 0.212, 0.215, 0.203, 0.160, 0.088, 0))
_BOTTOM: Final = np.interp(ACROSS, _KNOTS, (0, 0.215, 0.285, 0.330, 0.342, 0.325, 0.270, 0.165, 0))
_OWN: Final = np.array([_TOP, _UPPER, _LOWER, _BOTTOM], np.float32)
# What stays where it is: v of the nose, the chin (but for a dropped jaw), the collar; |u| of the face's side.
_NOSE, _CHIN, _COLLAR, _CHEEK = -0.14, 0.85, 1.45, 0.95
# The folds from the nose around the smiling mouth, as polylines.
_CREASES: Final = (
    ((-0.33, -0.36), (-0.42, -0.24), (-0.52, -0.12), (-0.58, -0.04)),
    ((0.28, -0.40), (0.42, -0.22), (0.54, -0.08), (0.60, 0.03), (0.57, 0.12)),
)
# Blue, green, red.
_RED: Final = np.array([0.74, 0.66, 0.92], np.float32)
_SEAM: Final = np.array([0.62, 0.66, 0.50], np.float32)
_THROAT: Final = np.array([26, 20, 48], np.float32)
_TONGUE: Final = np.array([96, 88, 168], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Mouth:
    """contours: (4, 101) heights of the upper lip's top, its lower edge, the lower lip's upper edge, its bottom.

    width: of the new mouth. jaw: how far the chin drops. redness: of the lips, 0 to 1. relaxed: how far the creases of
    the smile go, 0 to 1. deep: between the lips are upper teeth and a tongue; otherwise the portrait's teeth.
    """

    contours: Floats
    width: float
    jaw: float = 0.0
    redness: float = 0.2
    relaxed: float = 0.0
    deep: bool = False


def smile(amount: float) -> Mouth:
    """The portrait's own smile; `amount`, 0 to 1, lifts the corners and shows more of the teeth."""
    contours = _OWN - 0.05 * amount * (2 * ACROSS) ** 2
    contours[2:] += 0.05 * amount * _arch(2.0, 1.0)
    return Mouth(contours.astype(np.float32), 1.0 + 0.07 * amount, redness=0.1 + 0.3 * amount)


def closed(narrow: float) -> Mouth:
    """Lips together and level, narrower by the share `narrow`: no expression."""
    corner = 0.085
    top = corner - 0.085 * _arch(1.6, 1.0) + _bow(0.016, 0.05) - 0.010 * _peaks(0.12, 0.07)
    seam = corner + 0.018 * _arch(2.0, 1.0)
    bottom = corner + 0.175 * _arch(2.2, 0.9)
    return Mouth(np.array([top, seam, seam, bottom], np.float32), 1 - narrow, redness=0.35, relaxed=0.85)


def pursed(narrow: float) -> Mouth:
    """Lips together, full and pushed forward, narrower by the share `narrow`: a pout."""
    corner = 0.11
    top = corner - 0.145 * _arch(1.9, 0.8) + _bow(0.022, 0.07) - 0.012 * _peaks(0.17, 0.09)
    seam = corner + (0.012 - 0.012 * np.cos(4 * np.pi * ACROSS)) * _arch(2.0, 1.0)
    bottom = corner + 0.225 * _arch(2.4, 0.7)
    return Mouth(np.array([top, seam, seam, bottom], np.float32), 1 - narrow, redness=0.6, relaxed=0.8)


def opened(amount: float) -> Mouth:
    """The jaw drops by `amount`; below the upper teeth it is dark, and the tongue lies at the bottom."""
    corner = 0.08 + 0.42 * amount
    top = corner - (corner + 0.035) * _arch(2.2, 0.75) + _bow(0.014, 0.07)
    upper = corner - (corner - 0.05) * _arch(2.2, 0.62)
    lower = corner + (0.25 + 0.70 * amount - corner) * _arch(2.2, 0.58)
    bottom = corner + (0.40 + 0.72 * amount - corner) * _arch(2.4, 0.62)
    contours = np.array([top, upper, lower, bottom], np.float32)
    return Mouth(contours, 0.90 - 0.20 * amount, jaw=0.55 * amount, redness=0.35, relaxed=0.6, deep=True)


def _arch(power: float, end: float) -> npt.NDArray[np.float64]:
    """1 in the middle, 0 at the corners; `end` below 1 makes it rounder there."""
    arch: npt.NDArray[np.float64] = (1 - np.abs(2 * ACROSS) ** power) ** end
    return arch


def _bow(depth: float, width: float) -> npt.NDArray[np.float64]:
    """The dip in the middle of the upper lip."""
    bow: npt.NDArray[np.float64] = depth * np.exp(-((ACROSS / width) ** 2))
    return bow


def _peaks(offset: float, width: float) -> npt.NDArray[np.float64]:
    """The two peaks beside the dip."""
    peaks: npt.NDArray[np.float64] = np.exp(-(((np.abs(ACROSS) - offset) / width) ** 2))
    return peaks


def render(bgr: Bgr, points: Points, mouth: Mouth) -> Bgr:
    """The portrait `bgr` with that mouth: uint8, the same size; `points` are its 68 landmarks."""
    corners = points[[48, 54]].astype(np.float64)
    middle, along = corners.mean(axis=0), corners[1] - corners[0]
    unit = float(np.linalg.norm(along))
    cos, sin = (along / unit).tolist()
    x1, y1 = np.floor(middle - unit * np.array([1.4, 0.9])).astype(int).tolist()
    x2, y2 = np.ceil(middle + unit * np.array([1.4, 1.65])).astype(int).tolist()
    x, y = (grid.astype(np.float32) for grid in np.meshgrid(np.arange(x1, x2), np.arange(y1, y2)))
    x, y = (x - np.float32(middle[0])) / unit, (y - np.float32(middle[1])) / unit
    u, v = cos * x + sin * y, cos * y - sin * x
    piece = _without_creases(bgr[y1:y2, x1:x2].astype(np.float32), u, v, unit, mouth.relaxed)

    def sample(at_u: Floats, at_v: Floats) -> Floats:
        to_x = (middle[0] + unit * (cos * at_u - sin * at_v) - x1).astype(np.float32)
        to_y = (middle[1] + unit * (sin * at_u + cos * at_v) - y1).astype(np.float32)
        return np.asarray(cv2.remap(piece, to_x, to_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.float32)

    target = _at(mouth.contours, u / mouth.width)
    from_u = _source_u(u, v, mouth)
    source = _at(_OWN, from_u)
    face = _shade_lips(sample(from_u, _source_v(u, v, source, target, mouth, unit)), v, target, mouth)
    hole = _hole(v, target, 1 / unit)
    drawn = _deep(v, from_u, source, target, sample) if mouth.deep else _teeth(v, from_u, source, target, sample)
    out = bgr.copy()
    out[y1:y2, x1:x2] = np.clip(np.rint(face + hole * (drawn - face)), 0, 255).astype(np.uint8)
    return out


def _at(contours: Floats, t: Floats) -> Floats:
    """(4, rows, columns): the contours at each pixel; outside the corners they are one line."""
    return np.stack([np.interp(t, ACROSS, line).astype(np.float32) for line in contours])


def _soft(distance: Floats, width: float) -> Floats:
    """0 below zero, 1 above, with an edge `width` to either side."""
    step = np.clip(0.5 + distance / (2 * width), 0, 1)
    return np.asarray(step * step * (3 - 2 * step), np.float32)


def _hole(v: Floats, target: Floats, pixel: float) -> Floats:
    """(rows, columns, 1): 1 between the lips."""
    hole = _soft(v - target[1], pixel) * _soft(target[2] - v, pixel) * _soft(target[2] - target[1] - 2 * pixel, pixel)
    return np.asarray(cv2.GaussianBlur(hole, (0, 0), 0.9), np.float32)[..., None]


def _source_u(u: Floats, v: Floats, mouth: Mouth) -> Floats:
    """Squeezed between the corners, back to rest towards cheeks, nose and chin."""
    half, size = mouth.width / 2, np.abs(u)
    outside = 0.5 + (size - half) * (_CHEEK - 0.5) / (_CHEEK - half)
    moved = np.where(size < half, size / mouth.width, np.where(size < _CHEEK, outside, size))
    top, bottom = float(mouth.contours[0].min()), float(mouth.contours[3].max())
    near = np.exp(-((np.maximum(0, top - v) / 0.11) ** 2) - (np.maximum(0, v - bottom) / 0.30) ** 2)
    return np.asarray(np.sign(u) * (size + near * (moved - size)), np.float32)


def _source_v(u: Floats, v: Floats, source: Floats, target: Floats, mouth: Mouth, unit: float) -> Floats:
    """Piece by piece: nose to lip, upper lip, lower lip, lip to chin, chin to collar."""
    beside = (_CHEEK - mouth.width / 2) / 2
    target = source + (target - source) * _soft((_CHEEK - beside - np.abs(u)).astype(np.float32), beside)
    chin = _CHIN + mouth.jaw * np.clip(1 - u * u, 0, 1)
    rest = np.ones_like(u)
    above = [(-0.8 * rest, -0.8 * rest), (_NOSE * rest, _NOSE * rest), (target[0], source[0]), (target[1], source[1])]
    below = [(target[2], source[2]), (target[3], source[3]), (chin, _CHIN * rest)]
    below += [(_COLLAR * rest, _COLLAR * rest), (3 * rest, 3 * rest)]
    under = (_piecewise(v, below) - v).astype(np.float32)
    # The steep sides of an open mouth would leave creases in the skin below them.
    calm = np.asarray(cv2.GaussianBlur(under, (0, 0), 0.075 * unit), np.float32)
    under = under + np.clip((v - target[3]) / 0.10, 0, 1) * (calm - under)
    seam = 0.5 * (target[1] + target[2])
    return np.asarray(np.where(v < seam, _piecewise(v, above), v + under), np.float32)


def _piecewise(v: Floats, knots: list[tuple[Floats, Floats]]) -> Floats:
    """The line through the knots (to, from), each a height at every pixel."""
    result = knots[0][1] + (v - knots[0][0])
    for (t0, s0), (t1, s1) in pairwise(knots):
        share = (v - t0) / np.maximum(t1 - t0, 1e-4)
        result = np.where(v >= t0, s0 + np.minimum(share, 1.0) * (s1 - s0), result)
    return np.asarray(result, np.float32)


def _without_creases(piece: Floats, u: Floats, v: Floats, unit: float, strength: float) -> Floats:
    """Fill the creases beside the smile from the skin around them."""
    near = np.full(u.shape, 9.0, np.float32)
    for crease in _CREASES:
        for (u0, v0), (u1, v1) in pairwise(crease):
            du, dv = u1 - u0, v1 - v0
            share = np.clip(((u - u0) * du + (v - v0) * dv) / (du * du + dv * dv), 0, 1)
            near = np.minimum(near, np.hypot(u - u0 - share * du, v - v0 - share * dv))
    away = _soft(near - 0.06, 0.03)
    around = cv2.GaussianBlur(piece * away[..., None], (0, 0), 0.10 * unit)
    weight = np.asarray(cv2.GaussianBlur(away, (0, 0), 0.10 * unit), np.float32)[..., None]
    alpha = np.asarray(cv2.GaussianBlur((1 - away) * strength, (0, 0), 0.02 * unit), np.float32)[..., None]
    return np.asarray(piece + alpha * (around / (weight + 1e-3) - piece), np.float32)


def _shade_lips(face: Floats, v: Floats, target: Floats, mouth: Mouth) -> Floats:
    """Redder lips, a shadow below them, and the dark line where they meet."""
    height = target[3] - target[0]
    thick = np.clip(height / 0.08, 0, 1)
    lips = _soft(v - target[0], 0.02) * _soft(target[3] - v, 0.02) * thick
    shaded = face * (1 + (mouth.redness * lips)[..., None] * (_RED - 1))
    under = np.exp(-(((v - target[3] - 0.045) / 0.035) ** 2)) * thick
    shaded *= 1 - 0.10 * mouth.relaxed * under[..., None]
    shut = np.clip(1 - (target[2] - target[1]) / 0.03, 0, 1) * np.clip(height / 0.03, 0, 1) * (mouth.relaxed > 0)
    seam = np.exp(-(((v - target[1]) / 0.013) ** 2)) * shut
    return np.asarray(shaded * (1 - seam[..., None] * _SEAM), np.float32)


def _teeth(v: Floats, from_u: Floats, source: Floats, target: Floats, sample: Sample) -> Floats:
    """The portrait's own teeth, stretched to the opening."""
    depth = np.clip((v - target[1]) / np.maximum(target[2] - target[1], 1e-4), 0, 1)
    return sample(from_u, source[1] + depth * (source[2] - source[1]))


def _deep(v: Floats, from_u: Floats, source: Floats, target: Floats, sample: Sample) -> Floats:
    """An open mouth: the upper row of the teeth in the lip's shade, the dark, a tongue as a soft mound."""
    own = source[2] - source[1]
    row = 0.70 * own
    share = np.clip((v - target[1]) / np.maximum(row, 1e-3), 0, 1)
    teeth = sample(from_u, source[1] + 0.012 + share * (own - 0.035))
    teeth = teeth * (0.62 + 0.30 * share - 0.9 * from_u**2)[..., None]
    dark = _THROAT * (1.25 - np.abs(from_u))[..., None]
    low, full = target[2] - v, float((target[2] - target[1]).max())
    mound = 0.46 * full * np.sqrt(np.clip(1 - (from_u / 0.36) ** 2, 0, 1))
    groove = 1 - 0.18 * np.exp(-((from_u / 0.03) ** 2))
    tongue = _TONGUE * (groove * (0.50 + 0.35 * np.clip(low / (0.4 * full), 0, 1)))[..., None]
    deep = dark + _soft(mound - low, 0.03)[..., None] * (tongue - dark)
    ragged = row * (1 - 0.10 * np.abs(np.sin(38 * from_u)))
    drawn = deep + _soft(ragged - (v - target[1]), 0.012)[..., None] * (teeth - deep)
    return np.asarray(drawn * (0.55 + 0.45 * np.clip((v - target[1]) / 0.05, 0, 1))[..., None], np.float32)
