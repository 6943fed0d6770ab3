"""The projection `face_state`: the state of each face, which can be rebuilt from the decision log at any time.

What counts is what `db.projection.consensus` makes of the answers under the workspace's rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from sqlite_utils.db import Database as Db

from db.projection import answers, columns
from db.projection.anew import column_mismatches, recounts
from db.projection.consensus import NOTHING, Consensus, consensus_of
from db.tables.consensus_rules import ConsensusRule, current_rule
from pipeline.core.errors import UsageError
from pipeline.core.messages import Finding, finding

BASE_SQL: Final = f"""
SELECT f.id, f.seq, i.source_id, i.proposal, ifnull(i.proposal, 9007199254740991), (
  SELECT count(*) FROM decisions d WHERE d.face_id = f.id AND d.verdict <> 'undo'
  AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.uuid)), ({answers.COUNT_PEOPLE_SQL.format("f.id")})
FROM faces f JOIN images i ON i.sha256 = f.sha256 WHERE f.removed_at IS NULL
"""
"""What `face_state` must hold beside what counts, computed from the log, the answers, the faces and their images."""
BASE_COLUMNS: Final = "face_id, seq, source_id, proposal, proposal_rank, n_decisions, n_answers"
COUNTS_COLUMNS: Final = "verdict, class_id, reason, annotator, at, decision_uuid, waiting, adjudicated"
STATE_COLUMNS: Final = f"{BASE_COLUMNS}, {COUNTS_COLUMNS}"
_PUT_SQL: Final = """
UPDATE face_state SET (verdict, class_id, reason, annotator, at, decision_uuid) = (
  SELECT verdict, class_id, reason, annotator, at, uuid FROM decisions WHERE seq = ?), waiting = ?, adjudicated = ?
WHERE face_id = ?
"""
_WANTED_SQL: Final = "SELECT wanted FROM second_opinions WHERE face_id = ?"
_SAME: Final = " AND ".join(f"s.{name} IS d.{name}" for name in ("verdict", "class_id", "reason", "annotator", "at"))
STORED_SQL: Final = f"""
SELECT s.face_id, s.verdict, s.class_id, s.waiting, s.adjudicated, d.seq, s.decision_uuid IS d.uuid AND {_SAME}
FROM face_state s LEFT JOIN decisions d ON d.uuid = s.decision_uuid ORDER BY s.face_id
"""


def rebuild_state(db: Db) -> int:
    """Delete the projection and compute it from the log. Inside a write. Returns its number of rows."""
    answers.rebuild(db)
    db.execute("DELETE FROM face_state")
    rows = db.execute(f"INSERT INTO face_state ({BASE_COLUMNS}) {BASE_SQL}").rowcount
    put_consensus(db, consensus_of_all(db, current_rule(db)))
    recounts.end_all(db)
    columns.rebuild(db)
    return rows


def refresh_face(db: Db, face_id: str) -> None:
    """Compute one face's row from the log (after an undo, or where a face is new). Inside a write."""
    answers.refresh(db, face_id)
    db.execute("DELETE FROM face_state WHERE face_id = ?", [face_id])
    db.execute(f"INSERT INTO face_state ({BASE_COLUMNS}) {BASE_SQL} AND f.id = ?", [face_id])
    row = db.execute("SELECT n_decisions FROM face_state WHERE face_id = ?", [face_id]).fetchone()
    if row is not None and row[0]:
        project_face(db, face_id)


def project_face(db: Db, face_id: str, rule: ConsensusRule | None = None) -> None:
    """Work out anew what counts on one face, whose answers are as they should be. Inside a write.

    Call it where something else changed that the consensus depends on: a second opinion was asked for or given up.
    """
    wanted = db.execute(_WANTED_SQL, [face_id]).fetchone()
    found = consensus_of(answers.of_face(db, face_id), rule or current_rule(db), wanted[0] if wanted else 0)
    put_consensus(db, [(face_id, found)])


def consensus_of_all(db: Db, rule: ConsensusRule) -> Iterator[tuple[str, Consensus]]:
    """What would count on each face that has answers, in the order of their ids. Reads all answers."""
    wanted = dict(db.execute("SELECT face_id, wanted FROM second_opinions").fetchall())
    for face_id, found in answers.of_all(db):
        yield face_id, consensus_of(found, rule, wanted.get(face_id, 0))


class Stored(NamedTuple):
    """What `face_state` holds of one face. verdict is None while nothing counts."""

    verdict: str | None
    class_id: int | None
    waiting: str


def differences(db: Db, rule: ConsensusRule) -> Iterator[tuple[str, Stored, Consensus]]:
    """Each listed face whose stored state is not what counts under `rule`, and what counts. Reads every face."""
    expected = consensus_of_all(db, rule)
    face, wanted = next(expected, ("", NOTHING))
    for stored_face, verdict, class_id, waiting, adjudicated, seq, same in db.execute(STORED_SQL):
        while face and face < stored_face:
            face, wanted = next(expected, ("", NOTHING))
        found = wanted if face == stored_face else NOTHING
        counted = found.counts.seq if found.counts else None
        if not same or (seq, waiting, adjudicated) != (counted, found.waiting, found.adjudicated):
            yield stored_face, Stored(verdict, class_id, waiting), found


def put_consensus(db: Db, found: Iterable[tuple[str, Consensus]]) -> None:
    """Write what counts on these faces, (face id, consensus). Inside a write."""
    rows = ((one.counts and one.counts.seq, one.waiting, one.adjudicated, face_id) for face_id, one in found)
    db.conn.executemany(_PUT_SQL, rows)


def _uncounted(db: Db) -> set[str]:
    """Faces whose state no rule makes of the answers: the one that holds, or one that a recount has left to replace."""
    rules = [current_rule(db), *recounts.earlier_rules(db)]
    return set.intersection(*({face_id for face_id, *_ in differences(db, rule)} for rule in rules))


def find_mismatches(db: Db) -> list[Finding]:
    """One sentence for each face whose stored state differs from the log, empty if none. Reads the whole log."""
    stored = f"SELECT {BASE_COLUMNS} FROM face_state"
    try:
        wrong = _uncounted(db)
    except UsageError as e:
        return [finding("found_rule", why=e)]
    for one, other in ((stored, BASE_SQL), (BASE_SQL, stored)):
        wrong.update(row[0] for row in db.execute(f"SELECT * FROM ({one}) EXCEPT SELECT * FROM ({other})"))
    return [
        *answers.find_mismatches(db),
        *(finding("found_state", face=one) for one in sorted(wrong)),
        *column_mismatches.find_mismatches(db),
    ]
