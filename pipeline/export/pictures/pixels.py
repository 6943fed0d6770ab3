"""Pixels and bytes of a picture of a release."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.core.border import Border
from pipeline.core.geometry import Bgr, CropBox
from pipeline.export.pictures.options import PictureOptions
from pipeline.export.pictures.shown import Shown
from pipeline.faces.crop import cut
from pipeline.pixels.encode import encode_jpeg, encode_png


def from_photo(photo: Bgr, shown: Shown, border: Border, options: PictureOptions) -> bytes:
    """photo: upright, uint8 (height, width, 3)."""
    crop = shown.crop
    height, width = photo.shape[:2]
    is_whole = (crop.x, crop.y, crop.width, crop.height, crop.angle) == (0, 0, width, height, 0)
    return from_cut(photo if is_whole else cut(photo, crop, border), shown, options)


def from_cut(bgr: Bgr, shown: Shown, options: PictureOptions) -> bytes:
    """bgr: what `shown.crop` shows. Area mean where it shrinks, Lanczos where it grows, as `crop.resized_png`."""
    height, width = bgr.shape[:2]
    side = max(height, width)
    if shown.squares and height != width:
        bgr = cut(bgr, CropBox((width - side) // 2, (height - side) // 2, side, side), "push")
    if shown.squares or bgr.shape[:2] != (shown.height, shown.width):
        method = cv2.INTER_AREA if side >= max(shown.width, shown.height) else cv2.INTER_LANCZOS4
        bgr = np.asarray(cv2.resize(bgr, (shown.width, shown.height), interpolation=method), np.uint8)
    if options.grey:
        bgr = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), np.uint8)
    return encode_jpeg(bgr, options.jpeg_quality) if options.encoding == "jpeg" else encode_png(bgr)
