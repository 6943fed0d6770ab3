"""Under which licence a photo may be used, and `attribution.csv` of a release: source, author and licence of each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final

from pipeline.core.names import UNKNOWN_LICENCE
from pipeline.core.records import ExportItem
from pipeline.files.safe_csv import plain_cell

NAME: Final = "attribution.csv"
_COLUMNS: Final = ("image_url", "page_url", "title", "author", "licence", "licence_url", "engine", "query")


def licence_of(item: ExportItem) -> str:
    """The first licence that is known of the photo, else UNKNOWN_LICENCE."""
    licences = (found.licence for found in item.provenance)
    return next((licence for licence in licences if licence not in ("", UNKNOWN_LICENCE)), UNKNOWN_LICENCE)


def attribution_bytes(files: Iterable[tuple[str, ExportItem]]) -> bytes | None:
    """UTF-8, one row for each web page or search that a file's photo was found by; None where no photo is from the web.

    files: (name in the release, its face), in the order of the release.
    """
    data = io.BytesIO()
    text = io.TextIOWrapper(data, "utf-8", newline="")  # StringIO holds it fourfold
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["file", *_COLUMNS])
    text.flush()
    empty = data.tell()
    for file, item in files:
        for found in item.provenance:
            table.writerow([file, *(plain_cell(getattr(found, name)) for name in _COLUMNS)])
    text.flush()
    return data.getvalue() if data.tell() > empty else None
