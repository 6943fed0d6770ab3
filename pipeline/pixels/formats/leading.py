"""Blanks before a picture: a script that serves photos printed a line end or its own UTF-8 mark first."""

from __future__ import annotations

import re
from typing import Final

_LED: Final = re.compile(
    rb"(?:\xef\xbb\xbf|[ \t\r\n\0]){1,64}(?=\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|RIFF....WEBP)", re.DOTALL
)


def without_leading(data: bytes) -> bytes:
    """The picture alone where blanks or UTF-8's mark stand before a JPEG, PNG, GIF or WebP; other bytes as they are."""
    led = _LED.match(data)
    return data[led.end() :] if led else data
