"""The log of decisions as flat rows, as one person may see it: for scripts and notebooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlite_utils.db import Database as Db

from db.tables.classes import list_classes
from db.team.blind import blind_for

_BLOCK: Final = 2000
_SQL: Final = """
SELECT d.seq, d.uuid, d.step, d.annotator, d.face_id, d.sha256, d.verdict, d.class_id, d.reason, d.at, d.took_ms,
  d.kind, d.undoes, EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.uuid),
  json_extract(d.context, '$.confirmed') IS NOT NULL
FROM decisions d WHERE d.seq > ? ORDER BY d.seq LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class LoggedDecision:
    """One row of the log. verdict: accept, reject, unsure or undo. label: the class's name. at: UTC, ISO 8601.
    took_ms: how long the annotator looked. kind: "" or adjudication. undoes: the UUID of what an undo takes back;
    undone: this one was taken back. confirmed: a page of suggestions was confirmed with it."""

    seq: int
    uuid: str
    step: str
    annotator: str
    face_id: str
    sha256: str
    verdict: str
    label: str | None
    reason: str | None
    at: str
    took_ms: int
    kind: str
    undoes: str | None
    undone: bool
    confirmed: bool


def every(db: Db, viewer: str) -> Iterator[LoggedDecision]:
    """All rows, oldest first, without what others decided on faces that are blind for the viewer."""
    names = {spec.id: spec.name for spec in list_classes(db, archived=True)}
    after = 0
    while rows := db.execute(_SQL, [after, _BLOCK]).fetchall():
        blind = blind_for(db, viewer, sorted({row[4] for row in rows}))
        for row in rows:
            if row[4] not in blind or row[3] == viewer:
                yield _decision(row, names)
        after = rows[-1][0]


def _decision(row: Sequence[Any], names: Mapping[int, str]) -> LoggedDecision:
    label = names.get(row[7] or 0)
    return LoggedDecision(*[*row[:7], label, *row[8:13], bool(row[13]), bool(row[14])])
