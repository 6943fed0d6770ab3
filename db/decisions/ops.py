"""What is asked of the decision log, and what it answers: the records of `db.decisions.log`."""

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

    uuid: made by the client, so that a repeat is known. class_id: with accept. reason: a slug, with reject.
    seen: the UUID of the decision that stood on the face when the client looked, "" where there was none, None where
    it does not say: then whatever somebody else decided meanwhile is overruled unseen.
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

    step: the one that the client means, None where it does not say. Where nothing of that one was ever stored (all
    its faces were decided by others meanwhile), nothing is taken back. exact: take back that step and no other, also
    where it is not the newest any more.
    """

    uuid: str
    step: str | None = None
    exact: bool = False


@dataclass(frozen=True, slots=True)
class RedoOp:
    """Make the decisions anew that the annotator's newest undo took back, unless they decided something since.

    uuid: also the name of the step that the new decisions are. undo: the uuid of the undo that the client means, where
    that one took nothing back, nothing is made anew; "" where it remembers none. With either, what somebody else
    decided since the undo stays; None where the client does not say: it is overruled.
    """

    uuid: str
    undo: str | None = None


Op = DecideOp | UndoOp | RedoOp


@dataclass(frozen=True, slots=True)
class FaceState:
    """What the decisions on a face amount to now; `verdict` is None while it is undecided.

    decision: the UUID of the decision that counts.
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
    """What became of one op; `faces` is the new state of every face that it is about.

    conflict: not stored, as another annotator decided otherwise since the client looked. message: why it was refused or
    in conflict, or what a repeat, an undo or a redo did; None for a decision that was saved.
    """

    uuid: str
    status: Literal["saved", "repeat", "refused", "conflict"]
    message: Message | None = None
    faces: tuple[FaceState, ...] = ()


def face_states(db: Db, face_ids: Sequence[str]) -> tuple[FaceState, ...]:
    """The present state of faces, in the order asked for; unknown ones are left out."""
    sql = "SELECT face_id, verdict, class_id, reason, annotator, at, decision_uuid FROM face_state WHERE face_id = ?"
    rows = (db.execute(sql, [face_id]).fetchone() for face_id in face_ids)
    return tuple(FaceState(*row) for row in rows if row)
