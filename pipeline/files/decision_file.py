"""Decisions from a CSV file: read and checked as text; the database has the last word."""

from __future__ import annotations

import csv
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.records import REJECT_REASONS, Verdict

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
    """Read a UTF-8 CSV with a header. A row's UUID comes from annotator, file and row, so a repeat changes nothing.

    Raises UsageError where the file cannot be read or its header lacks what is needed.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            table = csv.DictReader(stream, strict=True)
            _check_header(path, table.fieldnames)
            raw = [(table.line_num, {k: (v or "").strip() for k, v in row.items() if k}, None in row) for row in table]
    except (OSError, UnicodeDecodeError, csv.Error) as e:
        raise UsageError(f"{path} is not a readable UTF-8 CSV file: {e}") from e
    prefix = f"{annotator}\n{path.resolve()}"
    rows, problems = [], []
    for number, (line, cells, surplus) in enumerate(raw, 1):
        values = {name: cells.get(name, "") for name in COLUMNS}
        problem = "the row has more cells than the header" if surplus else _problem(values)
        if problem:
            problems.append(f"line {line}: {problem}")
            continue
        name = "\n".join([prefix, str(number), *values.values()])
        verdict = Verdict(values.pop("verdict").lower())
        rows.append(DecisionRow(line, str(uuid.uuid5(_NAMESPACE, name)), verdict=verdict, **values))
    step = str(uuid.uuid5(_NAMESPACE, "\n".join([prefix, *(r.uuid for r in rows)])))
    return DecisionFile(tuple(rows), step, tuple(problems))


def _check_header(path: Path, names: object) -> None:
    present = set(names) if isinstance(names, (list, tuple)) else set()
    if "verdict" not in present or not present & {"sha256", "face_id"}:
        raise UsageError(f"{path} needs a header with verdict and with sha256 or face_id; it may have label and reason")


def _problem(values: dict[str, str]) -> str | None:
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
