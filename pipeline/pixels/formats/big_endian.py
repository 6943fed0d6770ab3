"""Big-endian BigTIFF as a classic TIFF: Pillow looks for its mark where only little-endian files have it."""

from __future__ import annotations

import struct
from typing import Final

from pipeline.pixels.formats.tiff_layout import STRIP_SIZES, STRIPS, TILE_SIZES, TILES

_MARK: Final = b"MM\0+"
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Type of a field -> bytes of one value (TIFF 6.0); BigTIFF's own, 16 to 18, are those of 8 bytes."""
_OF_EIGHT: Final = (16, 17, 18)
_SHORT, _LONG = 3, 4
_BLOCKS: Final = ((STRIPS, STRIP_SIZES), (TILES, TILE_SIZES))
"""Tags that say where strips and tiles begin, and how many bytes each has."""
_MOST_PAGES: Final = 10_000


def as_classic(data: bytes) -> bytes:
    """The same pages, their directories in 32 bits behind the file; any other file as it is.

    Raises ValueError or struct.error for a directory that is damaged, or for pixels that lie behind the end.
    """
    if not data.startswith(_MARK):
        return data
    out = bytearray(data)
    out[2:4] = struct.pack(">H", 42)
    link, (at,) = 4, struct.unpack_from(">Q", data, 8)
    for _ in range(_MOST_PAGES):
        if not at:
            break
        (count,) = struct.unpack_from(">Q", data, at)
        (following,) = struct.unpack_from(">Q", data, at + 8 + 20 * count)
        fields = [_field(data, at + 8 + 20 * n) for n in range(count)]
        _check_blocks(fields, len(data))
        start = len(out) + (len(out) & 1)
        struct.pack_into(">I", out, link, start)
        out += bytes(start - len(out)) + _directory(fields, start)
        link, at = start + 2 + 12 * count, following
    struct.pack_into(">I", out, link, 0)
    return bytes(out)


def _field(data: bytes, at: int) -> tuple[int, int, int, bytes]:
    """Tag, type, number of values and the values of the entry at `at`, with 32 bits where there were 64."""
    tag, kind, count = struct.unpack_from(">HHQ", data, at)
    size = _SIZES.get(kind, 1) * count
    start = at + 12 if size <= 8 else struct.unpack_from(">Q", data, at + 12)[0]
    values = data[start : start + size]
    if len(values) < size:
        raise ValueError(tag)
    if kind in _OF_EIGHT:
        return tag, _LONG, count, struct.pack(f">{count}I", *struct.unpack(f">{count}Q", values))
    return tag, kind, count, values


def _check_blocks(fields: list[tuple[int, int, int, bytes]], size: int) -> None:
    """That each strip and tile is in the file: a reader would take the directory behind a cut for its last pixels."""
    found = {
        tag: struct.unpack(f">{count}{'H' if kind == _SHORT else 'I'}", values)
        for tag, kind, count, values in fields
        if any(tag in pair for pair in _BLOCKS) and kind in (_SHORT, _LONG)
    }
    for starts, sizes in _BLOCKS:
        pairs = zip(found.get(starts, ()), found.get(sizes, ()), strict=False)
        if any(start + length > size for start, length in pairs):
            raise ValueError(size)


def _directory(fields: list[tuple[int, int, int, bytes]], start: int) -> bytes:
    """One directory that lies at `start`, which no other follows; values that do not fit lie behind it."""
    entries, behind = struct.pack(">H", len(fields)), b""
    after = start + 2 + 12 * len(fields) + 4
    for tag, kind, count, values in fields:
        entries += struct.pack(">HHI", tag, kind, count)
        if len(values) <= 4:
            entries += values.ljust(4, b"\0")
        else:
            entries += struct.pack(">I", after + len(behind))
            behind += values + bytes(len(values) & 1)
    return entries + bytes(4) + behind
