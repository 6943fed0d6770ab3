"""Of an animation the first picture that shows something: many begin with an empty or a plain one and fade in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from PIL import Image

from pipeline.core.geometry import Bgr
from pipeline.pixels.upright import upright_bgr

ANIMATED: Final = ("GIF", "PNG", "WEBP", "AVIF")
MOST_OF_ANIMATED: Final = 12_000_000
"""Pixels of a frame of an animation, of which Pillow holds four at once while it lays one over the other: more than any
screen shows."""
_MOST_FRAMES: Final = 1000
_MOST_PIXELS: Final = 500_000_000
"""Of all frames that are looked at together: a worker must not spend minutes on one file."""
_PLAIN: Final = 8
"""Levels by which a plain picture may differ from itself once it was compressed with losses."""


def first_shown(image: Image.Image) -> tuple[Bgr, int]:
    """The upright picture of an opened image, and which frame it is, from 1.

    The first one, too, where no other shows anything or where the file is damaged before one does.
    Raises what `upright_bgr` raises of the first.
    """
    first = upright_bgr(image)
    if shows_something(first) or image.format not in ANIMATED or not getattr(image, "is_animated", False):
        return first, 1
    if first.size // 3 > MOST_OF_ANIMATED:
        return first, 1
    for number, bgr in _later(image, first.size // 3):
        if shows_something(bgr):
            return bgr, number
    return first, 1


def shows_something(bgr: Bgr) -> bool:
    """Whether the picture is more than one plain colour."""
    return any(int(bgr[..., c].max()) - int(bgr[..., c].min()) > _PLAIN for c in range(3)) if bgr.size else False


def _later(image: Image.Image, pixels: int) -> Iterator[tuple[int, Bgr]]:
    """(number from 1, picture) from the second on."""
    for index in range(1, min(_MOST_FRAMES, _MOST_PIXELS // max(1, pixels))):
        try:
            image.seek(index)
            if image.width * image.height > MOST_OF_ANIMATED:  # a GIF's frame may be larger than its first
                return
            bgr = upright_bgr(image)
        except (EOFError, OSError, ValueError, SyntaxError):  # the end, or damage; the first picture stays
            return
        yield index + 1, bgr
