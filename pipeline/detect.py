"""Face detectors by name. Each takes an upright BGR image and reports boxes in its pixels, the largest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import cv2
import numpy as np

from models.loaded import haar_cascade, hog_detector, yunet
from pipeline.errors import UsageError
from pipeline.records import Bgr, BoundingBox, Detection

LONGEST_SIDE: Final = 640
"""Pixels: detectors see the image scaled down to this; faces above about 300 pixels are missed at full size."""
YUNET_SCORE: Final = 0.7
YUNET_NMS: Final = 0.3
YUNET_LEAST_SIDE: Final = 64
"""Pixels: below 33, YuNet's coarsest map is one cell wide and a reused cv2 4.14 net answers with stale numbers."""


@dataclass(frozen=True, slots=True)
class DetectorInfo:
    """A detector as a person chooses it."""

    name: str
    find: Callable[[Bgr], list[Detection]]
    good_at: str
    licence: str


def shrink(bgr: Bgr, longest: int = LONGEST_SIDE) -> tuple[Bgr, float]:
    """The image with a longest side of at most `longest` pixels, and the factor back to the original."""
    height, width = bgr.shape[:2]
    if max(height, width) <= longest:
        return bgr, 1.0
    factor = max(height, width) / longest
    size = (max(1, round(width / factor)), max(1, round(height / factor)))
    # Bilinear at one half is the mean of 2 x 2 pixels: no aliasing, like INTER_AREA, in a fifth of its time.
    while min(bgr.shape[1] // 2 - size[0], bgr.shape[0] // 2 - size[1]) >= 0:
        bgr = _resize(bgr, (bgr.shape[1] // 2, bgr.shape[0] // 2))
    return _resize(bgr, size), factor


def _resize(bgr: Bgr, size: tuple[int, int]) -> Bgr:
    return np.asarray(cv2.resize(bgr, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def find_yunet(bgr: Bgr, score: float = YUNET_SCORE) -> list[Detection]:
    """YuNet (Wu et al., Machine Intelligence Research 2023) with its five points."""
    small, _ = shrink(bgr, yunet_side(max(bgr.shape[:2])))
    height, width = small.shape[:2]
    scale = np.array([bgr.shape[1] / width, bgr.shape[0] / height], np.float32)
    below, beside = max(0, YUNET_LEAST_SIDE - height), max(0, YUNET_LEAST_SIDE - width)
    if below or beside:
        small = np.asarray(cv2.copyMakeBorder(small, 0, below, 0, beside, cv2.BORDER_CONSTANT), np.uint8)
        height, width = small.shape[:2]
    net = yunet(score, YUNET_NMS)
    net.setInputSize((width, height))
    _, rows = net.detect(small)
    found = []
    for row in rows if rows is not None else ():
        corner, size = row[0:2] * scale, row[2:4] * scale
        box = BoundingBox(*map(float, corner), *map(float, corner + size))
        found.append(Detection(box, float(row[14]), (row[4:14].reshape(5, 2) * scale).astype(np.float32)))
    return largest_first(found)


def yunet_side(longest: int) -> int:
    """The longest side that the net sees, pixels: it pads to multiples of 32, which a slightly smaller image saves."""
    return LONGEST_SIDE if longest >= LONGEST_SIDE else longest // 32 * 32 if longest >= 320 else longest


def find_hog(bgr: Bgr) -> list[Detection]:
    """dlib's frontal HOG detector, no upsampling."""
    small, factor = shrink(bgr)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    rects, scores, _ = hog_detector().run(grey, 0, 0.0)
    return largest_first(
        [
            Detection(
                BoundingBox(r.left() * factor, r.top() * factor, (r.right() + 1) * factor, (r.bottom() + 1) * factor),
                float(score),
            )
            for r, score in zip(rects, scores, strict=True)
        ]
    )


def find_haar(bgr: Bgr) -> list[Detection]:
    """OpenCV's Haar cascade on the scaled image; it gives no score."""
    small, factor = shrink(bgr)
    rects = haar_cascade().detectMultiScale(small, 1.1, 5)
    return largest_first([Detection(_box(rect, factor), None) for rect in rects])


def find_course(bgr: Bgr) -> list[Detection]:
    """The course's published recipe: the Haar cascade at (1.3, 5) on the full image, the first box alone."""
    rects = haar_cascade().detectMultiScale(bgr, 1.3, 5)
    return [Detection(_box(rects[0], 1.0), None)] if len(rects) else []


def _box(rect: Sequence[int], factor: float) -> BoundingBox:
    x, y, width, height = (float(v) * factor for v in rect)
    return BoundingBox(x, y, x + width, y + height)


def largest_first(found: list[Detection]) -> list[Detection]:
    """By area, then by place, so that equal sizes have one order."""
    return sorted(found, key=lambda d: (-d.box.area, d.box.x1, d.box.y1))


DETECTORS: Final = {
    info.name: info
    for info in (
        DetectorInfo("yunet", partial(find_yunet), "close-ups, crowds and turned heads; the default", "MIT"),
        DetectorInfo("hog", find_hog, "few false boxes on frontal faces; misses small ones", "Boost (dlib)"),
        DetectorInfo(
            "haar", find_haar, "a comparison with older work; misses half of the close-ups", "Intel (BSD-like)"
        ),
        DetectorInfo("course", find_course, "the published course recipe, pixel for pixel", "Intel (BSD-like)"),
    )
}


def detector(name: str) -> DetectorInfo:
    """Raises UsageError that lists the names."""
    try:
        return DETECTORS[name]
    except KeyError as e:
        raise UsageError(f"no detector is called {name!r}; there are {', '.join(DETECTORS)}") from e
