"""The markers of a JPEG (ITU-T T.81, table B.1), and its parts one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

EOI: Final = b"\xff\xd9"
SOS: Final = 0xDA
FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The second bytes of the markers of frames; the three left out are those of tables and of an extension."""
PROGRESSIVE: Final = (0xC2, 0xC6, 0xCA, 0xCE)
ARITHMETIC: Final = frozenset(range(0xC9, 0xD0)) - {0xCC}
_MARKER: Final = re.compile(rb"\xff([^\x00\x01\xd0-\xd9\xff])")
"""Markers with a length behind them: no stuffed byte, none that stands alone, no fill byte."""


def segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each marker's second byte with what its length covers; of scans, the bytes of the picture are passed over."""
    at = 2
    while found := _MARKER.search(data, at):
        at = found.end()
        length = int.from_bytes(data[at : at + 2], "big")
        if length < 2 or at + length > len(data):
            return
        yield found[1][0], data[at + 2 : at + length]
        at += length
