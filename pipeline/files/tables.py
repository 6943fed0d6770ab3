"""Tables that people give as text: decisions, addresses, keywords. One reader, so that all of them take the same.

The cells may be parted by comma, semicolon (of either width), tab or bar; Excel's line `sep=;` before the header is
passed over, and so are lines of comment (`# …`) before it; names of columns count without case, spaces, hyphens and
underscores, and rows without a word or with a note alone (`# …`) are skipped. What cannot be read is refused by its
line, JSON and HTML under a table's name by what they are.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.files.safe_csv import meant_by

_DELIMITERS: Final = ",;\t|，；"  # the last two as Chinese keyboards type them
_NO_DELIMITER: Final = "\x1f"
"""Of a table of one column: whatever stands in its line is the cell."""
_SEPARATOR_LINE: Final = re.compile(r'\s*"?sep=(.)"?[\s,;|]*', re.IGNORECASE)
_JOINTS: Final = re.compile(r"[\s_-]+")
_JSON: Final = re.compile(r"\s*(?:\[\s*)?\{\s*(?:\"|$)|\s*\[\s*[\[\"]")
_HTML: Final = re.compile(r"\s*<(?:!doctype|\?xml|html|head|meta|table|style)\b", re.IGNORECASE)
_DOCUMENTS: Final = ("%PDF-", "{\\rtf", "%!PS")
_RULE: Final = re.compile(r":?-{3,}:?")
"""What Markdown draws between the header of a table and its rows."""
_OTHER_ENDS: Final = re.compile("[\x85\u2028\u2029]")
"""How mainframes and some programs for the web end a line."""
_FORMULA: Final = re.compile(r'="([^"]*)"')  # how a spreadsheet keeps a text from becoming a number
SPACE: Final = " \t\r\n\v\f\u00a0\u3000\ufeff\x1a\u200b\u200e\u200f\u202a\u202c\u2060"
"""What cannot be seen at a cell's ends; Windows' dialogs and web pages copy direction marks along."""


@dataclass(frozen=True, slots=True)
class Row:
    """line: where it ends in the file, from 1. cells: by field, without the space around them; empty where none is.

    surplus: it has more cells than the header, so that none can be trusted to stand in its column.
    """

    line: int
    cells: Mapping[str, str]
    surplus: bool


@dataclass(frozen=True, slots=True)
class Table:
    """header: the names of the columns as they stand. fields: the known ones among them."""

    header: tuple[str, ...]
    fields: frozenset[str]
    rows: Iterator[Row]


def read_table(
    lines: Iterable[str],
    columns: Mapping[str, str],
    name: str,
    usual: str = ",",
    header: tuple[str, ...] | None = None,
) -> Table:
    """The table in the lines of a file that was opened with `newline=""`.

    columns: the field that a column fills, by the column's name, however it is joined (`face_id`, `Face ID`). usual:
    the delimiter of a header that tells none. header: of a file that has none; its first line tells the delimiter.
    Rows are read as they are asked for. Raises UsageError, also from the rows: with the file's name and the line.
    """
    stream, columns = _apart(iter(lines)), {_key(column): field for column, field in columns.items()}
    skipped, first, told, behind = _beginning(stream, columns if header is None else None)
    stream = chain(behind, stream)
    if header is None:
        refuse_other_kinds(first, name)
        if _JSON.match(first.rstrip("\r\n")):
            raise UsageError(message("table_json", file=name))
    delimiter = told or (_delimiter(first, columns, usual) if header is None else _parting(first, usual))
    reader = csv.reader(chain([first], stream), delimiter=delimiter, strict=True, skipinitialspace=True)
    if header is None:
        try:
            header = tuple(_name_of(cell) for cell in next(reader, []))
        except csv.Error as e:
            raise UsageError(message("list_line", file=name, line=skipped + 1, why=e)) from e
    known = [key for column in header if (key := _key(column)) in columns]
    if twice := next((column for column in known if known.count(column) > 1), None):
        called = next(column for column in header if _key(column) == twice)
        raise UsageError(message("table_column_twice", file=name, column=called.lower()))
    fields = [columns.get(_key(column)) for column in header]
    return Table(header, frozenset(filter(None, fields)), _rows(reader, fields, name, skipped))


def _apart(lines: Iterator[str]) -> Iterator[str]:
    """The lines of a file whose first one shows that they end as csv does not know; others as they are, where such a
    character is a cell's own."""
    first = next(lines, None)
    if first is None:
        return
    if not _OTHER_ENDS.search(first):
        yield from chain([first], lines)
        return
    for line in chain([first], lines):
        *whole, rest = _OTHER_ENDS.split(line)
        yield from (f"{one}\n" for one in whole)
        if rest:
            yield rest


def whole_rows(table: Table, name: str) -> Iterator[Row]:
    """The rows of a table that is refused where a row has more cells than the header. Raises UsageError."""
    for row in table.rows:
        if row.surplus:
            raise UsageError(message("table_cells", file=name, line=row.line, most=len(table.header)))
        yield row


def has_header(line: str, columns: Mapping[str, str], needed: str) -> bool:
    """Whether a line is a header with the needed field, whatever its delimiter."""
    known = {_key(column): field for column, field in columns.items()}
    return any(needed in _fields(line, delimiter, known) for delimiter in _DELIMITERS)


def header_line(lines: Iterable[str], columns: Mapping[str, str]) -> str:
    """The line that `read_table` would take for the header's first, "" where there is none. Reads as far as it must."""
    return _beginning(iter(lines), {_key(column): field for column, field in columns.items()})[1]


def is_separator_line(line: str) -> bool:
    """Whether a line is the one by which Excel is told the delimiter."""
    return _told_delimiter(line) is not None


def _told_delimiter(line: str) -> str | None:
    match = _SEPARATOR_LINE.fullmatch(line.lstrip(SPACE).rstrip("\r\n"))  # a tab at its end may be what it tells
    return match[1] if match else None


def _key(column: str) -> str:
    """What spellings of a column's name have in common."""
    return _JOINTS.sub("", _name_of(column).lower())


def _name_of(column: str) -> str:
    text = column.strip(SPACE)
    formula = _FORMULA.fullmatch(text)
    return formula[1].strip(SPACE) if formula else text


def refuse_other_kinds(first: str, name: str) -> None:
    """Raises UsageError for what begins as no table and no list of lines does: the page of HTML that some save as .xls,
    a PDF, and what a word processor keeps."""
    if _HTML.match(first):
        raise UsageError(message("table_html", file=name))
    if first.lstrip(SPACE).startswith(_DOCUMENTS):
        raise UsageError(message("text_document", file=name))


def _beginning(
    stream: Iterator[str], columns: Mapping[str, str] | None
) -> tuple[int, str, str | None, tuple[str, ...]]:
    """(lines before the header, the header's first line, the delimiter that a line before it tells, lines read behind).

    columns: None for a table without a header, in which nothing is a comment. A comment is the header itself
    (`# url,class`) where the line behind the comments is none.
    """
    told, commented = None, ""
    for skipped, line in enumerate(stream):
        if told is None and is_separator_line(line):
            told = _told_delimiter(line)
        elif columns is not None and _is_comment(line, columns):
            bare = line.lstrip(SPACE).removeprefix("#")
            commented = bare if _most_fields(bare, columns) > 1 else commented
        elif line.strip(SPACE + _DELIMITERS):  # a spreadsheet's empty rows are delimiters alone
            if columns is not None and _is_header_of(commented, line, columns):
                return skipped - 1, commented, told, (line,)
            return skipped, line, told, ()
    return 0, commented, told, ()


def _is_comment(line: str, columns: Mapping[str, str]) -> bool:
    """Whether a line before the header is none of the table. A column may be called `#`, as what counts the rows is."""
    text = line.lstrip(SPACE)
    if not text.startswith(("#", '"#')):
        return False
    numbers = text.lstrip('"#').lstrip(' "').startswith(tuple(_DELIMITERS))
    return not (numbers and _most_fields(line, columns))


def _is_header_of(commented: str, line: str, columns: Mapping[str, str]) -> bool:
    """Whether a comment names the columns of a line that names none, and is parted as it is."""
    if not commented or _most_fields(line, columns):
        return False
    best = max(_DELIMITERS, key=lambda delimiter: len(_fields(commented, delimiter, columns)))
    return best in line


def _most_fields(line: str, columns: Mapping[str, str]) -> int:
    return max(len(_fields(line, delimiter, columns)) for delimiter in _DELIMITERS)


def _delimiter(first: str, columns: Mapping[str, str], usual: str) -> str:
    """The one that parts the header into most of the known columns."""
    known = {delimiter: len(_fields(first, delimiter, columns)) for delimiter in (usual, *_DELIMITERS)}
    best = max(known, key=lambda delimiter: known[delimiter])
    parts_nothing = known[best] == 1 and not any(delimiter in first for delimiter in _DELIMITERS)
    return _NO_DELIMITER if parts_nothing else best


def _parting(first: str, usual: str) -> str:
    """The usual one where it is there, else another that is; of a file without a header."""
    return next((delimiter for delimiter in (usual, ";", "\t") if delimiter in first), usual)


def _fields(line: str, delimiter: str, columns: Mapping[str, str]) -> set[str]:
    try:
        cells = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return set()
    return {columns[key] for cell in cells if (key := _key(cell)) in columns}


def _rows(reader: Iterator[list[str]], fields: Sequence[str | None], name: str, skipped: int) -> Iterator[Row]:
    while True:
        line = skipped + reader.line_num + 1  # type: ignore[attr-defined]
        try:
            cells = next(reader, None)
        except csv.Error as e:
            raise UsageError(message("list_line", file=name, line=line, why=e)) from e
        if cells is None:
            return
        line = skipped + reader.line_num  # type: ignore[attr-defined]
        texts = [_plain(cell) for cell in cells]
        if _is_no_row(texts):
            continue
        filled: dict[str, str] = {}
        for field, text in zip(fields, texts, strict=False):
            if field is not None:
                filled[field] = filled.get(field) or text
        yield Row(line, filled, surplus=any(texts[len(fields) :]))


def _is_no_row(texts: Sequence[str]) -> bool:
    """Whether these cells are what a spreadsheet leaves, Markdown draws or somebody notes between the rows."""
    said = [text for text in texts if text]
    if (
        len(texts) == 1 and len(texts[0]) > 1 and not texts[0].strip(_DELIMITERS)
    ):  # of a table that was parted otherwise
        return True
    return not said or all(map(_RULE.fullmatch, said)) or (len(said) == 1 and said[0].startswith("# "))


def _plain(cell: str) -> str:
    text = cell.strip(SPACE)
    formula = _FORMULA.fullmatch(text)
    return formula[1].strip(SPACE) if formula else meant_by(text)
