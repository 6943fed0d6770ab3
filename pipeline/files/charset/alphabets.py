"""Which code page names in Greek, Cyrillic, Hebrew, Arabic or Thai letters are in: by how often each letter is written.

The byte E1 is α, б, ב, ل or แ, one of each page. Of two words the letters of one page are those that its language
mostly writes, and the capitals and final letters stand where they do; in the others they do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

_FIRST: Final = 3
_OTHER: Final = 17
_MARKS: Final = {**dict.fromkeys("«»‘’‚“”„–—…№°©\u00a0", 10), **dict.fromkeys("\u200c\u200d\u200e\u200f", 12)}
_MISPLACED: Final = 9
_SHOUTED: Final = 6
"""Bits that names in capitals cost at most, one for each capital behind another: all of an archive's may be so."""
_MOST: Final = 7.5
"""Bits a letter: names that cost more are in none of these. Real ones cost 4 to 5.5, a page's other letters above 8."""
_LANGUAGES: Final = (
    (("cp866", "cp1251", "koi8-r", "cp855", "mac-cyrillic"),
     "ое аниртс вклмпдуы яйзьбгч хюжшц щфё э - ъ"),
    (("cp866", "cp1251", "cp1125", "koi8-u", "cp855"),
     "а ноіертикв сумлдп гьбзяй чхюжшц єфї - щґ"),
    (("cp866", "cp1251", "cp855"), "аие нотрс влкпдз мяъубч гцжщ йфшх ю ь"),
    (("cp1251", "cp855"), "аи еонртс купвмдл јзбгчш њцљх фћж ђ џ"),
    (("cp1253", "cp737", "cp869"), "α εοιτνρσ μκπηλυς ίγάέδόήθωχ ύφβώ ξζ ψ - ϊϋ"),
    (("cp1255", "cp862"), "יו התרמלאנ בקשסדפגט חעםכןצ ז ך ףץ"),
    (("cp1256", "cp720"), "ال يمترو نةبسدفع كقحجأهطصخ شزغإض ثئذء ىظ ؤآ ـ"),
    (("cp1256",), "اي نرهودتم \u200cبسلکش گزپف جخقعصح طآچغ ذئظض ثژ أ"),
    (("cp874",), "- ารอก่ม นเ้งดัลีตบิสย วแไทขคห์พจปะืู ชำใโุถฟซ ็ณผ ภธึษญฐ ฮ ศฉๆ"),
)  # fmt: skip
"""Pages, of equals the first, and the letters, each word one bit rarer, from three bits on. Russian, Ukrainian,
Bulgarian, Serbian, Greek, Hebrew, Arabic, Persian and Thai: counted in the translated messages of Debian's packages."""
_BITS: Final = tuple(
    {letter: bits for bits, letters in enumerate(words.split(" "), _FIRST) for letter in letters if letter != "-"}
    for _, words in _LANGUAGES
)
_NEVER_LAST: Final = frozenset("σכמנצ")
_ONLY_LAST: Final = frozenset("ςךםןףץ")
_CLEARLY: Final = 2
"""Bits that each other page has to cost more; a factor of 4."""
_RARER: Final = 3
"""Bits: most names that are told here are in Russian."""
_SELDOM: Final = ("koi8-r", "koi8-u", "cp855", "cp869", "cp1125", "mac-cyrillic", "iso8859-5", "iso8859-6")
"""Pages that neither Windows nor its DOS window writes: two bits."""


def page_of_alphabet(data: bytes) -> str:
    """The code page, of names of files that are in letters beyond Latin; "" where they are in none of these."""
    costs = {page: cost for page, cost in _costs(data) if cost < _OTHER * len(data)}
    if not costs:
        return ""
    best = min(costs, key=lambda page: costs[page])
    text, high = data.decode(best), sum(byte > 0x7F for byte in data)
    is_near = any(cost < costs[best] + _CLEARLY and data.decode(page) != text for page, cost in costs.items())
    return "" if is_near or costs[best] > _MOST * high else best


def _costs(data: bytes) -> Iterator[tuple[str, int]]:
    """Each page with what the names cost in the language of it that they are likest to."""
    least: dict[str, int] = {}
    for number, ((pages, _), bits) in enumerate(zip(_LANGUAGES, _BITS, strict=True)):
        for page in pages:
            try:
                text = data.decode(page)
            except UnicodeDecodeError:
                continue
            cost = _cost(text, bits) + (_RARER if number else 0) + (2 if page in _SELDOM else 0)
            least[page] = min(cost, least.get(page, cost))
    yield from least.items()


def _cost(text: str, bits: dict[str, int]) -> int:
    letters = sum(bits.get(one) or _MARKS.get(one, _OTHER) for one in text.lower() if not one.isascii())
    beside = list(pairwise(text + "\n"))
    shouted = sum(one.isupper() and after.isupper() for one, after in beside if not one.isascii())
    return letters + min(shouted, _SHOUTED) + _MISPLACED * sum(_is_misplaced(one, after) for one, after in beside)


def _is_misplaced(one: str, after: str) -> bool:
    """A capital amid a word, or a letter that stands at the end of words alone, or never there."""
    if after.isalpha() and not after.isascii():
        return one in _ONLY_LAST or (one.islower() and after.isupper())
    return one in _NEVER_LAST
