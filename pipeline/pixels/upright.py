"""From an opened Pillow image to upright 8-bit BGR: what the decode gate does once it has let a picture in."""

from __future__ import annotations

import struct
from typing import Final

import cv2
import numpy as np
from PIL import Image

from pipeline.core.errors import UnsupportedError
from pipeline.core.geometry import Bgr
from pipeline.core.messages import message
from pipeline.pixels.formats.tiff_samples import white_of_floats

ORIENTATION: Final = 0x0112
_ALPHA_IS_OFTEN_UNUSED: Final = ("TGA", "BMP", "DIB", "TIFF")
_ALPHA: Final = ("RGBA", "LA", "PA", "La", "RGBa")


def upright_bgr(image: Image.Image) -> Bgr:
    """Decode the frame that `image` stands at.

    Returns uint8 (height, width, 3), its orientation applied. Raises UnsupportedError for Lab colours, and what
    Pillow raises on damage.
    """
    image.load()  # also turns a TIFF upright, and drops its orientation then; HEIC comes upright and says so
    orientation = orientation_of(image)
    bgr = cv2.cvtColor(_to_rgb(image), cv2.COLOR_RGB2BGR)
    return undo_orientation(np.asarray(bgr, np.uint8), orientation)


def orientation_of(image: Image.Image) -> int:
    """The EXIF (or XMP) orientation, 1 to 8; 1 where there is none that makes sense."""
    try:
        value = image.getexif().get(ORIENTATION, 1)
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, struct.error):
        return 1  # broken EXIF says nothing about the pixels
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def undo_orientation(bgr: Bgr, orientation: int) -> Bgr:
    """Undo an EXIF orientation (Exif 2.32, tag 274)."""
    if orientation == 1:
        return bgr
    if orientation in (5, 6, 7, 8):
        bgr = bgr.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        bgr = bgr[:, ::-1]
    if orientation in (3, 4, 7, 8):
        bgr = bgr[::-1]
    return np.ascontiguousarray(bgr)


def _to_rgb(image: Image.Image) -> Bgr:
    """8-bit RGB of any Pillow mode: 16 bits scaled, alpha over white, CMYK and palettes converted."""
    if image.mode == "LAB":
        raise UnsupportedError(message("lab_colours"))
    if image.mode.startswith("I"):
        return _grey_to_rgb(np.asarray(image).astype(np.float64), 65535.0)  # PNG, PGM, JPEG 2000; not TIFF
    if image.mode == "F":
        grey = np.asarray(image).astype(np.float64)
        return _grey_to_rgb(grey, white_of_floats(float(np.nan_to_num(grey).max(initial=0.0))))
    if "transparency" in image.info or image.mode in _ALPHA:
        coloured = image.convert("RGBA")
        if image.format in _ALPHA_IS_OFTEN_UNUSED and coloured.getchannel("A").getextrema() == (0, 0):
            coloured.putalpha(255)  # the fourth byte is often unused and zero, not a picture of nothing
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), coloured)
    return np.asarray(image.convert("RGB"))


def _grey_to_rgb(grey: np.ndarray[tuple[int, ...], np.dtype[np.float64]], white: float) -> Bgr:
    scaled = np.clip(np.rint(np.nan_to_num(grey) * (255.0 / white)), 0, 255).astype(np.uint8)
    return np.repeat(scaled[:, :, None], 3, axis=2)
