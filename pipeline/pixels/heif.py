"""HEIC, HEIF and AVIF for Pillow: which of its readers takes a file.

pi-heif is imported when the first HEIF comes: most runs have none.
"""

from __future__ import annotations

from functools import cache
from typing import Final, Literal

from pipeline.core.errors import UnsupportedError
from pipeline.core.messages import message
from pipeline.pixels.formats.heif_boxes import AV1_BRANDS, HEVC_BRANDS, brands_of, has_movie, is_still, kinds_of_items

_HEVC: Final = frozenset((b"hvc1", b"hev1"))
_AV1: Final = b"av01"
_UNREAD: Final = {
    b"jpeg": "JPEG",
    b"avc1": "H.264",
    b"avc3": "H.264",
    b"j2k1": "JPEG 2000",
    b"vvc1": "VVC",
    b"evc1": "EVC",
}
"""Codings of HEIF's pixels that no reader here knows, and what people call them."""
_TAKEN: Final = {
    "HEIF": HEVC_BRANDS | {b"mif1", b"msf1"},
    "AVIF": frozenset((b"avif", b"avis", b"mif1", b"msf1")),
}
"""First brands that each reader takes for its own."""


def reader_of(data: bytes) -> Literal["HEIF", "AVIF"] | None:
    """Which of Pillow's readers knows the pixels, by what the file lists, else by its brands; None of other files.

    Raises UnsupportedError that names how the pixels are coded where none does.
    """
    if not is_still(data):
        return None
    kinds = kinds_of_items(data)
    if kinds & _HEVC:
        return "HEIF"
    if _AV1 in kinds:
        return "AVIF"
    if unread := sorted(kinds & _UNREAD.keys()):
        raise UnsupportedError(message("foreign_file", what=message("kind_heif_coded", codec=_UNREAD[unread[0]])))
    return "AVIF" if brands_of(data) & AV1_BRANDS else "HEIF"


def as_reader_takes(data: bytes, reader: Literal["HEIF", "AVIF"]) -> bytes:
    """The file with a first brand that its reader knows; the file itself where it has one that is true."""
    brands, major = brands_of(data), data[8:12]
    known = major in _TAKEN[reader] and (reader == "HEIF" or bool(brands & {b"avif", b"avis"}))
    if known and (major != b"avis" or has_movie(data)):
        return data
    return data[:8] + (b"heic" if reader == "HEIF" else b"avif") + data[12:]


@cache
def use_heif() -> None:
    """Let Pillow open `HEIF`. libheif's own limits stay on; one thread, since the workers share the cores.

    Raises UnsupportedError that names the package where it is not installed.
    """
    try:
        from pi_heif import register_heif_opener  # type: ignore[import-untyped]
    except ImportError as e:
        raise UnsupportedError(message("heic_needs_package")) from e
    register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)
