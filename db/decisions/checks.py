"""What makes an op one that cannot be taken. Reads only."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from sqlite_utils.db import Database as Db

from db.decisions.ops import DecideOp
from db.projection.consensus import ADJUDICATION
from pipeline.core.errors import DecisionError
from pipeline.core.messages import message
from pipeline.core.records import REJECT_REASONS, Verdict

LONGEST_STEP: Final = 64
CONFIRMED: Final = "confirmed"
"""The key in a decision's context that says which suggestion a page confirmed."""
IN_BATCH: Final = "in_batch"
"""Beside it, true: in a batch for labelling with suggestions, whose faces the person looked at before. Elsewhere a page
may be confirmed unseen, and says nothing about how often suggestions are right."""
OFF_SCREEN: Final = "off_screen"
"""The key in a decision's context, true: the face had not been on the person's screen when they decided on its page."""
_SUGGESTION: Final = ("suggester", "version", "probability")


def check(db: Db, op: DecideOp) -> None:
    """Raises DecisionError with what is wrong about `op`."""
    face = db.execute("SELECT sha256, removed_at FROM faces WHERE id = ?", [op.face_id]).fetchone()
    if face is None:
        raise DecisionError(message("face_unknown", face=op.face_id))
    if face[0] != op.sha256:
        raise DecisionError(message("face_of_other_image", face=op.face_id))
    if face[1] is not None:
        raise DecisionError(message("face_removed", face=op.face_id))
    if not 0 < len(op.step) <= LONGEST_STEP:
        raise DecisionError(message("step_name", most=LONGEST_STEP))
    if op.kind not in ("", ADJUDICATION):
        raise DecisionError(message("decision_kind", kind=op.kind))
    _check_verdict(db, op)
    if op.context is not None:
        _check_context(db, op, op.context)


def _check_context(db: Db, op: DecideOp, context: Mapping[str, Any]) -> None:
    """A confirmed suggestion is that of a model which is known here; nothing but that and OFF_SCREEN may be said."""
    if not context or not set(context) <= {CONFIRMED, OFF_SCREEN} or context.get(OFF_SCREEN, True) is not True:
        raise DecisionError(message("decision_context"))
    if CONFIRMED in context:
        _check_confirmed(db, op, context[CONFIRMED])


def _check_confirmed(db: Db, op: DecideOp, said: object) -> None:
    if not isinstance(said, Mapping):
        raise DecisionError(message("decision_context"))
    if set(said) - {IN_BATCH} != set(_SUGGESTION) or said.get(IN_BATCH, True) is not True:
        raise DecisionError(message("decision_context"))
    name, version, probability = (said[field] for field in _SUGGESTION)
    whole = isinstance(version, int) and not isinstance(version, bool) and abs(version) < 2**53
    if not isinstance(name, str) or not whole or not isinstance(probability, float) or not 0 <= probability <= 1:
        raise DecisionError(message("decision_context"))
    if op.verdict != Verdict.ACCEPT or op.kind:
        raise DecisionError(message("confirmed_without_class"))
    sql = "SELECT 1 FROM suggestion_models WHERE name = ? AND version = ?"
    if not db.execute(sql, [name, version]).fetchone():
        raise DecisionError(message("suggestion_unknown", name=name, version=version))


def _check_verdict(db: Db, op: DecideOp) -> None:
    if op.verdict == Verdict.UNDO or op.verdict not in set(Verdict):  # a plain string may come in, too
        raise DecisionError(message("verdict_unknown", verdict=str(op.verdict)))
    if op.verdict == Verdict.ACCEPT:
        if op.class_id is None:
            raise DecisionError(message("accept_without_class"))
        if not db.execute("SELECT 1 FROM classes WHERE id = ? AND archived = 0", [op.class_id]).fetchone():
            raise DecisionError(message("class_unknown_or_archived", n=op.class_id))
    elif op.class_id is not None:
        raise DecisionError(message("class_without_accept", verdict=op.verdict))
    if op.reason is not None and op.verdict != Verdict.REJECT:
        raise DecisionError(message("reason_without_reject", verdict=op.verdict))
    if op.reason is not None and op.reason not in REJECT_REASONS:
        raise DecisionError(message("reason_unknown", reason=op.reason, reasons=tuple(REJECT_REASONS)))


def canonical_uuid(text: str) -> str:
    """The canonical form. Raises DecisionError."""
    try:
        return str(uuid.UUID(text))
    except (ValueError, AttributeError, TypeError) as e:
        shown = str(text).encode("utf-8", "backslashreplace").decode()
        raise DecisionError(message("uuid_malformed", uuid=shown)) from e
