"""A change of the consensus rule on many faces: these are counted anew in parts, between which others save.

The change holds with its own write: whatever is decided from then on counts under the new rule. What counts on the
faces that nobody decides on is what an earlier rule made of them until their part has come; `recounts` notes that, so
that pages tell it, nothing is exported meanwhile, and whoever opens the workspace next goes on with what a killed
process left (docs/adr/0047).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlite_utils.db import Database as Db

from db.projection.anew import recounts
from db.projection.face_state import differences, project_face
from db.tables.consensus_rules import ConsensusRule, current_rule

_COUNTS_SQL: Final = "SELECT decision_uuid, waiting, adjudicated FROM face_state WHERE face_id = ?"
_SEQ_SQL: Final = "SELECT face_id, seq FROM face_state"


class Todo(NamedTuple):
    """What is left to do as of a snapshot. number: of the newest change then. faces: in the order in which they came:
    neighbours lie in the same blocks of columns."""

    number: int
    faces: tuple[str, ...]


def find(db: Db) -> Todo | None:
    """The faces on which something else counts than the rule makes of them. Reads every face; None: nothing waits."""
    found = recounts.waiting(db)
    if found is None:
        return None
    seqs = dict(db.execute(_SEQ_SQL).fetchall())
    faces = [face_id for face_id, *_ in differences(db, current_rule(db))]
    return Todo(found.number, tuple(sorted(faces, key=seqs.__getitem__)))


def count_part(db: Db, faces: Sequence[str], left: int) -> int:
    """Count some faces under the rule that holds now. Inside a write. left: how many remain behind them.

    Returns on how many of them something else counts now.
    """
    rule = current_rule(db)
    changed = sum(_projects_otherwise(db, face_id, rule) for face_id in faces)
    recounts.note_left(db, left)
    return changed


def _projects_otherwise(db: Db, face_id: str, rule: ConsensusRule) -> bool:
    before = db.execute(_COUNTS_SQL, [face_id]).fetchone()
    project_face(db, face_id, rule)
    return bool(db.execute(_COUNTS_SQL, [face_id]).fetchone() != before)
