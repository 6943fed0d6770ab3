"""A list of addresses: text, CSV or JSONL, read line by line."""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.records import Provenance
from pipeline.crawl import results_page
from pipeline.crawl.keywords import CODINGS
from pipeline.fetch.candidate import ImageCandidate

MOST_BYTES: Final = 512 * 1024 * 1024
LONGEST_CELL: Final = 2000
_COLUMNS: Final = {
    "url": "url", "image_url": "url", "image": "url",
    "page": "page_url", "page_url": "page_url", "source_url": "page_url",
    "class": "proposal", "label": "proposal",
    "licence": "licence", "license": "licence", "licence_url": "licence_url", "license_url": "licence_url",
    "title": "title", "author": "author", "creator": "author",
}  # fmt: skip
"""The names that a column may have, in any case, and the field that it fills."""
_FIELDS: Final = ("url", "page_url", "title", "author", "licence", "licence_url", "proposal")


def read_list(path: Path) -> Iterator[ImageCandidate]:
    """Each row of a list, in order: `.csv` or `.tsv` with a header, `.jsonl` with an object a line, else plain text.

    Text: an address a line; blank lines and those that begin with # are skipped. A column called url is needed; class,
    licence, licence_url, page, title and author are taken where they are there. UTF-8, else GB18030.
    A saved page of image results (`.html`, `.mhtml`) is read for the images that it tells of.
    Raises UsageError that names the line.
    """
    if path.suffix.lower() in results_page.SUFFIXES:
        return results_page.read_results_page(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(message("list_too_large", file=path, most=MOST_BYTES))
        coding = _coding(path)
    except OSError as e:
        raise UsageError(message("path_unreadable", file=path, why=e.strerror or e)) from e
    return _rows(path, coding)


def _coding(path: Path) -> str:
    """The first coding that the whole file is sound in. Raises UsageError, OSError."""
    for coding in CODINGS:
        decoder = codecs.getincrementaldecoder(coding)()
        try:
            with path.open("rb") as file:
                while chunk := file.read(65536):
                    decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return coding
    raise UsageError(message("text_encoding", file=path))


def _rows(path: Path, coding: str) -> Iterator[ImageCandidate]:
    suffix = path.suffix.lower()
    try:
        with path.open(encoding=coding, newline="") as lines:
            if suffix in (".csv", ".tsv"):
                yield from _table(lines, str(path), "\t" if suffix == ".tsv" else ",")
            else:
                yield from _objects(lines, str(path)) if suffix in (".jsonl", ".ndjson") else _plain(lines)
    except (OSError, UnicodeDecodeError) as e:
        raise UsageError(message("list_changes", file=path, why=e)) from e


def _plain(lines: Iterable[str]) -> Iterator[ImageCandidate]:
    for line in lines:
        if (url := line.strip()) and not url.startswith("#"):
            yield ImageCandidate.at(url)


def _table(lines: Iterable[str], name: str, delimiter: str) -> Iterator[ImageCandidate]:
    rows = csv.DictReader(lines, delimiter=delimiter)
    known = {_COLUMNS.get((column or "").strip().lower()) for column in rows.fieldnames or ()}
    if "url" not in known:
        raise UsageError(message("list_without_url_column", file=name))
    try:
        for row in rows:
            if any(row.values()):
                yield _candidate({key: value for key, value in row.items() if key}, f"{name}, line {rows.line_num}")
    except csv.Error as e:
        raise UsageError(message("list_line", file=name, line=rows.line_num, why=e)) from e


def _objects(lines: Iterable[str], name: str) -> Iterator[ImageCandidate]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as e:
            raise UsageError(message("list_line_not_json", file=name, line=number)) from e
        if not isinstance(row, dict):
            raise UsageError(message("list_line_not_object", file=name, line=number))
        yield _candidate(row, f"{name}, line {number}")


def _candidate(row: Mapping[str, Any], where: str) -> ImageCandidate:
    fields: dict[str, str] = {}
    for column, value in row.items():
        field = _COLUMNS.get(str(column).strip().lower())
        if field is None or value is None:
            continue
        if not isinstance(value, str):
            raise UsageError(message("list_cell_not_text", where=where, column=column))
        if len(value) > LONGEST_CELL:
            raise UsageError(message("list_cell_too_long", where=where, column=column, most=LONGEST_CELL))
        fields[field] = fields.get(field) or value.strip()
    if not fields.get("url"):
        raise UsageError(message("list_row_without_url", where=where))
    url, page, title, author, licence, licence_url, proposal = (fields.get(name, "") for name in _FIELDS)
    return ImageCandidate(Provenance(url, page, title, author, licence, licence_url), proposal or None)
