"""Pictures in class folders, and all that is known of each in `faces.csv` and `faces.parquet`: boxes, 68 points,
quality, votes and agreement."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from pipeline.core.durable import make_below
from pipeline.export.formats import imagefolder
from pipeline.export.formats.columns import METRIC_COLUMNS, POINTS, SHORT, values
from pipeline.export.formats.content import ReleaseContent, row_path
from pipeline.export.formats.parquet import ParquetFile, fields
from pipeline.files.safe_csv import plain_cell

FOLDER: Final = "pictures"
"""Pictures lie in a folder of their own: `datasets` takes a `metadata` table beside class folders for their labels, and
whoever looks for folders of splits at the root finds none by mistake."""
COLUMNS: Final = ("file", *SHORT, *METRIC_COLUMNS, POINTS)


def write(release: ReleaseContent, root: Path) -> None:
    """`file` is relative to the root. Raises OSError."""
    make_below(root, root / FOLDER)
    imagefolder.write(release, root / FOLDER)
    with (
        (root / "faces.csv").open("w", encoding="utf-8", newline="") as stream,
        ParquetFile(root / "faces.parquet", pa.schema(fields(COLUMNS))) as parquet,
    ):
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(COLUMNS)
        for row, facts in release.with_facts(release.rows):
            found = values(release, row, facts, COLUMNS)
            found[0] = f"{FOLDER}/{row_path(release, row)}"
            parquet.add(found)
            table.writerow([_cell(value) for value in found])


def _cell(value: Any) -> Any:
    """A list as JSON; text so that a spreadsheet takes it for none of its formulas."""
    if isinstance(value, list):
        return json.dumps(value)
    return plain_cell(value) if isinstance(value, str) else value
