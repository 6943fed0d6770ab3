"""Names that people type, read from files or carry in folders: one way to write them, one way to compare them.

macOS hands out letters and their accents apart (decomposed), keyboards mostly joined: to a person both are one name. So
are the full-width letters of an East Asian keyboard, and a word of Latin letters into which some slipped that
only look Latin (ѕmile with a Cyrillic ѕ). A word wholly of another alphabet stays one of its own: рот is no pot.
Turkish has two letters i, small and capital: istek is İstek, though other languages' rules of case say no. What cannot
be seen (a direction mark that Windows' dialogs copy along, a selector that one keyboard writes) parts no names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_LOOKALIKES: Final = str.maketrans(
    "АВЕКМНОРСТУХЅІЈҺӀԚԜаеорсухѕіјһӏԁԛԝкΑΒΕΖΗΙΚΜΝΟΡΤΥΧαιονρυχκϳ",
    "ABEKMHOPCTYXSIJHIQWaeopcyxsijhldqwkABEZHIKMNOPTYXaiovpuxkj",
)
"""Cyrillic and Greek letters that most fonts draw as Latin ones: of UTS 39's confusables those on keyboards."""
_SAME: Final = str.maketrans(
    "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63"
    "\u2018\u2019\u02bb\u02bc\u2032\u00b4\u0060\u201c\u201d\u201e\u201f\u2033"
    "\u301c\u30fb\u064a\u0649\u0643٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹",
    "-" * 9 + "'" * 7 + '"' * 5 + "~\u00b7\u06cc\u06cc\u06a901234567890123456789",
)
"""What programs put for what was typed (a dash, quotes, Japanese Windows its wave and its dot), and letters and digits
that Arabic and Persian keyboards write apart."""
_WORD: Final = re.compile(r"[^\W\d_]+")
UNKNOWN_LICENCE: Final = "unknown"  # of a photo whose licence is not known
JOINERS: Final = "\u200c\u200d"
_BLANK_LETTERS: Final = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters and marks without ink
_SELECTORS: Final = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_IGNORABLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u0640\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Unicode's Default_Ignorable_Code_Point, and the stroke by which Arabic words are drawn out."""
_DOTTED_I: Final = "i\u0307"  # of İ, made small
_PICTURES: Final = frozenset(("So", "Sk", "Sm", "Po", "Nd"))  # of which a selector makes an emoji
_DEVICES: Final = frozenset(
    ["con", "prn", "aux", "nul", "clock$", "conin$", "conout$"]
    + [f"{port}{number}" for port in ("com", "lpt") for number in "0123456789"]
)
"""As in Microsoft's "Naming Files, Paths, and Namespaces", which has COM¹ too; full-width ones become these where a
program's code page has none."""


def clean_name(text: str) -> str:
    """The name as it is kept and shown: NFC, no space around it, runs of space made one."""
    return " ".join(unicodedata.normalize("NFC", text).split())


@lru_cache(4096)
def name_key(text: str) -> str:
    """What two spellings of one name have in common: case, width, what cannot be seen, and letters that only look Latin
    do not count.

    For comparing only. Two names whose keys differ may still look the same, see `look_of`.
    """
    typed = unicodedata.normalize("NFKC", _IGNORABLE.sub("", clean_name(text)).translate(_SAME)).translate(_SAME)
    latin = _WORD.sub(_latin_word, typed)
    small = unicodedata.normalize("NFD", latin).casefold().replace("ı", "i").replace(_DOTTED_I, "i")
    folded = unicodedata.normalize("NFKC", small)
    return clean_name(folded.casefold())


def look_of(text: str) -> str:
    """How a name looks: its key with all letters that look Latin made Latin (`рот` looks as `pot` does)."""
    return name_key(unicodedata.normalize("NFKC", clean_name(text)).translate(_LOOKALIKES))


def _latin_word(found: re.Match[str]) -> str:
    """A word of which a part is Latin and the rest looks so, in Latin letters."""
    if found[0].isascii() or not any(map(str.isascii, found[0])):
        return found[0]
    made = found[0].translate(_LOOKALIKES)
    return made if not any("\u0370" <= one <= "\u052f" for one in made) else found[0]


def plain_parts(path: str) -> tuple[str, ...]:
    """The folders and the name of a path with `/` between them, `.` and `..` worked out; a `..` that would lead out of
    the first folder leads nowhere."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return tuple(parts)


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

    An accent at the beginning has no letter to stand on: it lands on whatever is written before the name.

    The two joiners count as letters where they shape what stands before and behind them: in Persian, in the scripts of
    India, in an emoji of several persons; variation selectors behind signs. Anywhere else they only make two names look
    the same.
    """
    for at, character in enumerate(text):
        if character in JOINERS and 0 < at < len(text) - 1 and _is_joined(text[at - 1]):
            continue
        selects = bool(_SELECTORS.match(character)) and not (at and unicodedata.category(text[at - 1]) in _PICTURES)
        stray = not at and unicodedata.category(character)[0] == "M"
        if unicodedata.category(character)[0] == "C" or character in _BLANK_LETTERS or selects or stray:
            return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()
    return ""


def _is_joined(before: str) -> bool:
    """Whether a joiner after this character changes what is seen: Arabic letters, marks (virama, U+FE0F), emoji."""
    return unicodedata.bidirectional(before) == "AL" or unicodedata.category(before) in ("Mn", "Mc", "So", "Sk")


def is_device_name(name: str) -> bool:
    """Whether Windows takes a file or folder of this name for a device (`CON`, `aux.txt`, `LPT¹`), in any folder."""
    return unicodedata.normalize("NFKC", name.partition(".")[0]).rstrip().casefold() in _DEVICES
