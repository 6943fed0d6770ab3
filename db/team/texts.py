"""Texts of several lines that people write: one way to keep them."""

from __future__ import annotations

import unicodedata
from typing import Final

from pipeline.core.errors import DecisionError
from pipeline.core.messages import message
from pipeline.core.names import JOINERS

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def clean_text(text: str, longest: int) -> str:
    """NFC, lines without space at their ends, no more than one empty line in a row, nothing that cannot be seen.

    longest: characters. Raises DecisionError for a text that is longer.
    """
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    seen = "".join(c for c in plain if c == "\n" or c in JOINERS or unicodedata.category(c) not in _UNSEEN)
    lines: list[str] = []
    for line in (one.rstrip() for one in seen.split("\n")):
        if line or (lines and lines[-1]):
            lines.append(line)
    found = "\n".join(lines).strip()
    if len(found) > longest:
        raise DecisionError(message("text_too_long", n=len(found), most=longest))
    return found
