"""The detectors but YuNet: dlib's HOG and MMOD, OpenCV's Haar cascade, and the course's recipe.

Each takes an upright BGR image, uint8 (height, width, 3), and returns boxes in its pixels, the largest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from models.loaded import haar_cascade, hog_detector, mmod_detector
from pipeline.core.geometry import Bgr, BoundingBox
from pipeline.core.records import Detection
from pipeline.faces.detectors.defaults import LONGEST_SIDE
from pipeline.pixels.shrink import shrink

_MMOD_LEAST_SIDE: Final = 80
"""Pixels: smaller images are padded to it; its window is as large."""
_MMOD_MOST_SIDE: Final = 1280
"""Pixels: a square of it takes 1.7 GB, twice the side 6.5 GB, more than a worker may have."""


def find_hog(bgr: Bgr, upsample: float = 0, threshold: float = 0.0) -> list[Detection]:
    """dlib's frontal HOG detector. upsample: doublings of the shrunken image. threshold: least score."""
    small, factor = shrink(bgr, LONGEST_SIDE)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    rects, scores, _ = hog_detector().run(grey, int(upsample), threshold)
    return largest_first(
        [
            Detection(
                BoundingBox(r.left() * factor, r.top() * factor, (r.right() + 1) * factor, (r.bottom() + 1) * factor),
                float(score),
            )
            for r, score in zip(rects, scores, strict=True)
        ]
    )


def find_mmod(bgr: Bgr, threshold: float = 0.0, side: float = LONGEST_SIDE, upsample: float = 0) -> list[Detection]:
    """dlib's CNN (King, Max-Margin Object Detection, 2015). side: longest side it sees; upsample 1: doubled before."""
    small, factor = shrink(bgr, min(int(side), _MMOD_MOST_SIDE >> int(upsample)))
    below, beside = (max(0, _MMOD_LEAST_SIDE - length) for length in small.shape[:2])
    if below or beside:
        small = np.asarray(cv2.copyMakeBorder(small, 0, below, 0, beside, cv2.BORDER_CONSTANT), np.uint8)
    rgb = cv2.cvtColor(small, cv2.COLOR_BGR2RGB)
    found = []
    for hit in mmod_detector()(rgb, int(upsample)):
        r, score = hit.rect, float(hit.confidence)
        if score >= threshold:
            corners = (r.left() * factor, r.top() * factor, (r.right() + 1) * factor, (r.bottom() + 1) * factor)
            found.append(Detection(BoundingBox(*corners), score))
    return largest_first(found)


def find_haar(bgr: Bgr, scale: float = 1.1, neighbours: float = 5) -> list[Detection]:
    """OpenCV's Haar cascade on the scaled image; it gives no score."""
    small, factor = shrink(bgr, LONGEST_SIDE)
    rects = haar_cascade().detectMultiScale(small, scale, int(neighbours))
    return largest_first([Detection(_box(rect, factor), None) for rect in rects])


def find_course(bgr: Bgr) -> list[Detection]:
    """The course's published recipe: the Haar cascade at (1.3, 5) on the full image, the first box alone."""
    rects = haar_cascade().detectMultiScale(bgr, 1.3, 5)
    return [Detection(_box(rects[0], 1.0), None)] if len(rects) else []


def _box(rect: Sequence[int], factor: float) -> BoundingBox:
    x, y, width, height = (float(v) * factor for v in rect)
    return BoundingBox(x, y, x + width, y + height)


def largest_first(found: list[Detection]) -> list[Detection]:
    """By area, then by position, so that equal sizes have one order."""
    return sorted(found, key=lambda d: (-d.box.area, d.box.x1, d.box.y1))
