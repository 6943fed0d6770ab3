"""Which code page names in Latin letters are in: the one in which most of their words are those of a language.

One byte is a letter in each page: `88` is ê, ł or ˆ. Whether `z88y` is zły or zêy no rule can say; that a word has ł
and ś, and not ê and ÿ, says it of all names that one program wrote.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from pipeline.files.charset.others import language_of_names

PAGES: Final = ("cp437", "cp1252", "cp850", "cp852", "cp1250", "cp857", "cp1254", "cp775", "cp1257", "iso8859-2")
"""Of words that fit several the first: cp437 is what the format says, the others what Windows and DOS write."""
_ALPHABETS: Final = tuple(map(frozenset, (
    "äöüß", "àâæçéèêëîïôœùûü", "áéíñóúü", "àáâãçéêíóôõúü", "àèéìòù", "àçéèíïóòúü", "éèëïóöü", "åäöé", "æøåé",
    "áðéíóúýþæö", "äõöüšž", "ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž",
    "çğıöşü", "çë", "ąčęėįšųūž", "āčēģīķļņšūž",
)))  # fmt: skip
"""Beyond ASCII, a language each: German, French, Spanish, Portuguese, Italian, Catalan, Dutch, Swedish and Finnish,
Danish and Norwegian, Icelandic, Estonian, Polish, Czech, Slovak, Hungarian, Romanian, those of Croatia and around,
Turkish, Albanian, Lithuanian, Latvian."""
_WORD: Final = re.compile(r"(?:[A-Za-z]|(?![‘’‚“”„–—…])[^\x00-\x7f])+")
"""Between words stand ASCII and the quotes and dashes of Windows."""
_AMID: Final = re.compile(r"[A-Za-z][^\x00-\x7f]{1,2}(?![^\x00-\x7f])|(?<![^\x00-\x7f])[^\x00-\x7f]{1,2}[A-Za-z]")
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]+")


def page_of_names(data: bytes) -> str:
    """The encoding of names of files that is neither UTF-8 nor Chinese; "" where nothing says it.

    Japanese and the like go before, but for one or two characters each in a Latin word: `b敗e` is böse.
    """
    eastern, (latin, all_fit) = language_of_names(data), _latin_page(data)
    return latin if not eastern or (all_fit and _is_amid_letters(data.decode(eastern))) else eastern


def _is_amid_letters(text: str) -> bool:
    return len(_FOREIGN.findall(text)) == len(_AMID.findall(text))


def _latin_page(data: bytes) -> tuple[str, bool]:
    """The page, "" where no word is a word in any; and whether all are."""
    spoken = {page: _words(data, page) for page in PAGES}
    scores = {page: _score(words) for page, words in spoken.items()}
    best = max(scores, key=lambda page: scores[page])  # of equals the first
    if not scores[best]:
        return "", False
    return best, all(map(any, spoken[best]))


def _score(words: list[list[bool]]) -> int:
    """How many words there are of any language, and of the one that most are of: names are mostly in one."""
    return sum(map(any, words)) + max(map(sum, zip(*words, strict=True)), default=0)


def _words(data: bytes, page: str) -> list[list[bool]]:
    """Of each word with a letter beyond ASCII whether it may be of each language; a lone letter is no word. None where
    the page has no letter for a byte."""
    try:
        text = data.decode(page)
    except UnicodeDecodeError:
        return []
    return [_languages(word) for word in set(_WORD.findall(text)) if len(word) > 1 and not word.isascii()]


def _languages(word: str) -> list[bool]:
    """Which languages have its letters; none where capitals do not stand where capitals do."""
    beyond = [letter for letter in word if not letter.isascii()]
    amid = any(one.isupper() and not one.isascii() and before.islower() for before, one in pairwise(word))
    plain = [letter for letter in word if letter.isascii()]
    shouted = len(plain) > 1 and all(map(str.isupper, plain)) and any(one.islower() and one != "ß" for one in beyond)
    return [not amid and not shouted and one.issuperset(map(str.lower, beyond)) for one in _ALPHABETS]
