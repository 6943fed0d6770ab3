"""What else a text may be in that is neither UTF-8 nor Chinese in GB18030: only to refuse it by its name."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from pipeline.files.charset.alphabets import page_of_alphabet
from pipeline.files.charset.common import CHINESE, JAPANESE, KOREAN, share_written_often

_ISO_2022: Final = re.compile(rb"\x1b[$(][@-Z()]")  # ECMA-35: a set is called up; Korean's shifts follow
_HZ: Final = re.compile(rb"~\{((?:[!-w][!-~])+)~\}")  # RFC 1843
_UTF_7: Final = re.compile(rb"\+([A-Za-z0-9+/]{2,})(?=[^A-Za-z0-9+/=]|$)")  # RFC 2152
_UTF_7_MARK: Final = re.compile(rb"\+/v[89+/]")
_HIGH: Final = re.compile(rb"[\x80-\xff]+")
_CYRILLIC: Final = (("KOI8-R", 0xC0, 0xDF), ("Windows-1251", 0xE0, 0xFF))
"""Where the small letters are."""
_OF_WINDOWS: Final = ("874", "1251", "1253", "1255", "1256")
_SURELY_KANA: Final = 12
"""Bytes: of six Chinese characters in GBK all bytes lie between 0xA6 and 0xDF once in a hundred times."""
_LEAST: Final = 0.4
"""Of Korean messages 95 % of the characters are in its list."""


def behind_ascii(data: bytes) -> str:
    """The encoding in which other characters are written in ASCII's own: ISO-2022, HZ or UTF-7; "" where it is none.

    data: the beginning of a text of ASCII, mostly.
    """
    if _ISO_2022.search(data):
        return "ISO-2022"
    if any(_is_often(_decoded(b"~{" + found + b"~}", "hz"), CHINESE) for found in _HZ.findall(data)):
        return "HZ"
    if _UTF_7_MARK.match(data):
        return "UTF-7"
    texts = [_decoded(b"+" + found + b"-", "utf-7") for found in _UTF_7.findall(data)]
    return "UTF-7" if texts and all(map(is_written, texts)) else ""


def other_language(data: bytes, least: float = 0.0) -> str:
    """Korean, Japanese, Traditional Chinese or Cyrillic that these bytes are likely to be, as `EUC-KR`; "" for none.

    least: the share of frequent characters that it must exceed, see `share_written_often`.
    """
    rivals = (
        ("EUC-KR", "cp949", KOREAN), ("EUC-JP", "euc-jp", JAPANESE), ("Shift-JIS", "cp932", JAPANESE),
        ("Johab", "johab", KOREAN),
    )  # fmt: skip
    shares = {name: _share(_decoded(data, codec), often, name) for name, codec, often in rivals}
    best = max(shares, key=lambda name: shares[name])
    if shares[best] > max(least, _LEAST):
        return best
    runs = b"".join(_HIGH.findall(data))
    small = {name: sum(first <= byte <= last for byte in runs) for name, first, last in _CYRILLIC}
    name = max(small, key=lambda one: small[one])
    is_letters = len(runs) > 2 and small[name] >= 0.8 * len(runs) and all(byte >= 0xC0 for byte in runs)
    return name if is_letters and least < _LEAST * 2 else ""


def language_of_names(data: bytes) -> str:
    """The code page of Windows or DOS that names of files are in: Japanese, Korean, Russian or Traditional Chinese; ""
    for none of them.

    Russian and half-width kana are told by words: of the letters of Western Europe no three follow each other.
    """
    if is_half_width_kana(data):
        return "cp932"
    language = other_language(data)
    told = {"EUC-KR": "cp949", "EUC-JP": "euc-jp", "Shift-JIS": "cp932", "Johab": "johab"}.get(language, "")
    told = told or _page_of_words(data)
    told = told or next((codec for codec in ("cp950", "big5hkscs") if _is_frequent_big5(data, codec)), "")
    try:
        data.decode(told or "ascii")
    except UnicodeDecodeError:
        return ""
    return told


def alphabet_named(data: bytes) -> str:
    """What people call the page that a text in Greek, Cyrillic, Hebrew, Arabic or Thai letters is in; "" for none."""
    page = _page_of_words(data)
    number = page.removeprefix("cp")
    if number == page:
        return page.upper() if page.startswith("koi8") else page
    return f"Windows-{number}" if number in _OF_WINDOWS else f"IBM{number}"


def _page_of_words(data: bytes) -> str:
    """As `page_of_alphabet`, where letters beyond ASCII stand in words of their own."""
    runs = _HIGH.findall(data)
    return page_of_alphabet(data) if sum(map(len, runs)) >= 3 * len(runs) > 0 else ""


def is_half_width_kana(data: bytes) -> bool:
    """Whether the names are the half-width kana of Windows, which pairs of GBK can be, too: those have an odd end, or
    are so many that Chinese would have left their range. KOI8-R's small letters are in it as well, but none below 0xC0.
    """
    runs = _HIGH.findall(data)
    text = b"".join(runs)
    if len(text) < max(6, 3 * len(runs)) or not all(0xA6 <= byte <= 0xDF for byte in text):
        return False
    if sum(byte < 0xC0 for byte in text) * 8 < len(text):
        return False
    return len(text) >= _SURELY_KANA or any(len(run) % 2 for run in runs)


def _is_frequent_big5(data: bytes, codec: str) -> bool:
    """Whether these are frequent characters of Big5, most of them of two bytes that are not ASCII: an ñ and the letter
    behind it pass as one character. Beside them stand those of Hong Kong, which Windows' page does not have."""
    text = _decoded(data, codec)
    pairs = [one.encode(codec) for one in text if not one.isascii() and not unicodedata.combining(one)]
    frequent = [pair for pair in pairs if b"\xa4\x40" <= pair <= b"\xc6\x7e"]
    others = [one for one in text if one > "\u2e7f" and one.encode(codec) not in frequent] if codec != "cp950" else []
    high = sum(pair[1] > 0x7F for pair in frequent)
    return (
        len(frequent) + len(others) == len(pairs) > 1 and len(others) <= len(frequent) and high * 5 >= 2 * len(frequent)
    )


def _share(text: str, often: frozenset[str], name: str) -> float:
    """The share of frequent characters; kana is Japanese, whatever else is there."""
    if often is KOREAN or not text:
        return share_written_often(text, often)
    kana = sum("\u3041" <= one <= "\u30fe" for one in text)
    return 1.0 if kana and kana * 5 >= sum(one > "\u2fff" for one in text) else share_written_often(text, often)


def _decoded(data: bytes, codec: str) -> str:
    """ "" where it is not that; a character that the beginning of a file cuts in two is left off."""
    for end in (len(data), len(data) - 1):
        try:
            return data[:end].decode(codec)
        except UnicodeDecodeError:
            continue
    return ""


def _is_often(text: str, often: frozenset[str]) -> bool:
    return share_written_often(text, often) >= _LEAST


def is_written(text: str) -> bool:
    """Whether these characters beyond ASCII are letters of one alphabet, or frequent ones of East Asia."""
    if not text or text.isascii():
        return False
    if all("\u00a0" <= one <= "\u1fff" for one in text):
        scripts = {unicodedata.name(one, "").split(" ")[0] for one in text if one.isalpha()}
        return len(scripts) == 1 and all(unicodedata.category(one)[0] in "LMZP" for one in text)
    return _is_often(text, CHINESE | KOREAN | JAPANESE) or all("\u3041" <= one <= "\u30fe" for one in text)
