"""Smaller copies of a photo."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.core.geometry import Bgr


def shrink(bgr: Bgr, longest: int) -> tuple[Bgr, float]:
    """The image, uint8 (height, width, 3), with a longest side of at most `longest` pixels; never enlarged.

    Also the factor from its pixels to those of `bgr`, 1 or more.
    """
    height, width = bgr.shape[:2]
    if max(height, width) <= longest:
        return bgr, 1.0
    return _resize(halved(bgr, longest), _size(width, height, longest)), max(height, width) / longest


def halved(bgr: Bgr, longest: int) -> Bgr:
    """The image halved while it keeps at least the size of `shrink(bgr, longest)`.

    Made once where several such sizes are wanted: to shrink it is to shrink the image, but for a pixel of rounding.
    """
    width, height = _size(bgr.shape[1], bgr.shape[0], longest)
    # Bilinear at one half is the mean of 2 x 2 pixels: no aliasing, like INTER_AREA, in a fifth of its time.
    while max(bgr.shape[:2]) > longest and min(bgr.shape[1] // 2 - width, bgr.shape[0] // 2 - height) >= 0:
        bgr = _resize(bgr, (bgr.shape[1] // 2, bgr.shape[0] // 2))
    return bgr


def _size(width: int, height: int, longest: int) -> tuple[int, int]:
    factor = max(1.0, max(width, height) / longest)
    return max(1, round(width / factor)), max(1, round(height / factor))


def _resize(bgr: Bgr, size: tuple[int, int]) -> Bgr:
    return np.asarray(cv2.resize(bgr, size, interpolation=cv2.INTER_LINEAR), np.uint8)
