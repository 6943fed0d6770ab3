"""Hugging Face Parquet: `data/train-00000-of-00001.parquet` … with the pictures in it, and named classes.

Source: "Share a dataset to the Hub" and `datasets.Features`, huggingface.co/docs/datasets: what the columns are stands
in the schema's metadata under `huggingface`; the splits stand in the files' names.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from pipeline.core.durable import make_below
from pipeline.export.formats.columns import POINTS, SHORT, values
from pipeline.export.formats.content import ExportRow, ReleaseContent, row_path
from pipeline.export.formats.parquet import ParquetFile, fields

FILE_ROWS: Final = 5_000
_TOLD: Final = (*(name for name in SHORT if name not in ("split", "class")), POINTS)
_NAMES: Final = {pa.string(): "string", pa.int64(): "int64", pa.float64(): "float64", pa.float32(): "float32"}


def write(release: ReleaseContent, root: Path) -> None:
    """At least one file a split. Raises OSError."""
    make_below(root, root / "data")
    schema = _schema(release)
    for split in release.splits:
        rows = release.of_split(split)
        files = max(1, -(-len(rows) // FILE_ROWS))
        for number in range(files):
            path = root / "data" / f"{split}-{number:05}-of-{files:05}.parquet"
            _write_file(release, rows[number * FILE_ROWS : (number + 1) * FILE_ROWS], path, schema)


def _write_file(release: ReleaseContent, rows: list[ExportRow], path: Path, schema: pa.Schema) -> None:
    numbers = {name: number for number, name in enumerate(release.numbered)}
    with ParquetFile(path, schema) as table:
        for row, facts in release.with_facts(rows):
            image = {"bytes": release.picture(row).data, "path": Path(row_path(release, row)).name}
            number = numbers[release.written_names[row.item.label]]
            table.add([image, number, *values(release, row, facts, _TOLD)])


def _schema(release: ReleaseContent) -> pa.Schema:
    image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    told = fields(_TOLD)
    features: dict[str, Any] = {
        "image": {"_type": "Image"},
        "label": {"names": list(release.numbered), "_type": "ClassLabel"},
    }
    features |= {field.name: _feature(field.type) for field in told}
    metadata = {"huggingface": json.dumps({"info": {"features": features}}, ensure_ascii=False)}
    return pa.schema([pa.field("image", image), pa.field("label", pa.int64()), *told], metadata=metadata)


def _feature(kind: pa.DataType) -> dict[str, Any]:
    if pa.types.is_list(kind):
        return {"feature": _feature(kind.value_type), "_type": "Sequence"}  # every version of `datasets` knows it
    return {"dtype": _NAMES[kind], "_type": "Value"}
