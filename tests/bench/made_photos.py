"""Photos made of close-ups: faces that fill them, many small ones in a large one, turned ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import cv2
import numpy as np

from pipeline.core.geometry import Bgr, BoundingBox
from pipeline.core.records import Face, Settings
from pipeline.faces.detect import find_faces
from pipeline.run.process_image import make_faces

_SMALL: Final = 160
_NEAR: Final = 0.15
"""Crop sides by which a mouth may lie elsewhere in the turned photo."""


def tight(bgr: Bgr, box: BoundingBox, share: float, side: int) -> Bgr:
    """`share` of the face's box, its longest side `side` pixels."""
    x, y = (box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2
    left, right = (max(0, round(x + sign * share * box.width / 2)) for sign in (-1, 1))
    top, bottom = (max(0, round(y + sign * share * box.height / 2)) for sign in (-1, 1))
    part = bgr[top:bottom, left:right]
    factor = side / max(part.shape[:2])
    method = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(part, None, fx=factor, fy=factor, interpolation=method), np.uint8)


def wide(photos: Sequence[Bgr], width: int, height: int, number: int) -> tuple[Bgr, list[BoundingBox]]:
    """A grid of `number` of the photos, 160 pixels each, on a plain ground; also where they are."""
    montage = np.full((height, width, 3), (120, 130, 110), np.uint8)
    columns = max(1, round((number * width / height) ** 0.5))
    while -(-number // columns) * _SMALL > height:
        columns += 1
    rows = -(-number // columns)
    places = []
    for n in range(number):
        x, y = (n % columns) * (width // columns), (n // columns) * (height // rows)
        montage[y : y + _SMALL, x : x + _SMALL] = cv2.resize(
            photos[n % len(photos)], (_SMALL, _SMALL), interpolation=cv2.INTER_AREA
        )
        places.append(BoundingBox(x, y, x + _SMALL, y + _SMALL))
    return montage, places


def turned_mouth(bgr: Bgr, degrees: int, settings: Settings) -> Literal["right", "wrong", "none"]:
    """Whether the photo turned clockwise gives one face, whose mouth is that of the upright photo."""
    upright = _faces(bgr, settings)
    found = _faces(np.ascontiguousarray(np.rot90(bgr, -degrees // 90)), settings)
    if not upright or not found:
        return "none"
    points, height, width = upright[0].landmarks[48:].astype(float) + 0.5, *bgr.shape[:2]
    for _ in range(degrees // 90):
        points = np.stack([height - points[:, 1], points[:, 0]], axis=1)
        height, width = width, height
    away = float(np.linalg.norm(points - 0.5 - found[0].landmarks[48:], axis=1).mean())
    return "right" if len(found) == 1 and away < _NEAR * upright[0].crop.width else "wrong"


def _faces(bgr: Bgr, settings: Settings) -> tuple[Face, ...]:
    return make_faces(bgr, "0" * 64, find_faces(bgr, settings), settings)
