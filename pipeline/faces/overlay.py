"""Draws what was detected on a photo: box, 68 landmarks (the mouth accented) and the outline of the crop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.core.geometry import Bgr
from pipeline.core.records import Face
from pipeline.faces.landmarks import MOUTH
from pipeline.pixels.shrink import shrink

Colour = tuple[int, int, int]
Corners = npt.NDArray[np.float64]

# Okabe and Ito 2008, BGR: the colour-blind can distinguish them, and each carries a dark halo on light photos.
BOX: Final[Colour] = (233, 180, 86)
CROP: Final[Colour] = (0, 159, 230)
POINT: Final[Colour] = (255, 255, 255)
MOUTH_POINT: Final[Colour] = (66, 228, 240)
HALO: Final[Colour] = (24, 24, 24)
FADED: Final = 0.45
"""How strongly the faces beside the emphasised one are drawn."""
_SHIFT: Final = 4  # cv2 takes fixed-point coordinates with this many fractional bits


def draw_overlay(bgr: Bgr, faces: Sequence[Face], emphasised: str | None, longest: int) -> Bgr:
    """A new uint8 image with a longest side of at most `longest` pixels and every face drawn on it.

    bgr and the faces: upright original pixels. emphasised: the face id that stays strong while the others fade; None
    draws all alike.
    """
    small, _ = shrink(bgr, longest)
    canvas = small.copy()
    scale = np.array([small.shape[1] / bgr.shape[1], small.shape[0] / bgr.shape[0]])
    known = emphasised is not None and any(face.face_id == emphasised for face in faces)
    behind = [face for face in faces if known and face.face_id != emphasised]
    if behind:
        drawn = canvas.copy()
        for face in behind:
            _draw_face(drawn, face, scale)
        canvas = np.asarray(cv2.addWeighted(drawn, FADED, canvas, 1 - FADED, 0), np.uint8)
    for face in faces:
        if not known or face.face_id == emphasised:
            _draw_face(canvas, face, scale)
    return canvas


def line_width(height: int, width: int) -> int:
    """Pixels: 1 up to 600 on the longest side, 3 at 1600."""
    return max(1, round(max(height, width) / 550))


def point_radius(face: Face, scale: Corners, line: int) -> float:
    """Pixels of the output: follows the face, so that the points of a small one do not cover it."""
    side = max(face.box.width * float(scale[0]), face.box.height * float(scale[1]))
    return float(np.clip(side / 110, 0.55, 2.0 * line))


def _draw_face(canvas: Bgr, face: Face, scale: Corners) -> None:
    line = line_width(*canvas.shape[:2])
    box, crop = face.box, face.crop
    _rectangle(canvas, _corners(box.x1, box.y1, box.x2, box.y2, scale), BOX, line, dashed=False)
    x2, y2 = crop.x + crop.width, crop.y + crop.height
    _rectangle(canvas, _corners(crop.x, crop.y, x2, y2, scale), CROP, line, dashed=True)
    # landmarks name pixels, whose centres lie half a pixel in
    points = (face.landmarks.astype(float) + 0.5) * scale - 0.5
    radius = point_radius(face, scale, line)
    mouth = np.arange(len(points)) >= MOUTH.start
    for chosen, grow, colour in ((~mouth, 1.0, POINT), (mouth, 1.25, MOUTH_POINT)):
        for point in points[chosen]:
            _dot(canvas, point, radius * grow + min(0.6 * radius, 0.5 * line + 0.4), HALO)
        for point in points[chosen]:
            _dot(canvas, point, radius * grow, colour)


def _corners(x1: float, y1: float, x2: float, y2: float, scale: Corners) -> Corners:
    """(4, 2) corners on the canvas; edges lie between pixels, so half a pixel comes off."""
    return np.array([(x1, y1), (x2, y1), (x2, y2), (x1, y2)]) * scale - 0.5


def _rectangle(canvas: Bgr, corners: Corners, colour: Colour, line: int, *, dashed: bool) -> None:
    """The halo goes under the whole outline, so that the gaps between dashes show it as well."""
    edges = [(corners[i], corners[(i + 1) % 4]) for i in range(4)]
    for start, end in edges:
        _line(canvas, start, end, HALO, line + 2)
    for start, end in edges:
        for a, b in _dashes(start, end, 5.0 * line) if dashed else [(start, end)]:
            _line(canvas, a, b, colour, line)


def _dashes(start: Corners, end: Corners, step: float) -> list[tuple[Corners, Corners]]:
    """An odd number of equal parts, each second one drawn: every corner has a dash."""
    pieces = max(1, round(float(np.linalg.norm(end - start)) / step))
    pieces += 1 - pieces % 2
    at = [start + (end - start) * i / pieces for i in range(pieces + 1)]
    return [(at[i], at[i + 1]) for i in range(0, pieces, 2)]


def _fixed(point: Corners) -> tuple[int, int]:
    x, y = (round(float(v) * (1 << _SHIFT)) for v in point)
    return x, y


def _line(canvas: Bgr, start: Corners, end: Corners, colour: Colour, width: int) -> None:
    cv2.line(canvas, _fixed(start), _fixed(end), colour, width, cv2.LINE_AA, _SHIFT)


def _dot(canvas: Bgr, centre: Corners, radius: float, colour: Colour) -> None:
    cv2.circle(canvas, _fixed(centre), round(radius * (1 << _SHIFT)), colour, cv2.FILLED, cv2.LINE_AA, _SHIFT)
