"""A list of addresses: text, CSV or JSONL, read line by line."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import Message, message
from pipeline.core.names import clean_name, name_key
from pipeline.core.records import Provenance
from pipeline.crawl import results_page
from pipeline.fetch.candidate import ImageCandidate
from pipeline.files.charset.halves import without_halves
from pipeline.files.tables import (
    SPACE,
    has_header,
    header_line,
    is_separator_line,
    read_table,
    refuse_other_kinds,
    whole_rows,
)
from pipeline.files.text_encoding import encoding_of

MOST_BYTES: Final = 512 * 1024 * 1024
LONGEST_CELL: Final = 2000
_COLUMNS: Final = {
    "url": "url", "image_url": "url", "image": "url",
    "page": "page_url", "page_url": "page_url", "source_url": "page_url",
    "class": "proposal", "label": "proposal",
    "licence": "licence", "license": "licence", "licence_url": "licence_url", "license_url": "licence_url",
    "title": "title", "author": "author", "creator": "author",
    "person": "person",
}  # fmt: skip
"""The names that a column may have, in any case, and the field that it fills."""
_OF_PICTURES: Final = ("image_url", "image")
_BULLET: Final = re.compile(r"\A(?:[-*•]|\d{1,6}[.)])\s+(?=[\"'<“‘]?https?://|!?\[|<\s*(?:img|a)\s)", re.IGNORECASE)
"""What stands before an address in a list that was made to be read."""
_SEVERAL: Final = re.compile(r"[,;]\s+(?=[\"'<“‘]?https?://)")
_AROUND: Final = re.compile(
    r"""(?:!?\[[^\]]*\]\(\s*<?|<\s*(?:img|a)\b[^>]*?\s(?:src|href)\s*=\s*["']?|=HYPERLINK\(\s*")(https?://[^\s"'<>]+)""",
    re.IGNORECASE,
)
"""How Markdown, a page's source and a spreadsheet's formula write an address."""
_SCHEME_AND_HOST: Final = re.compile(r"[^/]*//[^/]*")
_QUOTES: Final = ('""', "''", "<>", "“”", "‘’")
_JSON: Final = re.compile(r"\s*(?:\{|\[(?![^\]]*\]\())")
"""Not what Markdown begins with: `[words](address)`."""
_FIELDS: Final = ("url", "page_url", "title", "author", "licence", "licence_url", "proposal", "person")


def read_list(path: Path) -> Iterator[ImageCandidate]:
    """Each row of a list, in order: a table with a header, `.jsonl` with an object a line, else plain text.

    A table is `.csv`, `.tsv`, or whatever begins with a line of columns, one of them called url; class, licence, page,
    licence_url, title, author and person are taken where they are there (see `tables.read_table`). Text: an address a
    line, a class behind a tab. Blank lines and those that begin with # are skipped. Encodings: see `text_encoding`.
    A saved page of image results (`.html`, `.mhtml`) is read for the images that it tells of.
    Raises UsageError that names the line.
    """
    if path.suffix.lower() in results_page.SUFFIXES:
        return results_page.read_results_page(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(message("list_too_large", file=path, most=MOST_BYTES))
        encoding = encoding_of(path)
    except OSError as e:
        raise UsageError(message("path_unreadable", file=path, why=e.strerror or e)) from e
    return _of_one_class(_rows(path, encoding), path)


def _of_one_class(rows: Iterable[ImageCandidate], path: Path) -> Iterator[ImageCandidate]:
    """Raises UsageError for an address that has two classes: the photo would get one of them, and nobody would know.

    Of each address a number of 64 bits is kept: millions of them as texts would take a gigabyte.
    """
    proposed: dict[int, str] = {}
    for row in rows:
        if not row.proposal:
            yield row
            continue
        place = _SCHEME_AND_HOST.sub(lambda found: found[0].lower(), row.url, count=1)
        if name_key(other := proposed.setdefault(hash(place), sys.intern(row.proposal))) != name_key(row.proposal):
            raise UsageError(message("list_two_classes", file=path, url=row.url, one=other, other=row.proposal))
        yield row


def _rows(path: Path, encoding: str) -> Iterator[ImageCandidate]:
    suffix = path.suffix.lower()
    try:
        with path.open(encoding=encoding, newline="") as lines:
            if suffix in (".jsonl", ".ndjson"):
                yield from _objects(lines, str(path))
                return
            first = header_line(lines, _COLUMNS)
            lines.seek(0)
            refuse_other_kinds(first, str(path))
            if suffix == ".json" or _JSON.match(first):
                raise UsageError(message("list_is_json", file=path))
            if suffix in (".csv", ".tsv") or is_separator_line(first) or has_header(first, _COLUMNS, "url"):
                yield from _table(lines, first, str(path), "\t" if suffix == ".tsv" else ",")
            else:
                yield from _plain(lines)
    except (OSError, UnicodeDecodeError) as e:
        raise UsageError(message("list_changes", file=path, why=e)) from e


def _plain(lines: Iterable[str]) -> Iterator[ImageCandidate]:
    for line in lines:
        text, _, proposal = _BULLET.sub("", line.strip(SPACE)).partition("\t")
        for one in _SEVERAL.split(text):
            if (url := _address(one)) and not url.startswith("#"):
                yield replace(ImageCandidate.at(url), proposal=clean_name(proposal) or None)


def _address(text: str) -> str:
    """Without what a programmer's list, an e-mail or a page's source puts around and into it."""
    bare = text.strip(SPACE).rstrip(",;").strip(SPACE)
    if written := _AROUND.match(bare):
        return written[1].removesuffix(")").replace("&amp;", "&")
    if len(bare) > 1 and bare[0] + bare[-1] in _QUOTES:
        bare = bare[1:-1].strip(SPACE)
    return bare.replace("&amp;", "&")


def _page_beside_picture(names: Callable[[Sequence[str]], bool]) -> dict[str, str]:
    """Where a column is called `image_url` and one `url`, that is the page's. names: whether one is called so."""
    return {"url": "page_url"} if names(_OF_PICTURES) and names(["url"]) else {}


def _table(lines: Iterable[str], first: str, name: str, delimiter: str) -> Iterator[ImageCandidate]:
    columns = _COLUMNS | _page_beside_picture(lambda named: has_header(first, {one: "url" for one in named}, "url"))
    table = read_table(lines, columns, name, delimiter)
    if not table.header:
        return
    if "url" not in table.fields:
        raise UsageError(message("list_without_url_column", file=name))
    rows = (row for row in table.rows if not row.cells.get("url", "").startswith("#"))  # comments, as in plain text
    for row in whole_rows(replace(table, rows=rows), name):
        yield _candidate(row.cells, message("file_line", file=name, line=row.line))


def _objects(lines: Iterable[str], name: str) -> Iterator[ImageCandidate]:
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as e:
            raise UsageError(message("list_line_not_json", file=name, line=number)) from e
        if not isinstance(row, dict):
            raise UsageError(message("list_line_not_object", file=name, line=number))
        yield _candidate(row, message("file_line", file=name, line=number))


def _candidate(row: Mapping[str, Any], where: Message) -> ImageCandidate:
    fields: dict[str, str] = {}
    given = {str(column).strip().lower() for column in row}
    columns = _COLUMNS | _page_beside_picture(lambda named: not given.isdisjoint(named))
    for column, value in row.items():
        field = columns.get(str(column).strip().lower()) or (column if column in _FIELDS else None)
        if field is None or value is None:
            continue
        if not isinstance(value, str):
            raise UsageError(message("list_cell_not_text", where=where, column=column))
        if len(value) > LONGEST_CELL:
            raise UsageError(message("list_cell_too_long", where=where, column=column, most=LONGEST_CELL))
        fields[field] = fields.get(field) or without_halves(value).strip()
    if not fields.get("url"):
        raise UsageError(message("list_row_without_url", where=where))
    fields["url"] = _address(fields["url"])
    url, page, title, author, licence, licence_url, proposal, person = (fields.get(name, "") for name in _FIELDS)
    origin = Provenance(url, page, title, author, licence, licence_url)
    return ImageCandidate(origin, proposal or None, person=person)
