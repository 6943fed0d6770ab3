"""Names that people type, read from files or carry in folders: one way to write them, one way to compare them.

macOS hands out letters and their accents apart (decomposed), keyboards mostly joined: to a person both are one name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

JOINERS: Final = "\u200c\u200d"
_BLANK_LETTERS: Final = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters and marks without ink
_SELECTORS: Final = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_PICTURES: Final = frozenset(("So", "Sk", "Sm", "Po", "Nd"))  # of which a selector makes an emoji
_DEVICES: Final = frozenset(
    ["con", "prn", "aux", "nul", "clock$", "conin$", "conout$"]
    + [f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"]
)
"""As in Microsoft's "Naming Files, Paths, and Namespaces"."""


def clean_name(text: str) -> str:
    """The name as it is kept and shown: NFC, no space around it, runs of space made one."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def name_key(text: str) -> str:
    """What two spellings of one name have in common, upper and lower case too. For comparing only."""
    return clean_name(unicodedata.normalize("NFD", clean_name(text)).casefold())


def find_name(text: str, names: Iterable[str]) -> str | None:
    """The one of `names` that is meant: the same spelling, else one that differs in case alone; None where none is."""
    wanted, key, close = clean_name(text), name_key(text), None
    for name in names:
        if name == wanted:
            return name
        if close is None and name_key(name) == key:
            close = name
    return close


def invisible_in(text: str) -> str:
    """The first character that cannot be seen (or turns the text about), as `U+202E RIGHT-TO-LEFT OVERRIDE`; else "".

    The two joiners count as letters where they shape what stands before and behind them: in Persian, in the scripts of
    India, in an emoji of several persons; variation selectors behind signs. Anywhere else they only make two names look
    the same.
    """
    for at, character in enumerate(text):
        if character in JOINERS and 0 < at < len(text) - 1 and _is_joined(text[at - 1]):
            continue
        selects = bool(_SELECTORS.match(character)) and not (at and unicodedata.category(text[at - 1]) in _PICTURES)
        if unicodedata.category(character)[0] == "C" or character in _BLANK_LETTERS or selects:
            return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()
    return ""


def _is_joined(before: str) -> bool:
    """Whether a joiner after this character changes what is seen: Arabic letters, marks (virama, U+FE0F), emoji."""
    return unicodedata.bidirectional(before) == "AL" or unicodedata.category(before) in ("Mn", "Mc", "So", "Sk")


def is_device_name(name: str) -> bool:
    """Whether Windows takes a file or folder of this name for a device (`CON`, `aux.txt`, `LPT¹`), in any folder."""
    return name.partition(".")[0].rstrip().casefold() in _DEVICES
