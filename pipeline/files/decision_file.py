"""Decisions from a CSV file: read and checked as text; the database has the last word."""

from __future__ import annotations

import io
import re
import sys
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from pipeline.core.errors import UsageError
from pipeline.core.messages import message, within
from pipeline.core.records import REJECT_REASONS, Verdict
from pipeline.files.face_columns import made_a_number, spelt
from pipeline.files.tables import Row, read_table
from pipeline.files.text_encoding import encoding_of, refuse_large

COLUMNS: Final = ("sha256", "face_id", "verdict", "label", "reason")
_NAMESPACE: Final = uuid.UUID("6f0a9d0e-6d2c-5a44-9a3f-6b2f3c1e7d10")
_VERDICTS: Final = (Verdict.ACCEPT, Verdict.REJECT, Verdict.UNSURE)


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One row. line: its number in the file, the header is 1. Exactly one of sha256 and face_id is not empty."""

    line: int
    uuid: str
    sha256: str
    face_id: str
    verdict: Verdict
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class DecisionFile:
    """The rows that can be tried, one step for all of them, and what is wrong with the others."""

    rows: tuple[DecisionRow, ...]
    step: str
    problems: tuple[str, ...]


def read_decisions(path: Path, annotator: str) -> DecisionFile:
    """Read a table with a header, see `tables` and `text_encoding`. A row's UUID comes from annotator, file and row, so
    a repeat changes nothing.

    Raises UsageError where the file cannot be read or its header lacks what is needed.
    """
    try:
        refuse_large(path)
        with path.open(newline="", encoding=encoding_of(path)) as stream:
            return _checked(_rows_of(stream, str(path)), f"{annotator}\n{path.resolve()}")
    except (OSError, UnicodeDecodeError) as e:
        raise UsageError(message("decision_file_unreadable", file=path, why=e)) from e


def decisions_of(table: str, called: str, annotator: str) -> DecisionFile:
    """The same of a table that is in no file: the text of one. called: what stands for its path. Raises UsageError."""
    return _checked(_rows_of(io.StringIO(table), called), f"{annotator}\n{called}")


def _checked(table: Iterable[Row], prefix: str) -> DecisionFile:
    """prefix: what a row's UUID is made of beside the row."""
    rows, problems = [], []
    for number, row in enumerate(table, 1):
        values = {name: _spelt(name, row.cells.get(name, "")) for name in COLUMNS}
        problem = "the row has more cells than the header" if row.surplus else _problem(values)
        if problem:
            problems.append(f"line {row.line}: {problem}")
            continue
        name = "\n".join([prefix, str(number), *values.values()])
        values |= {few: sys.intern(values[few]) for few in ("label", "reason")}
        verdict = Verdict(values.pop("verdict").lower())
        rows.append(DecisionRow(row.line, str(uuid.uuid5(_NAMESPACE, name)), verdict=verdict, **values))
    step = str(uuid.uuid5(_NAMESPACE, "\n".join([prefix, *(r.uuid for r in rows)])))
    return DecisionFile(tuple(rows), step, tuple(problems))


def _rows_of(stream: TextIO, called: str) -> Iterator[Row]:
    table = read_table(stream, {**{name: name for name in COLUMNS}, "class": "label"}, called)
    if {"label", "class"} <= {column.lower() for column in table.header}:
        raise UsageError(message("table_column_twice", file=called, column="label/class"))
    if "verdict" not in table.fields or not table.fields & {"sha256", "face_id"}:
        found = within(filter(None, table.header)) or message("header_empty")
        raise UsageError(message("decision_file_header", file=called, found=found))
    return table.rows


def _spelt(column: str, text: str) -> str:
    """A reason is in any case."""
    if column in ("sha256", "face_id"):
        return spelt(text)
    return re.sub(r"[\s-]+", "_", text.lower()) if column == "reason" else text


def _problem(values: dict[str, str]) -> str | None:
    if number := made_a_number(values["sha256"], values["face_id"]):
        return (
            f"{number!r} is a number that a spreadsheet made of the name: import that column as text, then save again"
        )
    if bool(values["sha256"]) == bool(values["face_id"]):
        return "give exactly one of sha256 and face_id"
    if values["verdict"].lower() not in _VERDICTS:
        return f"the verdict is {values['verdict']!r}; it may be accept, reject or unsure"
    accepts = values["verdict"].lower() == Verdict.ACCEPT
    if accepts and not values["label"]:
        return "accept needs a label"
    if values["label"] and not accepts:
        return "only accept takes a label"
    if values["reason"] and values["verdict"].lower() != Verdict.REJECT:
        return "only reject takes a reason"
    if values["reason"] and values["reason"] not in REJECT_REASONS:
        return f"the reason is {values['reason']!r}; it may be {', '.join(REJECT_REASONS)}"
    return None
