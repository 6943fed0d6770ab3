"""Whether a photo's bytes can hold the pixels that its header claims; else decoding would cost memory for nothing.

A JPEG of 1 KB whose damaged header claims 48 megapixels takes 300 MB, and is refused in the end. Each bound is what
the format cannot go below, but for JPEG 2000 and those that have no least: there, what no photograph goes below. PNG,
PSD, TGA, PPM and a BMP as it is cost what is there: their readers stop where the bytes end.
"""

from __future__ import annotations

from typing import Any, Final

from PIL import Image

from pipeline.pixels.formats.jpeg_markers import ARITHMETIC
from pipeline.pixels.formats.tiff_layout import ABSENT, BITS, COMPRESSION, blocks_of

_JPEG: Final = 2048
"""Pixels a byte. A block of 64 takes a bit for its DC alone (ITU-T T.81, F.1.2.1): 512, and half as many blocks where
one component has the height and another one the width; twice that."""
_JPEG2000: Final = 1024
"""Pixels a byte. A picture of one colour may have fewer (280 bytes for 2,000 x 2,000), a photograph never."""
_TIFF: Final = {1: 1, 32773: 64, 5: 1500, 8: 1100, 32946: 1100}
"""Compression -> bytes that a byte unpacks to at most. PackBits: 128 from two (TIFF 6.0, section 9). Deflate: 258 from
two bits (RFC 1951, 3.2.5). LZW: strings of up to 3,837 bytes, one byte more each (TIFF 6.0, section 13)."""
_TIFF_JPEG: Final = (6, 7)
_CHEAP: Final = 12_000_000
"""Pixels that any file may claim: under a second and 200 MB in each format."""
_CHEAP_MOVING: Final = 8_000_000
"""The same of an animation, of which several pictures are held at once."""
_COMPRESSED: Final = {"WEBP": 1024, "AVIF": 8192, "HEIF": 8192, "GIF": 512}
"""Pixels a byte, above _CHEAP, of formats that say "all of this is one colour" in a few bytes. A close-up of 350 pixels
blown up to 50 megapixels has up to 530 as WebP (quality 1, or lossless), 2,700 as AVIF of quality 10, 75 as GIF."""
_BMP_RUNS: Final = (1, 2)
_RUNS: Final = 128
"""Pixels a byte of a BMP in runs: 255 from two; a jump over what is not told has no place in a photo."""
_ALL_CHEAP: Final = 45_000_000
_OF_FRAMES: Final = 1024
_OF_CODED_FRAMES: Final = {"AVIF": 8192, "HEIF": 8192, "MPO": 512}
"""Pixels a byte of all frames together, above _ALL_CHEAP: a frame of full HD has 2 KB, as AVIF or HEIC 253 bytes. One
that shows a face anew has far more; a million empty ones have none."""


def can_hold(image: Image.Image, data: bytes, frame_marker: int) -> bool:
    """Whether `data`, opened as `image` and not decoded yet, has bytes enough for its pixels.

    frame_marker: of a JPEG, the second byte of its frame's marker, 0 where it has none: arithmetic codes know no least.
    True where nothing is known of the format.
    """
    pixels = image.width * image.height
    if image.format in ("JPEG", "MPO"):
        return frame_marker in ARITHMETIC or pixels <= _JPEG * len(data)
    if image.format == "JPEG2000":
        return pixels <= _JPEG2000 * len(data)
    if image.format in _COMPRESSED:
        is_moving = image.format != "GIF" and getattr(image, "n_frames", 1) > 1
        return pixels <= max(_CHEAP_MOVING if is_moving else _CHEAP, _COMPRESSED[image.format] * len(data))
    if image.format in ("BMP", "DIB") and image.info.get("compression") in _BMP_RUNS:
        return pixels <= _RUNS * len(data)
    return image.format != "TIFF" or _tiff_can_hold(image, len(data))


def most_of_frames(kind: str | None, length: int) -> int:
    """Pixels that all frames of a file of this format and of `length` bytes may have together."""
    return max(_ALL_CHEAP, _OF_CODED_FRAMES.get(kind or "", _OF_FRAMES) * length)


def most_before_shown(length: int) -> int:
    """Pixels of the empty frames behind which one that shows something is looked for, in a file of `length` bytes."""
    return max(_ALL_CHEAP, _OF_FRAMES * length)


def _tiff_can_hold(image: Any, length: int) -> bool:
    """By one sample a pixel: the others may be stored for every second or fourth pixel only. Blocks that are not there
    are zeros, and several may be the same bytes."""
    compression = image.tag_v2.get(COMPRESSION, 1)
    pixels, blocks = image.width * image.height, blocks_of(image.tag_v2)
    there = [block for block in blocks if block != ABSENT]
    if there:
        pixels = pixels * len(there) // len(blocks)
    length = max(length, sum(min(size, max(0, length - start)) for start, size in there))
    if compression in _TIFF_JPEG:
        return bool(pixels <= _JPEG * length)
    bits = image.tag_v2.get(BITS, (1,))
    least = min(bits) if isinstance(bits, tuple) else bits
    return compression not in _TIFF or bool(pixels * least <= 8 * _TIFF[compression] * length)
