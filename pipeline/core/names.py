"""Names that people type, read from files or carry in folders: one way to write them, one way to compare them.

macOS hands out letters and their accents apart (decomposed), keyboards mostly joined: to a person both are one name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


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
