"""Whether two photos with near hashes show the same faces: cards of one layout differ in nothing else.

A face is compared twice. First its own pixels, turned upright and to one size by its landmarks: of copies they
correlate by .98, of different people by .36 (2,257 copies of 68 photos, 1,953 pairs of people). Where a copy's
landmarks lie elsewhere, the face of one photo is searched for in the other at its place, a little larger and smaller
(normalised cross-correlation, Lewis 1995). Both look at fine structure alone (a difference of Gaussians): light, skin
and the outline that all faces have in common do not count. See docs/adr for the figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.core.geometry import Bgr

AGREE_ALIGNED: Final = 0.85
AGREE_PLACED: Final = 0.84
"""Least correlations. Of 5,859 pairs of people on cards of one layout none came so far (.81 and .82)."""
_ANOTHER: Final = 0.6
"""Below it no other size is tried: of copies 9 % larger or smaller none came below .75 at the first size; of people on
cards of one layout 19 of 20."""
_FLIPPED: Final = 0.02
LEAST_PIXELS: Final = 14
"""Brows to mouth of the thumbnail: smaller faces say nothing."""
_SIDE: Final = 32
_GROW: Final = 1.1
_SCALES: Final = (1.0, 0.96, 1.04, 0.92, 1.087)
"""The centre view is 8 % larger."""
_SLACK: Final = 0.06
"""Share of a photo's side by which a face may lie elsewhere, after a cut of 5 % at one side."""
_FINE, _COARSE = 1.0, 4.0
_SMALLER: Final = 0.8
_BLURRIER: Final = 1.6
"""From this ratio of fine structure on, the sharper photo is blurred as the other one is."""
_BLURS: Final = (0.7, 1.0, 1.4, 2.0, 2.8, 4.0)

Grey = npt.NDArray[np.float32]
Points = npt.NDArray[np.float64]

_rows, _columns = np.mgrid[:_SIDE, :_SIDE] - (_SIDE - 1) / 2
_WINDOW: Final = np.exp(-((_columns / (0.38 * _SIDE)) ** 2) - (_rows / (0.45 * _SIDE)) ** 2).astype(np.float32)
_WEIGHTS: Final = _WINDOW / _WINDOW.sum()
_PLACES: Final = np.array([[0.3, 0.38], [0.7, 0.38], [0.5, 0.78]]) * _SIDE
"""Where eyes and mouth come to lie."""


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """The fine structure of a face, to be searched for in another photo. middle, half: pixels of its thumbnail.

    scale: by which the thumbnail was multiplied.
    """

    fine: Grey
    middle: Points
    half: Points
    scale: float


@dataclass(frozen=True)
class FaceView:
    """The faces of one photo. grey: float32 of its thumbnail. points: of each face (68, 2), pixels of the thumbnail."""

    grey: Grey
    points: tuple[Points, ...]

    @classmethod
    def of(cls, thumbnail: Bgr, landmarks: Sequence[npt.NDArray[np.float32]], width: int) -> FaceView:
        """landmarks: each (68, 2), pixels of the upright original of this width. Too small faces are left out."""
        grey = cv2.cvtColor(thumbnail, cv2.COLOR_BGR2GRAY).astype(np.float32)
        scaled = [np.asarray(one, np.float64) * (thumbnail.shape[1] / width) for one in landmarks]
        return cls(grey, tuple(one for one in scaled if _inner(one, 1.0)[1].max() * 2 >= LEAST_PIXELS))

    @cached_property
    def aligned(self) -> npt.NDArray[np.float32]:
        """(faces, 1024): unit vectors whose product is the weighted correlation."""
        return np.array([_aligned(self.grey, one) for one in self.points], np.float32).reshape(-1, _SIDE * _SIDE)

    @cached_property
    def templates(self) -> tuple[Template, ...]:
        """Of each face: made once, however many photos it is searched for in."""
        return tuple(_template(self.grey, one) for one in self.points)

    @cached_property
    def sharpness(self) -> float:
        """Fine structure, as a share of all structure: light and contrast change it little."""
        return float(cv2.Laplacian(self.grey, cv2.CV_32F).var() / max(1.0, float(self.grey.var())))

    def as_small_as(self, other: FaceView) -> FaceView:
        """Shrunk where the other's thumbnail is much smaller: it has no finer structure to compare."""
        height, width = self.grey.shape
        share = max(other.grey.shape) / max(height, width)
        if share > _SMALLER:
            return self
        size = max(1, round(width * share)), max(1, round(height * share))
        small = np.asarray(cv2.resize(self.grey, size, interpolation=cv2.INTER_AREA), np.float32)
        return FaceView(small, tuple(one * share for one in self.points))

    def mirrored(self) -> FaceView:
        """Left and right exchanged; the points stay those of the eyes and mouth that they name."""
        width = self.grey.shape[1]
        flip = np.array([-1.0, 1.0])
        return FaceView(
            np.ascontiguousarray(self.grey[:, ::-1]), tuple(one * flip + (width - 1, 0.0) for one in self.points)
        )


def faces_agree(one: FaceView, other: FaceView, *, mirrored: bool = False) -> bool:
    """Whether each face of either photo is in the other, where it is to be. True where neither has a face."""
    if mirrored:
        other = other.mirrored()
    if not one.points and not other.points:
        return True
    one, other = one.as_small_as(other), other.as_small_as(one)
    found = one.aligned @ other.aligned.T
    as_sharp = max(one.sharpness, other.sharpness) <= _BLURRIER * min(one.sharpness, other.sharpness)
    placed = np.array([[_at_one_place(a, one, b, other) for b in other.points] for a in one.points], bool)
    placed = placed.reshape(found.shape)
    flipped = one.aligned @ other.aligned.reshape(-1, _SIDE, _SIDE)[:, :, ::-1].reshape(-1, _SIDE * _SIDE).T
    if (placed & (flipped >= AGREE_ALIGNED) & (flipped > found + _FLIPPED)).any():
        return False  # a face that was mirrored where its photo was not
    good = placed & (found >= AGREE_ALIGNED)
    todo = [(one, other, n) for n in np.flatnonzero(~good.any(1)).tolist()]
    todo += [(other, one, n) for n in np.flatnonzero(~good.any(0)).tolist()]
    if not as_sharp and todo:
        soft = _as_soft(one, other)
        todo = [(soft[a is not one], soft[b is not one], n) for a, b, n in todo]
    return all(_is_placed(a, n, b) for a, b, n in todo)


def _inner(points: Points, grow: float) -> tuple[Points, Points]:
    """Middle and half the sides of brows, eyes, nose and mouth: what lies around them is of the layout."""
    low, high = points[17:68].min(0), points[17:68].max(0)
    return (low + high) / 2, (high - low) / 2 * grow


def _at_one_place(points: Points, one: FaceView, others: Points, other: FaceView) -> bool:
    size, other_size = (np.array(view.grey.shape[::-1], float) for view in (one, other))
    (middle, half), (other_middle, other_half) = _inner(points, 1.0), _inner(others, 1.0)
    room = np.maximum(half / size, other_half / other_size) * 0.5 + _SLACK
    return bool((np.abs(middle / size - other_middle / other_size) <= room).all())


def _aligned(grey: Grey, points: Points) -> Grey:
    """The similarity that brings eyes and mouth to their places, in the sense of least squares."""
    source = np.array([points[36:42].mean(0), points[42:48].mean(0), points[[48, 54]].mean(0)])
    if source[0, 0] > source[1, 0]:  # of a mirrored photo
        source = source[[1, 0, 2]]
    a, b = ((p - p.mean(0)) @ (1, 1j) for p in (source, _PLACES))
    turn = (np.conj(a) * b).sum() / max(1e-9, float((np.abs(a) ** 2).sum()))
    matrix = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    shift = _PLACES.mean(0) - matrix @ source.mean(0)
    halvings = max(0, int(np.floor(-np.log2(max(1e-3, abs(turn))))))
    for _ in range(halvings):
        grey = _halved(grey)
    small = cv2.warpAffine(
        grey, np.column_stack([matrix * 2**halvings, shift]), (_SIDE, _SIDE), borderMode=cv2.BORDER_REPLICATE
    )
    fine = _fine(np.asarray(small, np.float32))
    vector = ((fine - (fine * _WEIGHTS).sum()) * np.sqrt(_WEIGHTS)).ravel()
    return np.asarray(vector / max(1e-6, float(np.linalg.norm(vector))), np.float32)


def _halved(grey: Grey) -> Grey:
    height, width = grey.shape
    half = cv2.resize(grey, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA)
    return np.asarray(half, np.float32)


def _fine(grey: Grey) -> Grey:
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), _FINE) - cv2.GaussianBlur(grey, (0, 0), _COARSE), np.float32)


def _is_placed(one: FaceView, face: int, other: FaceView) -> bool:
    """Whether a face of `one` is found in `other` at its place, in one of a few sizes."""
    template = one.templates[face]
    if min(template.fine.shape) < 4:
        return True
    size, target = (np.array(view.grey.shape[::-1], float) for view in (one, other))
    room = template.half / size + _SLACK
    for factor in _SCALES:
        x, y = size * template.scale * factor / target
        window = _cut(other.grey, template.middle / size * target, room * target, x, y)
        rows, columns = (min(n) for n in zip(template.fine.shape, window.shape, strict=True))
        top, left = (template.fine.shape[0] - rows) // 2, (template.fine.shape[1] - columns) // 2
        part = np.ascontiguousarray(template.fine[top : top + rows, left : left + columns])
        found = cv2.matchTemplate(window, part, cv2.TM_CCOEFF_NORMED).max()
        if found >= AGREE_PLACED:
            return True
        if found < _ANOTHER:
            return False
    return False


def _template(grey: Grey, points: Points) -> Template:
    middle, half = _inner(points, _GROW)
    scale = min(1.0, _SIDE / (2 * float(half.max())))
    return Template(_cut(grey, middle, half, scale, scale), middle, half, scale)


def _cut(grey: Grey, middle: Points, half: Points, x: float, y: float) -> Grey:
    """The fine structure of a part of a photo, scaled by x and y."""
    reach = np.ceil(3 * _COARSE / np.array([x, y]))  # so far the filter sees
    height, width = grey.shape
    x1, y1 = (int(n) for n in np.maximum(0, np.floor(middle - half)))
    x2, y2 = (int(n) for n in np.minimum((width, height), np.ceil(middle + half)))
    left, top = max(0, x1 - int(reach[0])), max(0, y1 - int(reach[1]))
    around = grey[top : y2 + int(reach[1]), left : x2 + int(reach[0])]
    if x2 - x1 < 2 or y2 - y1 < 2:
        return np.zeros((0, 0), np.float32)
    columns, rows = max(1, round(around.shape[1] * x)), max(1, round(around.shape[0] * y))
    fine = _fine(np.asarray(cv2.resize(around, (columns, rows), interpolation=cv2.INTER_AREA), np.float32))
    u1, u2, v1, v2 = (round(n) for n in ((x1 - left) * x, (x2 - left) * x, (y1 - top) * y, (y2 - top) * y))
    return np.ascontiguousarray(fine[v1 : max(v2, v1 + 1), u1 : max(u2, u1 + 1)])


def _as_soft(one: FaceView, other: FaceView) -> tuple[FaceView, FaceView]:
    """Both, the sharper one blurred until its fine structure is that of the other."""
    sharp, soft = (one, other) if one.sharpness > other.sharpness else (other, one)
    blurred = sharp
    for sigma in _BLURS:
        blurred = replace(sharp, grey=np.asarray(cv2.GaussianBlur(sharp.grey, (0, 0), sigma), np.float32))
        if blurred.sharpness <= soft.sharpness:
            break
    return (blurred, other) if sharp is one else (one, blurred)
