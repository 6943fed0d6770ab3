"""The projection `answers`: each annotator's own newest standing decision on a face; adjudications are none.

Computed from the log like `face_state`, and kept beside it, so that what counts on one face is worked out of a few rows
whatever the length of the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from sqlite_utils.db import Database as Db

from db.projection.consensus import Answer
from db.tables.annotators import RULE_PREFIX
from pipeline.core.messages import Finding, finding

COLUMNS: Final = "face_id, annotator, seq, verdict, class_id, reason, unseen, at"
EXPECTED_SQL: Final = """
SELECT d.face_id, d.annotator, max(d.seq), d.verdict, d.class_id, d.reason, d.unseen, d.at
FROM decisions d CROSS JOIN faces f ON f.id = d.face_id
WHERE d.verdict <> 'undo' AND d.kind = '' AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.uuid) {face}
GROUP BY d.face_id, d.annotator
"""
"""The rows that `answers` must hold (bare columns are the row's of the max); those of removed faces stay."""
PUT_SQL: Final = f"""
INSERT INTO answers ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (face_id, annotator) DO UPDATE SET seq = excluded.seq, verdict = excluded.verdict,
  class_id = excluded.class_id, reason = excluded.reason, unseen = excluded.unseen, at = excluded.at
"""
_BLOCKED: Final = "{0}.unseen IS NOT NULL AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = {0}.unseen)"
_ADJUDICATIONS: Final = f"""
SELECT d.face_id, d.seq, d.annotator, d.verdict, d.class_id, d.kind, {_BLOCKED.format("d")} FROM decisions d
WHERE d.kind <> '' AND d.verdict <> 'undo' AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.uuid)
"""
_ANSWERS: Final = f"""
SELECT a.face_id, a.seq, a.annotator, a.verdict, a.class_id, '', {_BLOCKED.format("a")} FROM answers a
"""
OF_FACE_SQL: Final = f"{_ANSWERS} WHERE a.face_id = :face UNION ALL {_ADJUDICATIONS} AND d.face_id = :face"
OF_ALL_SQL: Final = f"{_ANSWERS} UNION ALL {_ADJUDICATIONS} ORDER BY 1, 2"
COUNT_PEOPLE_SQL: Final = (
    "SELECT count(*) FROM answers a WHERE a.face_id = {0}"
    f" AND substr(a.annotator, 1, {len(RULE_PREFIX)}) <> '{RULE_PREFIX}'"
)


def rebuild(db: Db) -> None:
    """Delete all answers and compute them from the log. Inside a write."""
    db.execute("DELETE FROM answers")
    db.execute(f"INSERT INTO answers ({COLUMNS}) {EXPECTED_SQL.format(face='')}")


def refresh(db: Db, face_id: str) -> None:
    """Compute one face's answers from the log (after an undo, or where a face is new). Inside a write."""
    db.execute("DELETE FROM answers WHERE face_id = ?", [face_id])
    sql = EXPECTED_SQL.format(face="AND d.face_id = ?")
    db.execute(f"INSERT INTO answers ({COLUMNS}) {sql}", [face_id])


def of_face(db: Db, face_id: str) -> list[Answer]:
    """The answers and adjudications that take part on a face."""
    rows = db.execute(OF_FACE_SQL, {"face": face_id})
    return [_answer(row) for row in rows]


def of_all(db: Db) -> Iterator[tuple[str, list[Answer]]]:
    """The same of each face that has any, in the order of their ids. Reads all answers."""
    for face_id, rows in groupby(db.execute(OF_ALL_SQL), key=lambda row: row[0]):
        yield face_id, [_answer(row) for row in rows]


def _answer(row: tuple[Any, ...]) -> Answer:
    return Answer(row[1], row[2], row[3], row[4], row[5], bool(row[6]))


def find_mismatches(db: Db) -> list[Finding]:
    """One sentence for each face whose stored answers differ from the log, empty if none. Reads the whole log."""
    stored, expected = f"SELECT {COLUMNS} FROM answers", EXPECTED_SQL.format(face="")
    wrong: set[str] = set()
    for one, other in ((stored, expected), (expected, stored)):
        wrong.update(row[0] for row in db.execute(f"SELECT * FROM ({one}) EXCEPT SELECT * FROM ({other})"))
    return [finding("found_answers", face=one) for one in sorted(wrong)]
