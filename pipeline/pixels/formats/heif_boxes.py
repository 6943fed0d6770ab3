"""What an ISO base media file is (ISO/IEC 14496-12): a still picture (HEIF, ISO/IEC 23008-12; AVIF) or a movie.

Its brands alone do not tell: phones and converters write some that no list has. A picture has a `meta` box at the top
whose handler is `pict`, whatever the brand; a movie has none. Where the file is not there that far, its brand counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

Bytes = bytes | memoryview

HEVC_BRANDS: Final = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"))
AV1_BRANDS: Final = frozenset((b"avif", b"avis", b"MA1A", b"MA1B"))
_OTHER_BRANDS: Final = frozenset(
    (b"mif1", b"mif2", b"mif3", b"msf1", b"miaf", b"MiHA", b"MiHB", b"MiHE", b"MiAC", b"MiBu", b"1pic")
) | frozenset((b"heif", b"jpeg", b"jpgs", b"avci", b"avcs", b"j2ki", b"j2is", b"vvic", b"vvis", b"evbi", b"evmi"))
_STILL_BRANDS: Final = HEVC_BRANDS | AV1_BRANDS | _OTHER_BRANDS
_SEQUENCES: Final = frozenset((b"hevc", b"hevx", b"hevm", b"hevs", b"msf1", b"jpgs", b"avcs", b"j2is", b"vvis"))
"""Brands of files that may be a track alone: pictures one after the other, without one that stands for them."""
_MOST_ITEMS: Final = 10_000
_MOST_BRANDS: Final = 256


def is_still(data: bytes) -> bool:
    """Whether the first bytes of a file are those of a picture, and not of a movie or of something else."""
    if data[4:8] != b"ftyp":
        return False
    if has_picture(data):
        return True
    major = data[8:12]
    return major in _STILL_BRANDS and not (major in _SEQUENCES and has_movie(data))


def brands_of(data: bytes) -> frozenset[bytes]:
    """What the file says that it is, in its `ftyp` box."""
    end = min(int.from_bytes(data[:4], "big"), _MOST_BRANDS)
    return frozenset(data[at : at + 4] for at in range(8, end, 4) if at != 12)  # there the version lies


def has_movie(data: bytes) -> bool:
    """Whether a track lies behind the brands, as far as the bytes go."""
    return any(kind == b"moov" for kind, _ in _boxes(data))


def has_picture(data: bytes) -> bool:
    """Whether there is a list of pictures, as far as the bytes go."""
    return len(_list_of_items(data)) > 0


def kinds_of_items(data: bytes) -> frozenset[bytes]:
    """How the items of a picture are coded (`hvc1`, `av01`, `grid`, `Exif` …); none where it does not say so."""
    for kind, body in _boxes(_list_of_items(data)):
        if kind == b"iinf" and len(body) >= 6:
            entries = body[6:] if body[0] == 0 else body[8:]
            return frozenset(_kind_of_item(entry) for name, entry in _boxes(entries) if name == b"infe") - {b""}
    return frozenset()


def _kind_of_item(entry: Bytes) -> bytes:
    """Versions 2 and 3 name it: behind version, flags, number and protection."""
    version = entry[0] if entry else 0
    return bytes(entry[8:12] if version == 2 else entry[10:14] if version == 3 else b"")


def _list_of_items(data: bytes) -> Bytes:
    """The boxes in the file's own `meta`, b"" where that describes no pictures."""
    for kind, body in _boxes(data):
        if kind == b"meta":
            inside = body[4:]
            pictures = any(name == b"hdlr" and handler[8:12] == b"pict" for name, handler in _boxes(inside))
            return inside if pictures else b""
    return b""


def _boxes(data: Bytes) -> Iterator[tuple[bytes, Bytes]]:
    """Each box with what is in it, as far as the bytes go; nothing is copied."""
    data, at = memoryview(data), 0
    for _ in range(_MOST_ITEMS):
        size, head = int.from_bytes(data[at : at + 4], "big"), 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        end = len(data) if size == 0 else at + size
        if at + head > len(data) or end < at + head:
            return
        yield bytes(data[at + 4 : at + 8]), data[at + head : end]
        at = end
