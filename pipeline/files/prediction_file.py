"""What another model says of the faces, as a CSV file: read and checked as text; the database has the last word."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import Message, message, within
from pipeline.files.face_columns import made_a_number, spelt
from pipeline.files.tables import Row, read_table
from pipeline.files.text_encoding import decode_text

COLUMNS: Final = ("face_id", "sha256", "class", "confidence")
_DECIMAL_COMMA: Final = str.maketrans(",", ".")


@dataclass(frozen=True, slots=True)
class PredictionRow:
    """One row. line: its number in the file, the header is 1. Exactly one of face_id and sha256 is not empty.

    confidence: the probability of the class, more than 0 and at most 1.
    """

    line: int
    face_id: str
    sha256: str
    class_name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class PredictionFile:
    """The rows that can be tried, and by line what is wrong with the others."""

    rows: tuple[PredictionRow, ...]
    problems: tuple[tuple[int, Message], ...]


def read_predictions(data: bytes, name: str) -> PredictionFile:
    """Read the bytes of a table with a header, see `tables` and `text_encoding`. name: the file's, for its errors.

    Raises UsageError where it cannot be read or its header lacks what is needed.
    """
    stream = io.StringIO(decode_text(data, name), newline="")
    table = read_table(stream, {column: column for column in COLUMNS}, name)
    if not {"class", "confidence"} <= table.fields or not table.fields & {"face_id", "sha256"}:
        found = within(filter(None, table.header)) or message("header_empty")
        raise UsageError(message("prediction_file_header", file=name, found=found))
    rows, problems = [], []
    for row in table.rows:
        read = _read(row)
        if isinstance(read, Message):
            problems.append((row.line, read))
        else:
            rows.append(read)
    return PredictionFile(tuple(rows), tuple(problems))


def _read(row: Row) -> PredictionRow | Message:
    """The row, or what is wrong with it."""
    cells: Mapping[str, str] = row.cells
    face_id, sha256 = spelt(cells.get("face_id", "")), spelt(cells.get("sha256", ""))
    class_name, said = cells.get("class", ""), cells.get("confidence", "")
    if row.surplus:
        return message("prediction_surplus")
    if number := made_a_number(face_id, sha256):
        return message("prediction_number", name=number)
    if bool(face_id) == bool(sha256):
        return message("prediction_one_name")
    if not class_name:
        return message("prediction_without_class")
    confidence = _confidence(said)
    if confidence is None:
        return message("prediction_confidence", said=said)
    return PredictionRow(row.line, face_id, sha256, class_name, confidence)


def _confidence(text: str) -> float | None:
    """A share as it is written with a point or a comma; None for anything else."""
    try:
        value = float(text.translate(_DECIMAL_COMMA))
    except ValueError:
        return None
    return value if math.isfinite(value) and 0 < value <= 1 else None
