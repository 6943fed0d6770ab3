"""Tables for spreadsheets: other people's text in a cell is text, never a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""With what a spreadsheet takes a cell for a formula (OWASP, CSV injection)."""
_SIGNS: Final = ("=", "+", "-", "@")


def plain_cell(text: str) -> str:
    """On one line; a quote stands before what would be a formula."""
    line = " ".join(text.split())
    return f"'{line}" if line.startswith(_FORMULA) else line


def meant_by(cell: str) -> str:
    """The text that a cell stands for: `plain_cell` and spreadsheets put a quote before what would be a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _SIGNS else cell


def csv_lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Each row as a line of CSV with its end; numbers as they are."""
    for row in rows:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(
            [cell if isinstance(cell, int | float) else plain_cell(str(cell)) for cell in row]
        )
        yield line.getvalue()
