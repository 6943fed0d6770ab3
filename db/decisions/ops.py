"""The operations that `db.decisions.log` takes, and the results that it returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlite_utils.db import Database as Db

from pipeline.core.messages import Message
from pipeline.core.records import Verdict


@dataclass(frozen=True, slots=True)
class DecideOp:
    """One verdict on one face. Ops of one `step` (a range, a bulk label) are taken back together.

    uuid: made by the client, so that an op that is sent twice is recognised. class_id: only with accept. reason: a
    slug, only with reject. took_ms: how long the annotator looked, milliseconds. seen: the UUID of the decision that
    counted when the client loaded the face, "" if there was none. If another annotator has decided otherwise since, the
    op is in conflict; with None (the client does not say) it overrules that decision.
    """

    uuid: str
    step: str
    face_id: str
    sha256: str
    verdict: Verdict
    class_id: int | None = None
    reason: str | None = None
    took_ms: int = 0
    seen: str | None = None


@dataclass(frozen=True, slots=True)
class UndoOp:
    """Take back the annotator's own newest step that is not taken back yet.

    step: the step that the client wants to undo, None if it does not say. If no decision of that step was ever stored
    (others had decided on all its faces), nothing is undone. exact: undo this step even if it is not the newest one.
    """

    uuid: str
    step: str | None = None
    exact: bool = False


@dataclass(frozen=True, slots=True)
class RedoOp:
    """Repeat the decisions that the annotator's newest undo took back, unless the annotator decided anything since.

    uuid: also the step of the new decisions. undo: the UUID of the undo that the client wants to redo, "" if it knows
    none. If that undo took nothing back, nothing is redone; a face that another annotator decided on since the undo is
    in conflict. None: the client does not say, and another annotator's decision is overruled.
    """

    uuid: str
    undo: str | None = None


Op = DecideOp | UndoOp | RedoOp


@dataclass(frozen=True, slots=True)
class FaceState:
    """The state of a face that follows from the decisions on it; `verdict` is None while it is undecided.

    annotator, at: who made the decision that counts, and when. decision: its UUID.
    """

    face_id: str
    verdict: str | None = None
    class_id: int | None = None
    reason: str | None = None
    annotator: str | None = None
    at: str | None = None
    decision: str | None = None


@dataclass(frozen=True, slots=True)
class OpResult:
    """The result of one op; `faces` is the new state of every face that it is about.

    conflict: not stored, as another annotator decided otherwise since the client looked. message: why it was refused or
    in conflict, or what a repeat, an undo or a redo did; None for a decision that was saved.
    """

    uuid: str
    status: Literal["saved", "repeat", "refused", "conflict"]
    message: Message | None = None
    faces: tuple[FaceState, ...] = ()


def face_states(db: Db, face_ids: Sequence[str]) -> tuple[FaceState, ...]:
    """The present states of these faces, in the order given; unknown faces are left out."""
    sql = "SELECT face_id, verdict, class_id, reason, annotator, at, decision_uuid FROM face_state WHERE face_id = ?"
    rows = (db.execute(sql, [face_id]).fetchone() for face_id in face_ids)
    return tuple(FaceState(*row) for row in rows if row)
