"""Keywords for a search: typed, or read from a text file; a class may stand behind each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.names import clean_name, name_key

LONGEST: Final = 200
MOST_BYTES: Final = 1024 * 1024
CODINGS: Final = ("utf-8-sig", "gb18030")
"""That a stranger's text may be in, tried in this order."""
_SEPARATOR: Final = re.compile(r"[,，、;；\n\r]")


@dataclass(frozen=True, slots=True)
class Keyword:
    """What to search for. proposal: the class that its images get proposed, None for none."""

    text: str
    proposal: str | None = None


def parse_typed(text: str) -> tuple[Keyword, ...]:
    """Keywords separated by commas (Chinese ones, too) or lines; a line with a tab is read as in a file."""
    found: list[Keyword] = []
    for line in text.splitlines():
        if "\t" in line:
            found += _line(line)
        else:
            found += [keyword for part in _SEPARATOR.split(line) for keyword in _line(part)]
    return _each_once(found)


def parse_lines(text: str) -> tuple[Keyword, ...]:
    """A keyword a line, `keyword<TAB>class` with a proposed class; blank lines are skipped."""
    return _each_once([keyword for line in text.splitlines() for keyword in _line(line)])


def read_keywords(path: Path) -> tuple[Keyword, ...]:
    """The keywords of a text file: UTF-8 with or without a byte-order mark, else GB18030. Raises UsageError."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(message("keywords_too_large", file=path, most=MOST_BYTES))
        data = path.read_bytes()
    except OSError as e:
        raise UsageError(message("path_unreadable", file=path, why=e.strerror or e)) from e
    return parse_lines(decode_text(data, str(path)))


def decode_text(data: bytes, name: str) -> str:
    """Text of a stranger's file: UTF-8 with or without a byte-order mark, else GB18030. Raises UsageError naming it."""
    for coding in CODINGS:
        try:
            return data.decode(coding)
        except UnicodeDecodeError:
            continue
    raise UsageError(message("text_encoding", file=name))


def _line(line: str) -> list[Keyword]:
    text, _, proposal = line.partition("\t")
    text = clean_name(text)
    if not text:
        return []
    if len(text) > LONGEST:
        raise UsageError(message("keyword_too_long", text=text[:40], most=LONGEST))
    return [Keyword(text, clean_name(proposal) or None)]


def _each_once(found: list[Keyword]) -> tuple[Keyword, ...]:
    """The first of equal texts; one that is given two classes is refused."""
    known: dict[str, Keyword] = {}
    for one in found:
        before = known.setdefault(one.text, one)
        if one.proposal and before.proposal and name_key(one.proposal) != name_key(before.proposal):
            raise UsageError(message("keyword_of_two_classes", text=one.text, one=before.proposal, other=one.proposal))
        if one.proposal and not before.proposal:
            known[one.text] = one
    return tuple(known.values())
