"""The only decoder: bytes of an untrusted file to an upright BGR image, or a named refusal.

Gate, in this order: byte size, Pillow's `open` with a list of formats, pixel cap, `verify()`, decode upright.
OpenCV never sees the bytes: `cv2.imdecode` dies slowly on crafted PNGs and passes half a JPEG as a good one.
SVG, EPS, FITS and PDF are programs or tables, not photos: no plug-in for them is ever tried.
"""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path, PurePath
from typing import Final

import simplejpeg
from PIL import Image, UnidentifiedImageError

from pipeline.core.errors import DecodeError, TooLargeError, UnavailableError, UndecodableError, UnsupportedError
from pipeline.core.geometry import Bgr
from pipeline.core.messages import damage, message
from pipeline.core.records import Settings
from pipeline.core.system.regular import open_regular
from pipeline.files.remote import is_url, read_url
from pipeline.pixels.first_picture import first_shown
from pipeline.pixels.formats.cut_ends import jpeg2000_with_end, jpeg_with_end, lacks_end, webp_with_end
from pipeline.pixels.formats.extraneous import is_padding
from pipeline.pixels.formats.fewest_bytes import can_hold
from pipeline.pixels.formats.jpeg_frame import (
    frame_marker,
    is_shown_by_browsers,
    refuse_many_scans,
    refuse_many_segments,
    unread_kind,
)
from pipeline.pixels.formats.leading import without_leading
from pipeline.pixels.formats.png_chunks import SIGNATURE, pixels_only
from pipeline.pixels.formats.tiff import is_raw, is_tiff, open_tiff, seek_first_picture
from pipeline.pixels.heif import as_reader_takes, reader_of, use_heif
from pipeline.pixels.sniff import JPEG_2000, TGA_SUFFIXES, describe_foreign, looks_like_image
from pipeline.pixels.upright import orientation_of, undo_orientation

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "PPM", "AVIF", "ICO", "JPEG2000", "PSD")
"""What Pillow may try on any bytes. HEIF is added where its brand is found, TGA where the name says so."""
MOST_A_SIDE: Final = 65_500
"""Pixels: what OpenCV's JPEG encoder takes; a longer strip could have no unified JPEG."""
# libjpeg's warnings that leave every pixel intact; Pillow then reads the file by itself.
_HARMLESS: Final = ("subsampling", "Adobe", "progression", "JFIF revision")

Image.init()  # `formats` knows only registered plug-ins; an MPO comes in as JPEG
# Pillow's hard stop lies at twice this; the softer cap is checked below, so its warning says nothing new.
Image.MAX_IMAGE_PIXELS = Settings().max_pixels
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")  # broken EXIF is common and harmless


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """bgr: upright uint8 (height, width, 3). intact_jpeg: the original is itself an intact upright JPEG.

    end_cut_off: the file lacks its end, all pixels being there. frame: of an animation, which one this is, from 1.
    has_more: the file holds other pictures, too.
    """

    bgr: Bgr
    format: str
    intact_jpeg: bool
    end_cut_off: bool = False
    frame: int = 1
    has_more: bool = False


def read_capped(path: str | Path, max_bytes: int) -> bytes:
    """The bytes of a file or URL.

    Raises TooLargeError above `max_bytes`, UnavailableError where it cannot be read, or where it changes meanwhile: the
    beginning of one photo and the end of another are none.
    """
    if isinstance(path, str) and is_url(path):
        return read_url(path, max_bytes)
    try:
        with open_regular(path) as stream:
            before = os.fstat(stream.fileno())
            size = before.st_size
            # A buffer of the cap, zeroed in large pages, would cost more than the file.
            data = stream.read(size + 1) if size <= max_bytes else b""
            if len(data) > size:  # of some network folders the size is not known, or it grows
                data += stream.read(max_bytes + 1 - len(data))
            after = os.fstat(stream.fileno())
    except OSError as e:
        raise UnavailableError(message("file_unreadable", why=e.strerror or e)) from e
    if size > max_bytes or len(data) > max_bytes:
        raise TooLargeError(message("file_too_large", size=max(size, len(data)), most=max_bytes))
    if (after.st_size, after.st_mtime_ns) != (size, before.st_mtime_ns):
        raise UnavailableError(message("changing"))
    return data


def load_upright(path: str | Path, settings: Settings) -> tuple[Decoded, str]:
    """Read and decode one file; also the SHA-256 of its bytes, hex. Raises DecodeError's children."""
    data = read_capped(path, settings.max_bytes)
    return decode(data, str(path), settings), hashlib.sha256(data).hexdigest()


def load_checked(path: str | Path, sha256: str, settings: Settings) -> Decoded:
    """`load_upright` of the photo that has this SHA-256 alone.

    Raises UnavailableError where other bytes lie there now, besides DecodeError's children.
    """
    data = read_capped(path, settings.max_bytes)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise UnavailableError(message("bytes_changed"))
    return decode(data, str(path), settings)


def decode(data: bytes, name: str, settings: Settings) -> Decoded:
    """Pass `data` through the gate; of an animation the first picture that shows something, of several pages the first.

    Blanks that a script wrote before the picture are passed over.
    name: only its extension counts: to word the refusal, and for TGA, which has no magic.
    Raises UndecodableError, TooLargeError or UnsupportedError.
    """
    stored, data = data, without_leading(data)
    data, cut = pixels_only(data, settings.max_pixels) if data.startswith(SIGNATURE) else (data, lacks_end(data))
    try:
        with gate(data, name, settings):
            decoded = _decode(data, name, settings)
    except UndecodableError as refused:
        decoded, cut = _decode_with_end(data, name, settings, refused), True
    intact = decoded.intact_jpeg and not cut and len(data) == len(stored)
    return replace(decoded, intact_jpeg=intact, end_cut_off=cut)


def _decode_with_end(data: bytes, name: str, settings: Settings, refused: UndecodableError) -> Decoded:
    """Once more, with the end that a JPEG, JPEG 2000 or WebP lacks. Raises `refused` where more than that is wrong."""
    whole = None
    if data.startswith(b"\xff\xd8"):
        whole = jpeg_with_end(data)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        whole = webp_with_end(data)
    elif data.startswith(JPEG_2000):
        whole = jpeg2000_with_end(data)
    if whole is None:
        raise refused
    try:
        with gate(whole, name, settings):
            return _decode(whole, name, settings)
    except UndecodableError as e:
        raise refused from e


@contextmanager
def gate(data: bytes, name: str, settings: Settings) -> Iterator[None]:
    """Check the byte size, and turn whatever goes wrong inside the block into a named refusal: one of DecodeError's
    children."""
    if not data:
        raise UndecodableError(message("file_empty"))
    if len(data) > settings.max_bytes:
        raise TooLargeError(message("file_too_large", size=len(data), most=settings.max_bytes))
    try:
        yield
    except DecodeError:
        raise
    except UnidentifiedImageError as e:
        raise _unidentified(data, name) from e
    except Image.DecompressionBombError as e:
        raise TooLargeError(message("picture_over_cap", n=settings.max_pixels)) from e
    except MemoryError as e:
        raise TooLargeError(message("out_of_memory")) from e
    except Exception as e:  # Pillow's plug-ins raise nearly anything on hostile bytes
        if kind := unread_kind(data):
            raise UnsupportedError(message("foreign_file", what=kind)) from e
        raise UndecodableError(message("image_damaged", why=damage(e))) from e


def open_checked(data: bytes, name: str, settings: Settings) -> Image.Image:
    """Open inside the gate: the list of formats, then the caps on pixels. Nothing is decoded yet.

    Raises UnsupportedError for a camera's RAW file, TooLargeError, UndecodableError for bytes that cannot hold what
    their header claims; and what Pillow raises.
    """
    refuse_many_segments(data)
    image = _open(data, name)
    if image.format == "TIFF":
        if is_raw(image):
            image.close()
            raise UnsupportedError(message("camera_raw"))
        seek_first_picture(image)
    check_size(*image.size, settings)
    if not can_hold(image, data, frame_marker(data)):
        image.close()
        width, height = image.size
        raise UndecodableError(message("bytes_too_few", size=len(data), width=width, height=height))
    refuse_many_scans(data, image.width * image.height)
    return image


def check_size(width: int, height: int, settings: Settings) -> None:
    """Raises TooLargeError above the caps."""
    if width * height > settings.max_pixels:
        raise TooLargeError(message("picture_too_large", width=width, height=height, most=settings.max_pixels))
    if max(width, height) > MOST_A_SIDE:
        raise TooLargeError(message("picture_too_wide", width=width, height=height, most=MOST_A_SIDE))


def _open(data: bytes, name: str) -> Image.Image:
    if reader := reader_of(data):
        if reader == "HEIF":
            use_heif()
        return Image.open(BytesIO(as_reader_takes(data, reader)), formats=(reader,))
    if is_tiff(data):
        return open_tiff(data)
    try:
        return Image.open(BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        if PurePath(name).suffix.lower() not in TGA_SUFFIXES or describe_foreign(data):
            raise
    return Image.open(BytesIO(data), formats=("TGA",))


def _decode(data: bytes, name: str, settings: Settings) -> Decoded:
    with open_checked(data, name, settings) as image:
        kind = image.format or ""
        if kind in ("JPEG", "MPO"):
            fast = _decode_jpeg(data, image)
            if fast is not None:
                return fast
        image.verify()
    with open_checked(data, name, settings) as image:
        bgr, frame = first_shown(image, len(data))
        has_more = _has_more(image)
    check_size(bgr.shape[1], bgr.shape[0], settings)  # an icon's or a HEIC's header may have promised less
    return Decoded(bgr, kind, False, frame=frame, has_more=has_more)


def _has_more(image: Image.Image) -> bool:
    try:
        return bool(getattr(image, "is_animated", False))
    except (EOFError, OSError, ValueError, SyntaxError, KeyError, TypeError):  # damage behind the picture that was read
        return False


def _decode_jpeg(data: bytes, image: Image.Image) -> Decoded | None:
    """libjpeg-turbo with its warnings as errors; None where Pillow is to make the pixels."""
    colours = {"L": "BGR", "RGB": "BGR", "CMYK": "CMYK"}.get(image.mode)
    if colours is None:
        return None
    try:
        pixels = simplejpeg.decode_jpeg(data, colours, strict=True)
    except ValueError as e:
        if any(word in str(e) for word in _HARMLESS) or is_padding(data, str(e)):
            return None
        if kind := unread_kind(data):
            raise UnsupportedError(message("foreign_file", what=kind)) from e
        raise UndecodableError(message("jpeg_damaged", why=damage(e))) from e
    if colours == "CMYK":
        return None  # whole; but only Pillow knows whether its inks are stored inverted
    orientation = orientation_of(image)
    intact = image.format == "JPEG" and orientation == 1 and is_shown_by_browsers(data)
    return Decoded(undo_orientation(pixels, orientation), image.format or "JPEG", intact_jpeg=intact)


def _unidentified(data: bytes, name: str) -> DecodeError:
    foreign = describe_foreign(data) or unread_kind(data)
    if foreign == message("kind_video"):
        return UnsupportedError(message("video_not_photo"))
    if foreign:
        return UnsupportedError(message("foreign_file", what=foreign))
    if looks_like_image(data, name):
        if not data.strip(b"\0"):  # room was made for it, and nothing came
            return UndecodableError(message("file_zeros"))
        return UndecodableError(message("header_damaged"))
    return UnsupportedError(message("not_an_image"))
