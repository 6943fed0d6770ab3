"""The decision log: appended to, never changed. Every state on a page is computed from it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, Final

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.base.savepoint import VALUE_ERRORS, savepoint
from db.decisions import chain, redo
from db.decisions.ops import DecideOp, FaceState, Op, OpResult, RedoOp, UndoOp, face_states
from db.projection.face_state import find_mismatches, refresh_face
from db.tables.annotators import ensure_annotator
from pipeline.core.errors import DecisionError
from pipeline.core.messages import Message, message
from pipeline.core.records import REJECT_REASONS, Verdict

SAVED_EARLIER: Final = message("op_saved_earlier")
_DONE_EARLIER: Final = message("op_done_earlier")
_NOTHING_TO_UNDO: Final = message("undo_nothing")
_NOTHING_TO_REDO: Final = message("redo_nothing")
_OVERTAKEN_BY_OTHERS: Final = message("op_overtaken_by_others")
_LONGEST_STEP: Final = 64
_STANDING: Final = "d.verdict <> 'undo' AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.uuid)"


def apply_ops(db: Db, annotator: str, ops: Sequence[Op], now: str | None = None) -> list[OpResult]:
    """Append decisions in the order given, and return one result for each op. Inside a write.

    An op that is wrong in any way is refused; the others are kept. now: the time that is recorded, UTC ISO 8601 with
    milliseconds, None for the present. Raises SignInError for an invalid annotator name.
    """
    name = ensure_annotator(db, annotator)
    at = now or now_iso()
    results: list[OpResult] = []
    for op in ops:
        try:
            with savepoint(db):
                results.append(_apply(db, name, op, at))
        except DecisionError as e:
            results.append(OpResult(op.uuid, "refused", e.message))
        except VALUE_ERRORS as e:
            results.append(unstorable(op.uuid, e))
    if any(result.status == "saved" for result in results):
        chain.remember_head(db)
    return results


def unstorable(key: str, error: Exception) -> OpResult:
    """The result for the op with the UUID `key`, whose values raised `error`, one of VALUE_ERRORS."""
    return OpResult(key, "refused", message("op_unstorable", why=error))


def history(db: Db, face_id: str) -> list[dict[str, Any]]:
    """All decisions on a face, oldest first: uuid, step, annotator, verdict, class_id, reason, at, took_ms, undone.

    Undo rows are left out; `undone` is true for the decisions that they took back.
    """
    sql = """
    SELECT d.uuid, d.step, d.annotator, d.verdict, d.class_id, d.reason, d.at, d.took_ms,
           EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.uuid) AS undone
    FROM decisions d WHERE d.face_id = ? AND d.verdict <> 'undo' ORDER BY d.seq
    """
    return [{**row, "undone": bool(row["undone"])} for row in db.query(sql, [face_id])]


def verify_chain(db: Db) -> list[str]:
    """One sentence for each break of the chain and each face whose stored state differs from the log, empty if none."""
    return chain.verify_links(db) + find_mismatches(db)


def _apply(db: Db, annotator: str, op: Op, at: str) -> OpResult:
    if isinstance(op, DecideOp):
        return _decide(db, annotator, op, at)
    return _undo(db, annotator, op, at) if isinstance(op, UndoOp) else _redo(db, annotator, op, at)


def _decide(db: Db, annotator: str, op: DecideOp, at: str) -> OpResult:
    key = _uuid(op.uuid)
    earlier = db.execute(
        "SELECT annotator, face_id, verdict, class_id, reason FROM decisions WHERE uuid = ?", [key]
    ).fetchone()
    if earlier:
        if tuple(earlier) != (annotator, op.face_id, str(op.verdict), op.class_id, op.reason):
            raise DecisionError(message("decision_uuid_taken", uuid=op.uuid))
        return OpResult(op.uuid, "repeat", SAVED_EARLIER, face_states(db, [op.face_id]))
    if _is_undo(db, key):
        raise DecisionError(message("decision_uuid_undo", uuid=op.uuid))
    _check(db, op)
    overtaken = _overtaken(db, annotator, op)
    if overtaken:
        why = message("op_overtaken", annotator=overtaken.annotator)
        return OpResult(op.uuid, "conflict", why, (overtaken,))
    row = {
        "uuid": key, "step": op.step, "annotator": annotator, "face_id": op.face_id, "sha256": op.sha256,
        "verdict": str(op.verdict), "class_id": op.class_id, "reason": op.reason, "undoes": None,
        "at": at, "took_ms": max(0, op.took_ms),
    }  # fmt: skip
    chain.append(db, row)
    db.execute(
        "UPDATE face_state SET verdict = ?, class_id = ?, reason = ?, annotator = ?, at = ?, decision_uuid = ?,"
        " n_decisions = n_decisions + 1 WHERE face_id = ?",
        [str(op.verdict), op.class_id, op.reason, annotator, at, key, op.face_id],
    )
    state = FaceState(op.face_id, str(op.verdict), op.class_id, op.reason, annotator, at, key)
    return OpResult(op.uuid, "saved", None, (state,))


def _overtaken(db: Db, annotator: str, op: DecideOp) -> FaceState | None:
    """What somebody else decided otherwise, not seen by the client; None where nothing stands in the way."""
    if op.seen is None:
        return None
    found = face_states(db, [op.face_id])
    if not found or found[0].verdict is None or found[0].annotator == annotator or found[0].decision == op.seen:
        return None
    return None if (found[0].verdict, found[0].class_id) == (str(op.verdict), op.class_id) else found[0]


def _check(db: Db, op: DecideOp) -> None:
    """Raises DecisionError with what is wrong about `op`."""
    face = db.execute("SELECT sha256, removed_at FROM faces WHERE id = ?", [op.face_id]).fetchone()
    if face is None:
        raise DecisionError(message("face_unknown", face=op.face_id))
    if face[0] != op.sha256:
        raise DecisionError(message("face_of_other_image", face=op.face_id, image=op.sha256[:16]))
    if face[1] is not None:
        raise DecisionError(message("face_removed", face=op.face_id))
    if not 0 < len(op.step) <= _LONGEST_STEP:
        raise DecisionError(message("step_name", most=_LONGEST_STEP))
    _check_verdict(db, op)


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
        raise DecisionError(message("reason_unknown", reason=op.reason, reasons=", ".join(REJECT_REASONS)))


def _undo(db: Db, annotator: str, op: UndoOp, at: str) -> OpResult:
    repeat = _earlier(db, annotator, op)
    if repeat:
        return repeat
    if op.exact and op.step is not None:
        step = _standing_of(db, annotator, op.step)
    else:
        step = _newest_step(db, annotator) if _was_stored(db, annotator, op.step) else []
    if not step:
        return _nothing(db, annotator, op, at, _NOTHING_TO_UNDO)
    faces = take_back(db, annotator, _uuid(op.uuid), step, at)
    return OpResult(op.uuid, "saved", message("undo_took_back", n=len(step)), face_states(db, faces))


def _was_stored(db: Db, annotator: str, step: str | None) -> bool:
    sql = "SELECT 1 FROM decisions WHERE step = ? AND annotator = ? LIMIT 1"
    return step is None or db.execute(sql, [step, annotator]).fetchone() is not None


def _earlier(db: Db, annotator: str, op: UndoOp | RedoOp) -> OpResult | None:
    """The answer to a repeat, None where the op is new. Raises DecisionError where its uuid belongs to another op."""
    key = _uuid(op.uuid)
    mine = "SELECT verdict, face_id FROM decisions WHERE annotator = ? AND step = ? ORDER BY seq"
    rows = db.execute(mine, [annotator, key]).fetchall()
    done = dict.fromkeys(face for verdict, face in rows if (verdict == "undo") == isinstance(op, UndoOp))
    foreign = db.execute("SELECT 1 FROM decisions WHERE uuid = ?", [key]).fetchone() or (rows and not done)
    if foreign:
        raise DecisionError(message("undo_uuid_taken", uuid=op.uuid))
    if done or db.execute("SELECT 1 FROM empty_undos WHERE uuid = ?", [key]).fetchone():
        return OpResult(op.uuid, "repeat", _DONE_EARLIER, face_states(db, list(done)))
    return None


def _nothing(db: Db, annotator: str, op: UndoOp | RedoOp, at: str, why: Message | None) -> OpResult:
    """Noted, or a repeat that arrives after the next decision would do something to that one."""
    db.execute("INSERT INTO empty_undos (uuid, annotator, at) VALUES (?, ?, ?)", [_uuid(op.uuid), annotator, at])
    return OpResult(op.uuid, "saved", why)


def take_back(db: Db, annotator: str, key: str, standing: Sequence[tuple[str, str, str]], at: str) -> list[str]:
    """Append an undo for each decision in `standing`, (uuid, face id, sha256), and return the faces. Inside a write.

    key: the UUID of the undo op, which is also the step of the new rows. at: UTC ISO 8601 with milliseconds.
    """
    for undone, face_id, sha256 in standing:
        chain.append(db, {
            "uuid": str(uuid.uuid5(uuid.UUID(key), undone)), "step": key, "annotator": annotator, "face_id": face_id,
            "sha256": sha256, "verdict": "undo", "class_id": None, "reason": None, "undoes": undone,
            "at": at, "took_ms": 0,
        })  # fmt: skip
    faces = list(dict.fromkeys(face_id for _, face_id, _ in standing))
    for face_id in faces:
        refresh_face(db, face_id)
    return faces


def _redo(db: Db, annotator: str, op: RedoOp, at: str) -> OpResult:
    repeat = _earlier(db, annotator, op)
    if repeat:
        return repeat
    undo = redo.undo_to_redo(db, annotator)
    if undo is None or (op.undo and redo.took_nothing(db, op.undo)):
        return _nothing(db, annotator, op, at, _NOTHING_TO_REDO)
    made: list[str] = []
    stay: list[str] = []
    problem: Message | None = None
    for old, face_id, sha256, verdict, class_id, reason in redo.undone_by(db, annotator, undo):
        seen = "" if op.undo is not None and redo.overtaken(db, annotator, undo, face_id) else None
        step = _uuid(op.uuid)
        new = DecideOp(redo.uuid_of(step, old), step, face_id, sha256, Verdict(verdict), class_id, reason, seen=seen)
        try:
            (stay if _decide(db, annotator, new, at).status == "conflict" else made).append(face_id)
        except DecisionError as e:  # the face was removed meanwhile, or the class put away; the others go on
            problem = e.message
    states = face_states(db, list(dict.fromkeys((*made, *stay))))
    if made:
        return OpResult(op.uuid, "saved", message("redo_made_again", n=len(made)), states)
    redo.give_up(db, annotator, undo, at)  # or every later redo would try this one again, and no other
    _nothing(db, annotator, op, at, None)
    if not stay:
        return OpResult(op.uuid, "refused", problem)
    return OpResult(op.uuid, "conflict", _OVERTAKEN_BY_OTHERS, states)


def _newest_step(db: Db, annotator: str) -> list[tuple[str, str, str]]:
    """(uuid, face id, sha256) of each decision of the annotator's newest step that still stands."""
    newest = f"SELECT d.step FROM decisions d WHERE d.annotator = ? AND {_STANDING} ORDER BY d.seq DESC LIMIT 1"
    found = db.execute(newest, [annotator]).fetchone()
    return _standing_of(db, annotator, found[0]) if found else []


def _standing_of(db: Db, annotator: str, step: str) -> list[tuple[str, str, str]]:
    """(uuid, face id, sha256) of each decision of a step of the annotator's that still stands."""
    sql = f"SELECT d.uuid, d.face_id, d.sha256 FROM decisions d WHERE d.annotator = ? AND d.step = ? AND {_STANDING}"
    return [tuple(row) for row in db.execute(f"{sql} ORDER BY d.seq", [annotator, step])]


def _is_undo(db: Db, key: str) -> bool:
    sql = "SELECT 1 FROM empty_undos WHERE uuid = :u UNION ALL SELECT 1 FROM decisions WHERE verdict = 'undo'"
    return db.execute(f"{sql} AND step = :u LIMIT 1", {"u": key}).fetchone() is not None


def _uuid(text: str) -> str:
    """The canonical form. Raises DecisionError."""
    try:
        return str(uuid.UUID(text))
    except (ValueError, AttributeError, TypeError) as e:
        shown = str(text).encode("utf-8", "backslashreplace").decode()
        raise DecisionError(message("uuid_malformed", uuid=shown)) from e
