"""The operations that `db.decisions.log` takes, and the results that it returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Literal

from sqlite_utils.db import Database as Db

from pipeline.core.messages import Message
from pipeline.core.records import Verdict


@dataclass(frozen=True, slots=True)
class DecideOp:
    """One verdict on one face. Ops of one `step` (a range, a bulk label) are taken back together.

    uuid: made by the client, so that an op that is sent twice is recognised. class_id: only with accept. reason: a
    slug, only with reject. took_ms: how long the annotator looked, milliseconds. seen: the UUID of the decision that
    counted when the client loaded the face, "" if there was none. If what counts now is another person's and says
    otherwise, the answer is kept, as one that did not see it (`differs`); with None (the client does not say) it
    overrules that decision. kind: "adjudication" is no answer of one's own but an end to a dispute.

    context: how it was made, where that matters: {"confirmed": {"suggester", "version", "probability"}} where a page of
    suggestions was confirmed at once; "in_batch" true besides where each of them was looked at. That the server did
    suggest this is for the caller to know. {"off_screen": true} where a page was decided on at once and this face had
    not been on the screen.
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
    kind: str = ""
    context: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class UndoOp:
    """Take back the annotator's own newest step that is not taken back yet.

    step: the step that the client wants to undo, None if it does not say. If no decision of that step was ever stored
    (all were refused), nothing is undone. exact: undo this step even if it is not the newest one.
    """

    uuid: str
    step: str | None = None
    exact: bool = False


@dataclass(frozen=True, slots=True)
class RedoOp:
    """Repeat the decisions that the annotator's newest undo took back, unless the annotator decided anything since.

    uuid: also the step of the new decisions. undo: the UUID of the undo that the client wants to redo, "" if it knows
    none. If that undo took nothing back, nothing is redone; on a face that another annotator decided on since the undo
    the answer is one that did not see it. None: the client does not say, and the other's decision is overruled.
    """

    uuid: str
    undo: str | None = None


Op = DecideOp | UndoOp | RedoOp


@dataclass(frozen=True, slots=True)
class FaceState:
    """The state of a face that follows from the decisions on it; `verdict` is None while nothing counts.

    annotator, at: who made the decision that counts, and when. decision: its UUID. waiting: why nothing counts although
    people answered, see `db.tables.consensus_rules.WAITING_FOR`; the other fields are then what the viewer's own answer
    says, and nobody else's.
    """

    face_id: str
    verdict: str | None = None
    class_id: int | None = None
    reason: str | None = None
    annotator: str | None = None
    at: str | None = None
    decision: str | None = None
    waiting: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As `dataclasses.asdict`, in a tenth of the time: pages ask for thousands of states a second."""
        return {name: getattr(self, name) for name in _FACE_FIELDS}


_FACE_FIELDS: Final = tuple(field.name for field in fields(FaceState))


@dataclass(frozen=True, slots=True)
class OpResult:
    """The result of one op; `faces` is the new state of every face that it is about.

    differs: saved as answers that did not see what somebody else decided otherwise meanwhile; `differing` names the
    faces, also where only some of a redo's are such. message: why it was refused or differs, or what a repeat, an undo
    or a redo did; None for a decision that was saved.
    """

    uuid: str
    status: Literal["saved", "repeat", "refused", "differs"]
    message: Message | None = None
    faces: tuple[FaceState, ...] = ()
    differing: tuple[str, ...] = ()


STATE_SQL: Final = """
SELECT face_id, verdict, class_id, reason, annotator, at, decision_uuid, waiting FROM face_state WHERE face_id = ?
"""
OWN_SQL: Final = """
SELECT a.verdict, a.class_id, a.reason, a.annotator, a.at, d.uuid FROM answers a JOIN decisions d ON d.seq = a.seq
WHERE a.face_id = ? AND a.annotator = ?
"""


def face_states(db: Db, face_ids: Sequence[str], viewer: str | None = None) -> tuple[FaceState, ...]:
    """The present states of these faces, in the order given; unknown faces are left out.

    viewer: whose own answer stands for what does not count yet; without one no answer does.
    """
    found = []
    for face_id in face_ids:
        row = db.execute(STATE_SQL, [face_id]).fetchone()
        if row is None:
            continue
        own = db.execute(OWN_SQL, [face_id, viewer]).fetchone() if row[7] and viewer is not None else None
        found.append(FaceState(*row) if own is None else replace(FaceState(face_id, *own), waiting=row[7]))
    return tuple(found)
