"""The projection `face_state`: the state of each face, which can be rebuilt from the decision log at any time.

The newest decision that was not undone counts, whoever made it.
"""

from __future__ import annotations

from typing import Final

from sqlite_utils.db import Database as Db

from db.projection import columns

_STANDING: Final = """
SELECT d.face_id, d.verdict, d.class_id, d.reason, d.annotator, d.at, d.uuid,
       count(*) OVER (PARTITION BY d.face_id) AS n,
       row_number() OVER (PARTITION BY d.face_id ORDER BY d.seq DESC) AS newest
FROM decisions d
WHERE d.verdict <> 'undo' AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.uuid)
"""

EXPECTED_SQL: Final = f"""
SELECT f.id AS face_id, f.seq, i.source_id, i.proposal,
       ifnull(i.proposal, 9007199254740991) AS proposal_rank, s.verdict, s.class_id, s.reason, s.annotator, s.at,
       s.uuid AS decision_uuid, ifnull(s.n, 0) AS n_decisions
FROM faces f JOIN images i ON i.sha256 = f.sha256
LEFT JOIN ({_STANDING}) s ON s.face_id = f.id AND s.newest = 1
WHERE f.removed_at IS NULL
"""
"""The rows that `face_state` must hold, computed from the log, the faces and their images alone."""

STATE_COLUMNS: Final = (
    "face_id, seq, source_id, proposal, proposal_rank, verdict, class_id, reason, annotator, at, decision_uuid,"
    " n_decisions"
)


def rebuild_state(db: Db) -> int:
    """Delete the projection and compute it from the log. Inside a write. Returns its number of rows."""
    db.execute("DELETE FROM face_state")
    rows = db.execute(f"INSERT INTO face_state ({STATE_COLUMNS}) {EXPECTED_SQL}").rowcount
    columns.rebuild(db)
    return rows


def refresh_face(db: Db, face_id: str) -> None:
    """Compute one face's row from the log (after an undo, or where a face is new). Inside a write."""
    db.execute("DELETE FROM face_state WHERE face_id = ?", [face_id])
    standing = _STANDING + " AND d.face_id = :face"
    sql = EXPECTED_SQL.replace(_STANDING, standing) + " AND f.id = :face"
    db.execute(f"INSERT INTO face_state ({STATE_COLUMNS}) {sql}", {"face": face_id})


def find_mismatches(db: Db) -> list[str]:
    """One sentence for each face whose stored state differs from the log, empty if none. Reads the whole log."""
    stored = f"SELECT {STATE_COLUMNS} FROM face_state"
    wrong: set[str] = set()
    for one, other in ((stored, EXPECTED_SQL), (EXPECTED_SQL, stored)):
        wrong.update(row[0] for row in db.execute(f"SELECT * FROM ({one}) EXCEPT SELECT * FROM ({other})"))
    return [
        *(f"face {one}: its state differs from what the decisions say; rebuild the state" for one in sorted(wrong)),
        *columns.find_mismatches(db),
    ]
