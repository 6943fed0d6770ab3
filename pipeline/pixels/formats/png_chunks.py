"""A PNG reduced to what its pixels need, so that nothing else in the file can keep them from being read.

Texts of megabytes run into Pillow's caps, and a wrong checksum of a comment into its strictness; libpng and browsers
pass both by (PNG 3rd edition, 5.4 and 13.2). Checksums of chunks that hold pixels or colours still count.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from pipeline.core.errors import UndecodableError, UnsupportedError
from pipeline.core.messages import message

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_ANCILLARY: Final = 0x20
_ANIMATION: Final = (b"acTL", b"fcTL", b"fdAT")
_ORIENTED: Final = (b"tEXt", b"zTXt", b"iTXt")
_ORIENTATION_IN: Final = (b"XML:com.adobe.xmp", b"Raw profile type exif", b"Raw profile type APP1")
"""Keywords of texts in which Pillow finds an orientation."""
_LONGEST_TEXT: Final = 512 * 1024
"""Bytes, unpacked; Pillow refuses a PNG with a text above 1 MiB."""
_LONGEST_EXIF: Final = 1 << 20
_MOST_CHUNKS: Final = 100_000
"""Writers put 8 KiB and more into each; a million tiny ones take half a minute."""
_LONGEST_CHUNK: Final = (1 << 31) - 1  # PNG 3rd edition, 5.3
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_ADAM7: Final = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


@dataclass(frozen=True, slots=True)
class _Chunk:
    """stored: as it lies in the file, less what is cut off. whole: nothing is cut off."""

    kind: bytes
    body: bytes
    stored: bytes
    whole: bool

    @property
    def sound(self) -> bool:
        return self.whole and self.stored[-4:] == struct.pack(">I", zlib.crc32(self.kind + self.body))


def pixels_only(data: bytes, most_pixels: int) -> tuple[bytes, bool]:
    """The PNG without what its pixels do not need; and whether its end was cut off, all pixels being there.

    The bytes as they are where pixels lack, too, or are more than `most_pixels`: their reader refuses them then.
    Raises UnsupportedError for Apple's own kind, UndecodableError for indexed colours without a palette, and
    for more chunks than a photo has.
    """
    chunks = list(islice(_chunks(data), _MOST_CHUNKS + 1))
    if len(chunks) > _MOST_CHUNKS:
        raise UndecodableError(message("too_many_parts", n=len(chunks)))
    _refuse_odd(chunks)
    kept = [c for c in chunks if not c.kind[0] & _ANCILLARY or c.kind in _ANIMATION or (c.sound and _is_needed(c))]
    cut = not chunks or chunks[-1].kind != b"IEND" or not all(chunk.whole for chunk in kept)
    if not cut and len(kept) == len(chunks) and chunks[-1].sound:
        return data, False
    pixels = _pixels(kept, most_pixels) if cut else b""
    if pixels is None:
        return data, False
    if cut:
        first = next(n for n, chunk in enumerate(kept) if chunk.kind == b"IDAT")
        rest = [c for n, c in enumerate(kept) if n > first and c.kind != b"IDAT" and c.whole]
        bodies = [c.stored for c in kept[:first]] + [_stored(b"IDAT", zlib.compress(pixels, 1))]
        bodies += [c.stored for c in rest if c.kind != b"IEND"]
    else:
        bodies = [c.stored for c in kept if c.kind != b"IEND"]
    return SIGNATURE + b"".join(bodies) + _stored(b"IEND", b""), cut


def _refuse_odd(chunks: list[_Chunk]) -> None:
    """Pillow shows an indexed PNG without its palette in greys that mean nothing; libpng and browsers refuse it."""
    kinds = [chunk.kind for chunk in chunks]
    if b"CgBI" in kinds[:1]:
        raise UnsupportedError(message("foreign_file", what=message("kind_png_of_apple")))
    is_indexed = kinds[:1] == [b"IHDR"] and chunks[0].body[9:10] == b"\3"
    if is_indexed and b"IDAT" in kinds and b"PLTE" not in kinds[: kinds.index(b"IDAT")]:
        raise UndecodableError(message("png_palette_lacks"))


def _chunks(data: bytes) -> Iterator[_Chunk]:
    """Up to IEND, or to where the file ends or goes wrong."""
    at = len(SIGNATURE)
    while at + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        if not kind.isalpha() or length > _LONGEST_CHUNK:
            return
        end = at + 12 + length
        yield _Chunk(kind, data[at + 8 : at + 8 + length], data[at:end], end <= len(data))
        if kind == b"IEND":
            return
        at = end


def _stored(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _is_needed(chunk: _Chunk) -> bool:
    """Of the ancillary chunks: transparency, and where the orientation may be."""
    if chunk.kind == b"tRNS":
        return True
    if chunk.kind == b"eXIf":
        return len(chunk.body) <= _LONGEST_EXIF
    if chunk.kind not in _ORIENTED:
        return False
    keyword, _, text = chunk.body.partition(b"\0")
    return keyword in _ORIENTATION_IN and _unpacks_short(chunk.kind, text)


def _unpacks_short(kind: bytes, text: bytes) -> bool:
    packed = text[1:] if kind == b"zTXt" else b""
    if kind == b"iTXt" and text[:1] == b"\1":
        packed = text[2:].partition(b"\0")[2].partition(b"\0")[2]
    try:
        unpacked = zlib.decompressobj().decompress(packed, _LONGEST_TEXT) if packed else text
    except zlib.error:
        return False
    return len(unpacked) < _LONGEST_TEXT


def _pixels(kept: list[_Chunk], most: int) -> bytes | None:
    """The unpacked rows of a PNG that was cut off; None where one of them is not there, or the file is no PNG."""
    if not kept or kept[0].kind != b"IHDR" or len(kept[0].body) != 13:
        return None
    if not all(chunk.sound for chunk in kept if chunk.whole and chunk.kind != b"IEND"):
        return None
    wanted = _bytes_of_rows(kept[0].body, most)
    packed = b"".join(chunk.body for chunk in kept if chunk.kind == b"IDAT")
    try:
        rows = zlib.decompressobj().decompress(packed, wanted) if wanted else b""
    except zlib.error:
        return None
    return rows if wanted and len(rows) == wanted else None


def _bytes_of_rows(header: bytes, most: int) -> int:
    """What IDAT unpacks to: each row of each pass with its filter byte; 0 where the header is none or of too much."""
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    bits = depth * _CHANNELS.get(colour, 0)
    passes = _ADAM7 if interlaced else ((0, 0, 1, 1),)
    total = 0
    for x, y, step_x, step_y in passes:
        columns, rows = -(-(width - x) // step_x), -(-(height - y) // step_y)
        total += rows * (1 + -(-columns * bits // 8)) if columns > 0 and rows > 0 else 0
    return total if bits and width * height <= most else 0
