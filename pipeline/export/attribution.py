"""Under which licence a photo may be used, and `attribution.csv` of a release: source, author and licence of each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final

from pipeline.core.records import UNKNOWN_LICENCE, ExportItem

NAME: Final = "attribution.csv"
_COLUMNS: Final = ("image_url", "page_url", "title", "author", "licence", "licence_url", "engine", "query")


def licence_of(item: ExportItem) -> str:
    """What the first place told that the photo was met at and that told one, else UNKNOWN_LICENCE."""
    told = (place.licence for place in item.provenance)
    return next((licence for licence in told if licence not in ("", UNKNOWN_LICENCE)), UNKNOWN_LICENCE)


def attribution_bytes(files: Iterable[tuple[str, ExportItem]]) -> bytes | None:
    """UTF-8, one row for each place that a file's photo was met at; None where no photo is from the web.

    files: (name in the release, its face), in the order of the release.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["file", *_COLUMNS])
    empty = text.tell()
    for file, item in files:
        for told in item.provenance:
            table.writerow([file, *(_plain(getattr(told, name)) for name in _COLUMNS)])
    return text.getvalue().encode() if text.tell() > empty else None


def _plain(told: str) -> str:
    """A stranger's words on one line; a spreadsheet must not take them for a formula."""
    line = " ".join(told.split())
    return f"'{line}" if line[:1] in ("=", "+", "-", "@") else line
