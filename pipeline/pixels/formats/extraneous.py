"""Bytes between a JPEG's parts that its decoder passes over: padding, or what is left of a picture that is damaged."""

from __future__ import annotations

import re
from typing import Final

_EXTRANEOUS: Final = re.compile(r"(\d+) extraneous bytes before marker 0x([0-9a-f]{2})")
_END: Final = 0xD9
_FEW: Final = 16
"""Bytes that encoders leave behind the last block."""
_ENOUGH: Final = 24
"""Line ends by which a file that went through a text tool can be told."""


def is_padding(data: bytes, warning: str) -> bool:
    """Whether libjpeg's warning of extraneous bytes leaves every pixel of the JPEG `data` intact.

    It does not where they lie behind the last block, many of them and not all the same: the blocks before were misread,
    a piece of the file being lost, doubled or replaced. Nor where every line end has become CR LF: all over the file.
    """
    told = _EXTRANEOUS.search(warning)
    if told is None or _has_text_line_ends(data):
        return False
    count, marker = int(told[1]), int(told[2], 16)
    if marker != _END or count <= _FEW:
        return True
    ends = (match.start() for match in re.finditer(b"\xff\xd9", data))
    return any(end >= count and len(set(data[end - count : end])) == 1 for end in ends)


def _has_text_line_ends(data: bytes) -> bool:
    """Whether a copy as text put CR before each LF; one in 256 of a photo's would stand there by chance."""
    found = data.count(b"\n")
    return found >= _ENOUGH and data.count(b"\r\n") == found
