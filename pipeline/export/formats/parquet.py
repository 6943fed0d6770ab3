"""Parquet files: written in blocks of rows, so that a release of any length fits in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.export.formats.columns import METRIC_COLUMNS, POINTS

BLOCK_ROWS: Final = 200
_WHOLE: Final = frozenset({"crop_x", "crop_y", "crop_width", "crop_height"})
_DECIMAL: Final = frozenset({"box_x1", "box_y1", "box_x2", "box_y2", "crop_angle", "agreement", *METRIC_COLUMNS})


def fields(columns: Iterable[str]) -> list[pa.Field]:
    """The fields of `columns.values`."""
    return [pa.field(name, _kind(name)) for name in columns]


def _kind(name: str) -> pa.DataType:
    if name == POINTS:
        return pa.list_(pa.float32())
    if name in _WHOLE:
        return pa.int64()
    return pa.float64() if name in _DECIMAL else pa.string()


class ParquetFile:
    """A Parquet file to add rows to; a context that closes it. The same rows give the same bytes (of one pyarrow)."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._schema = schema
        self._open = ExitStack()
        self._writer = self._open.enter_context(pq.ParquetWriter(path, schema, compression="zstd"))
        self._rows: list[Sequence[Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._flush()
        finally:
            self._open.close()

    def add(self, row: Sequence[Any]) -> None:
        """One row, its values in the order of the schema."""
        self._rows.append(row)
        if len(self._rows) >= BLOCK_ROWS:
            self._flush()

    def _flush(self) -> None:
        if not self._rows:
            return
        columns = [list(column) for column in zip(*self._rows, strict=True)]
        self._writer.write_table(pa.table(columns, schema=self._schema), row_group_size=BLOCK_ROWS)
        self._rows = []
