"""Of an animation the first picture that shows something: many begin with an empty or a plain one and fade in. Of the
pages of a TIFF, too: scanners take empty ones along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from PIL import Image

from pipeline.core.geometry import Bgr
from pipeline.pixels.formats.fewest_bytes import most_before_shown
from pipeline.pixels.formats.tiff import is_reduced
from pipeline.pixels.upright import upright_bgr

ANIMATED: Final = ("GIF", "PNG", "WEBP", "AVIF")
_PAGED: Final = ("TIFF",)
MOST_OF_ANIMATED: Final = 12_000_000
"""Pixels of a frame of an animation, of which Pillow holds four at once while it lays one over the other: more than any
screen shows."""
_MOST_FRAMES: Final = 1000
_MOST_PIXELS: Final = 500_000_000
"""Of all frames that are looked at together, and of a small file fewer: a worker must not spend minutes on one file."""
_PLAIN: Final = 8
"""Levels by which a plain picture may differ from itself once it was compressed with losses."""


def first_shown(image: Image.Image, length: int) -> tuple[Bgr, int]:
    """The upright picture of an opened image of a file of `length` bytes, and which frame it is, from 1.

    The first one, too, where no other shows anything or where the file is damaged before one does.
    Raises what `upright_bgr` raises of the first.
    """
    first = upright_bgr(image)
    if shows_something(first) or image.format not in (*ANIMATED, *_PAGED) or not _has_more(image):
        return first, 1
    pixels = first.size // 3
    if image.format in ANIMATED and pixels > MOST_OF_ANIMATED:
        return first, 1
    most = min(_MOST_PIXELS, most_before_shown(length))
    for number, bgr in _later(image, image.tell(), pixels, most):
        if shows_something(bgr):
            return bgr, number
    return first, 1


def shows_something(bgr: Bgr) -> bool:
    """Whether the picture is more than one plain colour."""
    return any(int(bgr[..., c].max()) - int(bgr[..., c].min()) > _PLAIN for c in range(3)) if bgr.size else False


def _has_more(image: Image.Image) -> bool:
    try:
        return bool(getattr(image, "is_animated", False))
    except (OSError, SyntaxError, ValueError, KeyError, TypeError):  # a TIFF's list of pages is damaged
        return False


def _later(image: Image.Image, start: int, first: int, most: int) -> Iterator[tuple[int, Bgr]]:
    """(number from 1, picture) of those behind `start`, of a TIFF without smaller copies of its pages.

    first: pixels of the one at `start`. most: of all together, it among them.
    """
    largest, seen = MOST_OF_ANIMATED if image.format in ANIMATED else max(first, MOST_OF_ANIMATED), first
    for index in range(start + 1, start + _MOST_FRAMES):
        try:
            image.seek(index)
            pixels = image.width * image.height
            seen += pixels
            if pixels > largest or seen > most:  # a frame may be larger than the first
                return
            if image.format in _PAGED and is_reduced(image):
                continue
            bgr = upright_bgr(image)
        except (EOFError, OSError, ValueError, SyntaxError):  # the end, or damage; the first picture stays
            return
        yield index + 1, bgr
