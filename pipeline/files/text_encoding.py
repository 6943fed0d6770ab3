"""Which encoding a stranger's text is in: told by its mark or by its bytes, or the file is refused by what it is.

Read are UTF-8, UTF-16 and UTF-32, each with its mark or without, and GB18030 (GBK, GB 2312) where the characters are
those that Chinese is written with. Latin-1, Big5, EUC-KR, KOI8-R and the like cannot be told from each other for sure:
they are refused, as are the encodings that hide behind ASCII (UTF-7, HZ, ISO-2022).
"""

from __future__ import annotations

import codecs
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.files.charset.common import CHINESE, share_written_often
from pipeline.files.charset.others import alphabet_named, behind_ascii, is_written, other_language

MOST_KEPT: Final = 128 * 1024 * 1024
"""Bytes of a table of which every row is kept: a million and a half decisions, four times as much in memory."""
_CHUNK: Final = 1 << 16
_LONGEST_LINE: Final = 16 * 1024 * 1024
"""Bytes; a table whose lines end as only mainframes have it is one line."""
_MARKS: Final = (  # UTF-32's before UTF-16's, which one of them begins with
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"), (codecs.BOM_UTF8, "utf-8-sig"),
)  # fmt: skip
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_CYRILLIC: Final = ("KOI8-R", "Windows-1251")
"""So many letters of other alphabets are called, too, by where most bytes lie."""
_ENOUGH: Final = 4_000
"""So many Chinese characters say whether it is Chinese."""
_LEAST_ASCII: Final = 0.2
"""In UTF-16 without a mark: ends of lines and commas. A stray NUL in a text of bytes gives nothing of the kind."""
_ALPHABETS: Final = frozenset(
    ["LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "HEBREW", "ARABIC", "SYRIAC", "THAANA", "NKO", "UNASSIGNED"]
)
"""That have two bytes in UTF-8."""
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]+")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1e\x7f\ufffe]")
"""What no text has: half of a wide character, mostly. Left out are DOS's end of file and the unit separator."""
_LEAST_OFTEN: Final = 0.5
"""Of Chinese messages 96 % of the characters are in the list (94 of texts that were not counted for it); of the bytes
of Korean read as Chinese 23 %, of KOI8-R 19, Big5 10, EUC-JP 8, Windows-1251 2 (`tests.bench.files.charset`)."""


def decode_text(data: bytes, name: str) -> str:
    """The text of `data`, without its mark. Raises UsageError that names the file and what it is."""
    return data.decode(_encoding(io.BytesIO(data), name))


def encoding_of(path: Path) -> str:
    """The encoding of a whole file, which is read a piece at a time, as `open` takes it.

    Raises UsageError, also where a line is so long that nobody could read the file line by line; OSError.
    """
    with path.open("rb") as stream:
        encoding = _encoding(stream, str(path))
        stream.seek(0)
        since = 0
        while piece := stream.read(_CHUNK):
            since = 0 if b"\n" in piece or b"\r" in piece else since + len(piece)
            if since > _LONGEST_LINE:
                raise UsageError(message("text_line_long", file=path, most=_LONGEST_LINE))
        return encoding


def refuse_large(path: Path) -> None:
    """Raises UsageError for a table of which all rows are kept that has more than MOST_KEPT bytes; OSError."""
    if path.stat().st_size > MOST_KEPT:
        raise UsageError(message("list_too_large", file=path, most=MOST_KEPT))


def _encoding(stream: IO[bytes], name: str) -> str:
    head = stream.read(_CHUNK)
    if head.startswith(_WORKBOOKS):
        raise UsageError(message("text_workbook", file=name))
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            found = _survey(stream, encoding)
            if found is None or (mark == codecs.BOM_UTF8 and _is_mixed(found.runs)):
                raise UsageError(message("text_mark_wrong" if mark == codecs.BOM_UTF8 else "text_encoding", file=name))
            return encoding
    if b"\0" in head:
        found = _survey(stream, wide := _wide_encoding(head))
        if found is None or (found.ascii < _LEAST_ASCII * found.length and not is_written("".join(found.runs))):
            raise UsageError(message("text_binary", file=name))
        return wide
    told = _utf8_or_chinese(stream)
    if not told:
        raise _refusal(stream, name)
    if hidden := behind_ascii(head):
        raise UsageError(message("text_encoding_of", file=name, encoding=hidden))
    return told


def _refusal(stream: IO[bytes], name: str) -> UsageError:
    stream.seek(0)
    start = stream.read(_CHUNK)
    if escaped := behind_ascii(start):
        return UsageError(message("text_encoding_of", file=name, encoding=escaped))
    if _CONTROL.search(start.decode("latin-1")):
        return UsageError(message("text_binary", file=name))
    other = other_language(start)
    if not other or other in _CYRILLIC:
        other = alphabet_named(start) or other
    if other:
        return UsageError(message("text_encoding_of", file=name, encoding=other))
    return UsageError(message("text_encoding", file=name))


def utf8_or_chinese(data: bytes) -> str:
    """`utf-8` or `gb18030`, whichever bytes without a mark and without NULs are in; "" where they are in neither."""
    return _utf8_or_chinese(io.BytesIO(data))


def _utf8_or_chinese(stream: IO[bytes]) -> str:
    found = _survey(stream, "utf-8")
    if found is not None and not _is_mixed(found.runs):
        return "utf-8"
    chinese = _survey(stream, "gb18030")
    if chinese is not None and _is_chinese(chinese.runs, 1.0 if found else 0.5):
        return "gb18030"
    return "utf-8" if found is not None else ""


@dataclass(slots=True)
class _Survey:
    """Of a text that decodes. runs: what is not ASCII, run by run, of its first part."""

    length: int = 0
    ascii: int = 0
    runs: list[str] = field(default_factory=list)


def _wide_encoding(head: bytes) -> str:
    """UTF-16 or UTF-32 without a mark: where the NULs are that every line's end and every ASCII character has."""
    nuls = [head[at::4].count(0) for at in range(4)]
    units = len(head) // 4
    if nuls[3] >= units > 0 and nuls[2] * 10 >= units * 9:
        return "utf-32-le"
    if nuls[0] >= units > 0 and nuls[1] * 10 >= units * 9:
        return "utf-32-be"
    return "utf-16-le" if nuls[1] + nuls[3] > nuls[0] + nuls[2] else "utf-16-be"


def _survey(stream: IO[bytes], encoding: str) -> _Survey | None:
    """None where it does not decode to its end, or holds what no text does."""
    found, foreign = _Survey(), 0
    try:
        for text in _decoded(stream, encoding):
            if _CONTROL.search(text):
                return None
            if foreign < _ENOUGH:
                runs = _FOREIGN.findall(text)
                more = sum(map(len, runs))
                found.length += len(text)
                found.ascii += len(text) - more
                found.runs += runs
                foreign += more
    except UnicodeDecodeError:
        return None
    return found


def _is_chinese(runs: list[str], least: float) -> bool:
    """Whether this share of the characters is common in Chinese, as Latin-1 read as GB18030 is not, and enough of them
    are written often, more than where the bytes are taken for another language."""
    text = "".join(runs)
    if sum(character in _common_chinese() for character in text) < least * len(text):
        return False
    if not any(map(str.isalpha, text)):
        return True  # Chinese punctuation alone
    often = share_written_often(text, CHINESE)
    return often >= _LEAST_OFTEN and not other_language(text.encode("gb18030"), often)


def _is_mixed(runs: list[str]) -> bool:
    """Whether words of UTF-8 are of several alphabets at once, as Chinese in GBK is that happens to be sound UTF-8.

    Only where all have two bytes: the pairs of GBK cannot pass as three.
    """
    if any(character > "\u07ff" for run in runs for character in run):
        return False
    return any(len(_ALPHABETS & {unicodedata.name(one, "UNASSIGNED").split()[0] for one in run}) > 1 for run in runs)


def _decoded(stream: IO[bytes], encoding: str) -> Iterator[str]:
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    while chunk := stream.read(_CHUNK):
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


@cache
def _common_chinese() -> frozenset[str]:
    """GB 2312's punctuation and full-width forms, and its first plane of characters: 99.7 % of what is written."""
    rows = (0xA1, 0xA3, *range(0xB0, 0xD8))
    pairs = (bytes((row, cell)) for row in rows for cell in range(0xA1, 0xFF))
    return frozenset("".join(pair.decode("gb2312", "ignore") for pair in pairs))
