"""From an opened Pillow image to upright 8-bit BGR: what the decode gate does once it has let a picture in."""

from __future__ import annotations

import struct
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageChops

from pipeline.core.errors import UnsupportedError
from pipeline.core.geometry import Bgr, Rgb
from pipeline.core.messages import message
from pipeline.pixels.formats.tiff_layout import ORIENTATION
from pipeline.pixels.formats.tiff_samples import white_of_floats

_ALPHA_IS_OFTEN_UNUSED: Final = ("TGA", "BMP", "DIB", "TIFF")
_HALF: Final = 127.5
_BY_PIXEL: Final = (
    "1", "I", "I;16", "I;16B", "I;16L", "L", "P", "RGB", "RGBA", "LA", "PA", "La", "RGBa", "YCbCr", "RGBX", "HSV",
)  # fmt: skip
_BAND_PIXELS: Final = 1_000_000
_OF_16_BITS: Final = np.rint(np.arange(65536) * (255.0 / 65535.0)).astype(np.uint8)
_ALPHA: Final = ("RGBA", "LA", "PA", "La", "RGBa")


def upright_bgr(image: Image.Image) -> Bgr:
    """Decode the frame that `image` stands at.

    Returns uint8 (height, width, 3), its orientation applied. Raises UnsupportedError for Lab colours, and what
    Pillow raises on damage.
    """
    key = _scaled_key(image)
    image.load()  # also turns a TIFF upright, and drops its orientation then; HEIC comes upright and says so
    orientation = orientation_of(image)
    return undo_orientation(_to_bgr(image, key), orientation)


def _to_bgr(image: Image.Image, key: int | None) -> Bgr:
    """In bands of rows where each pixel is converted by itself: Pillow's copies of a whole photo take three times its
    own memory."""
    rows = max(1, _BAND_PIXELS // max(1, image.width))
    solid = _is_alpha_unused(image)
    if rows >= image.height or image.mode not in _BY_PIXEL:
        return np.asarray(cv2.cvtColor(_to_rgb(image, key, solid), cv2.COLOR_RGB2BGR), np.uint8)
    bgr = np.empty((image.height, image.width, 3), np.uint8)
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(image.height, top + rows)))
        cv2.cvtColor(_to_rgb(band, key, solid), cv2.COLOR_RGB2BGR, dst=bgr[top : top + rows])
    return bgr


def _is_alpha_unused(image: Image.Image) -> bool:
    """Whether the fourth byte is zero everywhere: often nobody wrote it, and it is not a picture of nothing."""
    if image.format not in _ALPHA_IS_OFTEN_UNUSED or image.mode not in _ALPHA:
        return False
    return image.getchannel(image.getbands()[-1]).getextrema() == (0, 0)


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


def _scaled_key(image: Image.Image) -> int | None:
    """The grey that a PNG's tRNS makes transparent, as Pillow will scale its 2 or 4 bits; None for others.

    Pillow scales the pixels and not the key. To be asked before the pixels are loaded, which forgets the depth.
    """
    key = image.info.get("transparency")
    if image.format != "PNG" or image.mode != "L" or not isinstance(key, int):
        return None
    tiles = getattr(image, "tile", None)
    bits = {"L;2": 2, "L;4": 4}.get(str(tiles[0].args), 8) if tiles else 8
    return key * 255 // ((1 << bits) - 1)


def _to_rgb(image: Image.Image, key: int | None, solid: bool) -> Rgb:
    """8-bit RGB of any Pillow mode: 16 bits scaled, alpha over white, CMYK and palettes converted.

    key: the grey level that is transparent, where `image.info` does not tell it. solid: what it has of alpha is none.
    """
    if image.mode == "LAB":
        raise UnsupportedError(message("lab_colours"))
    if image.mode.startswith("I"):
        grey = np.asarray(image)  # PNG, PGM, JPEG 2000; not TIFF
        rgb = np.repeat(_OF_16_BITS[np.clip(grey, 0, 65535)][:, :, None], 3, axis=2)
        transparent = image.info.get("transparency")
        if isinstance(transparent, int):
            rgb[grey == transparent] = 255
        return rgb
    if image.mode == "F":
        grey = np.asarray(image).astype(np.float64)
        return _grey_to_rgb(grey, white_of_floats(float(np.nan_to_num(grey).max(initial=0.0))))
    if image.mode == "CMYK" and image.format == "JPEG" and "adobe" not in image.info:
        image = _inks_as_written(image)
    if key is not None:
        image.info["transparency"] = key
    if "transparency" in image.info or image.mode in _ALPHA:
        coloured = image.convert("RGBA")
        if solid:
            coloured.putalpha(255)
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), coloured)
    return np.asarray(image.convert("RGB"))


def _inks_as_written(image: Image.Image) -> Image.Image:
    """A CMYK JPEG without Adobe's mark, which Pillow takes for inverted as Adobe's are: some are, some are not.

    Black is the ink of shadows: a whole photo has little of it. More than half says that it was read inverted.
    """
    return ImageChops.invert(image) if np.asarray(image.getchannel("K")).mean() > _HALF else image


def _grey_to_rgb(grey: np.ndarray[tuple[int, ...], np.dtype[np.float64]], white: float) -> Rgb:
    scaled = np.clip(np.rint(np.nan_to_num(grey) * (255.0 / white)), 0, 255).astype(np.uint8)
    return np.repeat(scaled[:, :, None], 3, axis=2)
