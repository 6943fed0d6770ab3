"""Files that lack their end though every pixel is there: what their decoder wants to see is put on.

Nothing here guesses pixels: what comes out goes through the same strict decoder as any other file, and is refused
where a pixel is missing.
"""

from __future__ import annotations

import struct
from typing import Final

from pipeline.pixels.formats.jpeg_markers import ARITHMETIC, EOI, FRAMES, PROGRESSIVE, SOS, segments

_WEBP_TEXTS: Final = {b"EXIF": 0x08, b"XMP ": 0x04}
"""Chunks behind the pixels, and their flags in VP8X."""


def jpeg_with_end(data: bytes) -> bytes | None:
    """A JPEG with its end marker put on; None where it has scans to come, so that pixels are missing.

    Whether the last scan is whole is for the decoder to say: it warns where it meets the end too early. Zeros behind
    the file (a disk's, a download manager's) are taken off. An arithmetic coder's scan goes on in zeros where it ends
    (T.81, D.2.6), so that no decoder can tell whether it is whole.
    """
    body = data.rstrip(b"\0")
    body += b"\0" if body.endswith(b"\xff") and len(body) < len(data) else b""  # a stuffed 0xFF of the last scan
    return body + EOI if _has_every_scan(body) else None


def _has_every_scan(data: bytes) -> bool:
    """Whether each coefficient of each component has come in a scan to its last bit (ITU-T T.81, B.2.3 and G.1)."""
    left: dict[int, set[int]] = {}
    progressive = False
    for marker, segment in segments(data):
        if marker in ARITHMETIC:
            return False
        if marker in FRAMES and len(segment) >= 6:
            progressive = marker in PROGRESSIVE
            left = {segment[6 + 3 * n]: set(range(64)) for n in range(segment[5]) if len(segment) > 6 + 3 * n}
        if marker == SOS and segment and len(segment) >= 4 + 2 * segment[0]:
            first, last, bits = segment[1 + 2 * segment[0] :][:3]
            done = set(range(first, last + 1)) if progressive else set(range(64))
            for n in range(segment[0]):
                if not progressive or not bits & 15:
                    left.get(segment[1 + 2 * n], set()).difference_update(done)
    return bool(left) and not any(left.values())


def jpeg2000_with_end(data: bytes) -> bytes | None:
    """A JPEG 2000 with the end marker that it lacks (T.800, A.4.4); None where it has one."""
    if data.endswith(EOI):
        return None
    return data + (EOI[1:] if data.endswith(EOI[:1]) else EOI)


def webp_with_end(data: bytes) -> bytes | None:
    """A WebP whose last chunk, a text, is cut off, without it; one that lacks its padding byte, with it. Else None."""
    chunks, at = [], 12
    while at + 8 <= len(data):
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + size]
        if len(body) < size and kind not in _WEBP_TEXTS:
            return None
        if len(body) == size:
            chunks.append((kind, body))
        at += 8 + size + (size & 1)
    kinds = {kind for kind, _ in chunks}
    if not kinds & {b"VP8 ", b"VP8L", b"ANMF"}:
        return None
    if chunks[0][0] == b"VP8X":
        lost = sum(flag for kind, flag in _WEBP_TEXTS.items() if kind not in kinds)
        head = chunks[0][1]
        chunks[0] = (b"VP8X", bytes([head[0] & ~lost]) + head[1:])
    inside = b"WEBP" + b"".join(k + struct.pack("<I", len(b)) + b + b"\0" * (len(b) & 1) for k, b in chunks)
    return b"RIFF" + struct.pack("<I", len(inside)) + inside


def lacks_end(data: bytes) -> bool:
    """Whether a WebP is shorter than it says, or a GIF has no end mark behind its last block."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return len(data) < 8 + int.from_bytes(data[4:8], "little")
    return data[:4] == b"GIF8" and not data.rstrip(b"\0").endswith(b";") and not _gif_ends(data)


def _gif_ends(data: bytes) -> bool:
    """Whether the blocks of a GIF lead to its trailer (GIF89a, 27)."""
    at = 13 + _table(data[10]) if len(data) > 13 else len(data)
    while at < len(data):
        if data[at] == 0x3B:
            return True
        if data[at] == 0x2C and at + 9 < len(data):
            at += 11 + _table(data[at + 9])
        elif data[at] == 0x21:
            at += 2
        else:
            return False
        while at < len(data) and data[at]:
            at += data[at] + 1
        at += 1
    return False


def _table(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0
