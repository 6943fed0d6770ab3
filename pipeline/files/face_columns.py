"""The two columns by which a file says which face a row is about: `face_id`, or the `sha256` of a photo of one face."""

from __future__ import annotations

import re
from typing import Final

_A_NUMBER: Final = re.compile(r"\d([.,]\d+)?e\+\d+")
_PREFIX: Final = re.compile(r"(?:sha-?256[:=]|0x)\s*")
_PARTED: Final = re.compile(r"[0-9a-f]{2,}(?:[\s:-][0-9a-f]{2,})+")


def spelt(text: str) -> str:
    """Hexadecimal is the same in both cases, behind the hash's name and with dashes in it."""
    bare = _PREFIX.sub("", text.lower()).strip("'\"{}“”‘’ ")
    return bare if not _PARTED.fullmatch(bare) else re.sub(r"[\s:-]", "", bare)


def made_a_number(*texts: str) -> str:
    """The first of these that a spreadsheet made a number of ("1.23457e+31"); "" where none is."""
    return next((text for text in texts if _A_NUMBER.fullmatch(text)), "")
