"""The only decoder: bytes of a stranger's file to an upright BGR image, or a named refusal.

Gate, in this order: byte size, Pillow's `open` with a list of formats, pixel cap, `verify()`, decode upright.
OpenCV never sees the bytes: `cv2.imdecode` dies slowly on crafted PNGs and passes half a JPEG as a good one.
"""

from __future__ import annotations

import hashlib
import os
import struct
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import simplejpeg
from PIL import Image, UnidentifiedImageError

from pipeline.errors import DecodeError, TooLargeError, UnavailableError, UndecodableError, UnsupportedError
from pipeline.records import Bgr, Settings
from pipeline.remote import is_url, read_url
from pipeline.sniff import describe_foreign, looks_like_image

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "PPM", "AVIF", "ICO", "JPEG2000")
MOST_A_SIDE: Final = 65_500
"""Pixels: what OpenCV's JPEG encoder takes; a longer strip could have no unified JPEG."""
_ORIENTATION: Final = 0x0112
# libjpeg's warnings that leave every pixel intact; Pillow then reads the file by itself.
_HARMLESS: Final = ("extraneous bytes", "subsampling", "Adobe", "progression")

Image.init()  # `formats` knows only registered plug-ins; an MPO comes in as JPEG
# Pillow's hard stop lies at twice this; the softer cap is checked below, so its warning says nothing new.
Image.MAX_IMAGE_PIXELS = Settings().max_pixels
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")  # broken EXIF is common and harmless


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """bgr: upright uint8 (height, width, 3). sound_jpeg: the original is itself an intact upright JPEG."""

    bgr: Bgr
    format: str
    sound_jpeg: bool


def read_capped(path: str | Path, max_bytes: int) -> bytes:
    """The bytes of a file or URL. Raises UnavailableError where it cannot be read, TooLargeError above `max_bytes`."""
    if isinstance(path, str) and is_url(path):
        return read_url(path, max_bytes)
    try:
        with open(path, "rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            data = stream.read(max_bytes + 1) if size <= max_bytes else b""
    except OSError as e:
        raise UnavailableError(f"the file cannot be read: {e.strerror or e}") from e
    if size > max_bytes or len(data) > max_bytes:
        raise TooLargeError(f"the file has {size:,} bytes, more than the cap of {max_bytes:,}")
    return data


def load_upright(path: str | Path, settings: Settings) -> tuple[Decoded, str]:
    """Read and decode one file; also the SHA-256 of its bytes, hex. Raises DecodeError's children."""
    data = read_capped(path, settings.max_bytes)
    return decode(data, str(path), settings), hashlib.sha256(data).hexdigest()


def decode(data: bytes, name: str, settings: Settings) -> Decoded:
    """Pass `data` through the gate. name: only its extension counts, to word the refusal.

    Raises UndecodableError, TooLargeError or UnsupportedError.
    """
    if not data:
        raise UndecodableError("the file is empty")
    if len(data) > settings.max_bytes:
        raise TooLargeError(f"the file has {len(data):,} bytes, more than the cap of {settings.max_bytes:,}")
    try:
        return _decode(data, settings)
    except DecodeError:
        raise
    except UnidentifiedImageError as e:
        raise _unidentified(data, name) from e
    except Image.DecompressionBombError as e:
        raise TooLargeError(f"the picture is larger than the cap of {settings.max_pixels:,} pixels") from e
    except MemoryError as e:
        raise TooLargeError("decoding needs more memory than a worker may use") from e
    except Exception as e:  # Pillow's plug-ins raise nearly anything on hostile bytes
        raise UndecodableError(f"the image is damaged: {str(e) or type(e).__name__}") from e


def _decode(data: bytes, settings: Settings) -> Decoded:
    with Image.open(BytesIO(data), formats=FORMATS) as image:
        width, height = image.size
        if width * height > settings.max_pixels:
            raise TooLargeError(
                f"the picture has {width:,} x {height:,} pixels, more than the cap of {settings.max_pixels:,}"
            )
        if max(width, height) > MOST_A_SIDE:
            raise TooLargeError(f"the picture is {width:,} x {height:,} pixels; a side may have {MOST_A_SIDE:,}")
        if image.format in ("JPEG", "MPO") and image.mode in ("L", "RGB"):
            fast = _decode_jpeg(data, image)
            if fast is not None:
                return fast
        image.verify()
    with Image.open(BytesIO(data), formats=FORMATS) as image:
        image.load()  # also turns a TIFF upright, and drops its orientation then
        orientation = _orientation(image)
        kind = image.format or ""
        bgr = cv2.cvtColor(_to_rgb(image), cv2.COLOR_RGB2BGR)
    return Decoded(_upright(np.asarray(bgr, np.uint8), orientation), kind, sound_jpeg=False)


def _decode_jpeg(data: bytes, image: Image.Image) -> Decoded | None:
    """libjpeg-turbo with its warnings as errors; None where only Pillow can read it."""
    try:
        bgr = simplejpeg.decode_jpeg(data, "BGR", strict=True)
    except ValueError as e:
        if any(word in str(e) for word in _HARMLESS):
            return None
        raise UndecodableError(f"the JPEG is damaged: {e}") from e
    orientation = _orientation(image)
    sound = image.format == "JPEG" and orientation == 1
    return Decoded(_upright(bgr, orientation), image.format or "JPEG", sound_jpeg=sound)


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, struct.error):
        return 1  # broken EXIF says nothing about the pixels
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _upright(bgr: Bgr, orientation: int) -> Bgr:
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
    if image.mode.startswith("I") or image.mode == "F":
        return _grey_to_rgb(np.asarray(image).astype(np.float64))
    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        coloured = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), coloured)
    return np.asarray(image.convert("RGB"))


def _grey_to_rgb(grey: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Bgr:
    """16-bit (or float) grey to 8 bits: 65535 is white, 255 or 1 where the values go no higher."""
    top = float(grey.max(initial=0.0))
    white = 65535.0 if top > 255 else 255.0 if top > 1 else 1.0
    scaled = np.clip(np.rint(grey * (255.0 / white)), 0, 255).astype(np.uint8)
    return np.repeat(scaled[:, :, None], 3, axis=2)


def _unidentified(data: bytes, name: str) -> DecodeError:
    foreign = describe_foreign(data)
    if foreign:
        return UnsupportedError(f"this is {foreign}, not a photo that Moue reads")
    if looks_like_image(data, name):
        return UndecodableError("the image is damaged: its header cannot be read")
    return UnsupportedError("not an image that Moue reads")
