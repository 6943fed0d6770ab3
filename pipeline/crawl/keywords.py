"""Keywords for a search: typed, or read from a text file; a class may stand behind each."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.names import clean_name, name_key
from pipeline.files.charset.halves import from_json
from pipeline.files.tables import (
    Table,
    has_header,
    header_line,
    is_separator_line,
    read_table,
    refuse_other_kinds,
    whole_rows,
)
from pipeline.files.text_encoding import decode_text

LONGEST: Final = 200
MOST_BYTES: Final = 1024 * 1024
_COLUMNS: Final = {
    "keyword": "keyword", "keywords": "keyword", "query": "keyword", "search": "keyword",
    "关键词": "keyword", "关键字": "keyword", "class": "class", "label": "class", "类别": "class",
}  # fmt: skip
_JSON: Final = (".json", ".jsonl", ".ndjson")
_HEAD: Final = 200
"""Characters that tell what a file is."""
_COMMENT: Final = re.compile(r"\s*#[ \t]")
"""`#smile` is a keyword as people tag photos."""
_BULLET: Final = re.compile(r"\A\s*(?:[-*•]|\d{1,3}[.)])\s+")
"""What stands before each line of a list that was made to be read; engines take a dash for "without"."""
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
    """The keywords of a file, see `parse_file`. Raises UsageError."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(message("keywords_too_large", file=path, most=MOST_BYTES))
        data = path.read_bytes()
    except OSError as e:
        raise UsageError(message("path_unreadable", file=path, why=e.strerror or e)) from e
    return parse_file(data, str(path))


def parse_file(data: bytes, name: str) -> tuple[Keyword, ...]:
    """The keywords of a file's bytes: a table with the columns keyword and class, or lines without a header.

    Without that header: in a `.csv` or `.tsv` the second cell is the class, in any other file what stands behind a
    tab, else behind a semicolon. Lines that begin with # and a space are comments. JSON: see `_json_keywords`.
    Encodings: see `text_encoding`. Raises UsageError that names the file, and the line.
    """
    text = decode_text(data, name)
    refuse_other_kinds(text.lstrip()[:_HEAD], name)
    suffix = PurePath(name).suffix.lower()
    if suffix in _JSON or text.lstrip().startswith(('["', "[{", "{", "[]")):
        return _each_once(list(_json_keywords(text, name)))
    lines = list(io.StringIO(text, newline=""))
    if has_header(header_line(lines, _COLUMNS), _COLUMNS, "keyword"):
        return _of_table(read_table(lines, _COLUMNS, name), name)
    lines = ["\n" if _COMMENT.match(line) else line for line in lines]
    if suffix in (".csv", ".tsv"):
        usual = "\t" if suffix == ".tsv" else ","
        return _of_table(read_table(lines, _COLUMNS, name, usual, header=("keyword", "class")), name)
    delimiter = "\t" if any("\t" in line for line in lines) else ";"
    texts = (line for line in lines if not is_separator_line(line))
    return _each_once([keyword for line in texts for keyword in _line(_BULLET.sub("", line), delimiter)])


def _of_table(table: Table, name: str) -> tuple[Keyword, ...]:
    cells = (row.cells for row in whole_rows(table, name))
    return _each_once([one for row in cells for one in _keyword(row.get("keyword", ""), row.get("class", ""))])


def _json_keywords(text: str, name: str) -> Iterator[Keyword]:
    """Of a list of keywords or of objects with the columns keyword and class, of an object with such a list behind a
    column's name or with a list for each class, or of such objects line by line. Raises UsageError."""
    for given in _json_values(text, name):
        for keyword, proposal in _told(given, name):
            yield from _keyword(keyword, proposal)


def _json_values(text: str, name: str) -> list[Any]:
    try:
        return [from_json(text)]
    except (ValueError, RecursionError):
        try:
            return [from_json(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError) as e:
            raise UsageError(message("keywords_no_json", file=name, why=e)) from e


def _told(given: Any, name: str, proposal: str = "") -> Iterator[tuple[str, str]]:
    """(keyword, class) of one value of JSON."""
    if isinstance(given, str):
        yield given, proposal
    elif isinstance(given, list) and not any(isinstance(one, list) for one in given):
        for one in given:
            yield from _told(one, name, proposal)
    elif isinstance(given, dict) and all(isinstance(one, list) for one in given.values()):
        for key, those in given.items():
            yield from _told(those, name, "" if _column(key) == "keyword" else key)
    elif isinstance(given, dict) and all(isinstance(one, str | None) for one in given.values()):
        cells = {_column(key): one or "" for key, one in given.items()}
        if "keyword" not in cells:
            raise UsageError(message("keywords_json", file=name))
        yield cells["keyword"], cells.get("class", "") or proposal
    else:
        raise UsageError(message("keywords_json", file=name))


def _column(key: str) -> str:
    return _COLUMNS.get(key.strip().lower(), "")


def _line(line: str, delimiter: str = "\t") -> list[Keyword]:
    text, _, proposal = line.partition(delimiter)
    return _keyword(text, proposal)


def _keyword(text: str, proposal: str) -> list[Keyword]:
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
