"""Gives all faces of a filter another class at once: one step, which is taken back as one."""

from __future__ import annotations

import json
import uuid

from sqlite_utils.db import Database as Db

from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp
from db.projection.columns import Faces
from db.projection.consensus import ADJUDICATION
from db.projection.filters import ReviewFilter, matching
from db.tables.consensus_rules import LATEST, current_rule
from pipeline.core.errors import DecisionError
from pipeline.core.records import Verdict


def relabel(db: Db, who: str, flt: ReviewFilter, class_id: int) -> int:
    """Decide, as `who`, that each face that `flt` lists is of the class `class_id`; returns how many. Inside a write.

    Where not the latest answer counts, and where a face has several opinions, it is an adjudication: an answer of one
    more person would not end anything. All or nothing. Raises DecisionError, UsageError for a bad filter.
    """
    sql = """
    SELECT t.face_id, f.sha256, EXISTS (SELECT 1 FROM second_opinions o WHERE o.face_id = t.face_id)
    FROM json_each(?) j CROSS JOIN face_state t ON t.seq = j.value CROSS JOIN faces f ON f.seq = t.seq
    ORDER BY t.seq
    """
    found = db.execute(sql, [json.dumps(matching(Faces(db), flt).tolist())]).fetchall()
    settles = current_rule(db).name != LATEST
    step = str(uuid.uuid4())
    ops = [
        DecideOp(str(uuid.uuid4()), step, face, sha256, Verdict.ACCEPT, class_id, None, 0, None,
                 ADJUDICATION if settles or opinions else "")
        for face, sha256, opinions in found
    ]  # fmt: skip
    for result in apply_ops(db, who, ops):
        if result.status == "refused" and result.message is not None:
            raise DecisionError(result.message)
    return len(ops)
