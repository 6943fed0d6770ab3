"""Gives all faces of a filter another class at once: one step, which is taken back as one."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from sqlite_utils.db import Database as Db

from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp
from db.projection.columns import Faces
from db.projection.consensus import ADJUDICATION
from db.projection.filters import ReviewFilter, matching
from db.tables.consensus_rules import LATEST, current_rule
from db.team.blind import VisibleFaces
from pipeline.core.errors import DecisionError
from pipeline.core.messages import message
from pipeline.core.records import Verdict

MOST: Final = 1000
"""Faces of a filter that are relabelled at once: as many as one batch of decisions may hold."""


def relabel(db: Db, who: str, flt: ReviewFilter, class_id: int) -> int:
    """Decide, as `who`, that each face that `flt` lists is of the class `class_id`; returns how many. Inside a write.

    Where not the latest answer counts, and where a face has several opinions, it is an adjudication: an answer of one
    more person would not end anything. All or nothing. Raises DecisionError, UsageError for a bad filter.
    """
    return _decide(db, who, matching(Faces(db), flt).tolist(), class_id, None, str(uuid.uuid4()))


def relabel_seen(db: Db, who: str, flt: ReviewFilter, class_id: int, expected: int, step: str) -> int:
    """Decide, as `who`, that each face of `relabelled` is of the class `class_id`; returns how many. Inside a write.

    For somebody who may settle disputes: see `relabel`. expected: how many they were told. step: a new UUID, by which
    it is taken back. All or nothing. Raises DecisionError where there are more or fewer faces now, or more than MOST;
    UsageError for a bad filter.
    """
    seqs = relabelled(db, who, flt)
    if len(seqs) != expected:
        raise DecisionError(message("relabel_changed", n=len(seqs), expected=expected))
    if len(seqs) > MOST:
        raise DecisionError(message("relabel_too_many", n=len(seqs), most=MOST))
    return _decide(db, who, seqs, class_id, {"off_screen": True}, step)


def relabelled(db: Db, who: str, flt: ReviewFilter) -> list[int]:
    """The seqs of the faces that `flt` lists for a person and that may be relabelled at once: not those whose answers
    are gathered one by one (for second opinions), nor those that this person does not see as they are (gold)."""
    seen, faces = VisibleFaces(db, who), Faces(db)
    passing = matching(seen, flt)
    as_it_is = passing[seen.column("state")[passing] == faces.column("state")[passing]]
    asked = "SELECT f.seq FROM second_opinions o JOIN faces f ON f.id = o.face_id"
    one_by_one = np.array([seq for (seq,) in db.execute(asked)], np.intp)
    found: list[int] = np.setdiff1d(as_it_is, one_by_one).tolist()
    return found


def _decide(db: Db, who: str, seqs: Sequence[int], class_id: int, context: Mapping[str, Any] | None, step: str) -> int:
    sql = """
    SELECT t.face_id, f.sha256, EXISTS (SELECT 1 FROM second_opinions o WHERE o.face_id = t.face_id)
    FROM json_each(?) j CROSS JOIN face_state t ON t.seq = j.value CROSS JOIN faces f ON f.seq = t.seq
    ORDER BY t.seq
    """
    found = db.execute(sql, [json.dumps(seqs)]).fetchall()
    settles = current_rule(db).name != LATEST
    ops = [
        DecideOp(str(uuid.uuid4()), step, face, sha256, Verdict.ACCEPT, class_id, None, 0, None,
                 ADJUDICATION if settles or opinions else "", context)
        for face, sha256, opinions in found
    ]  # fmt: skip
    for result in apply_ops(db, who, ops):
        if result.status == "refused" and result.message is not None:
            raise DecisionError(result.message)
    return len(ops)
