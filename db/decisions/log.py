"""The decision log: appended to, never changed. Every state on a page is computed from it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import Any, Final

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.base.savepoint import VALUE_ERRORS, savepoint
from db.decisions import chain, redo, refused
from db.decisions.checks import canonical_uuid, check
from db.decisions.ops import DecideOp, FaceState, Op, OpResult, RedoOp, UndoOp, face_states
from db.projection import answers
from db.projection.face_state import find_mismatches, project_face, refresh_face
from db.tables.annotators import RULE_PREFIX, ensure_annotator
from db.tables.consensus_rules import CURRENT_SQL, LATEST, current_rule
from pipeline.core.errors import DecisionError
from pipeline.core.messages import Finding, Message, message
from pipeline.core.records import Verdict

SAVED_EARLIER: Final = message("op_saved_earlier")
_DONE_EARLIER: Final = message("op_done_earlier")
_NOTHING_TO_UNDO: Final = message("undo_nothing")
_NOTHING_TO_REDO: Final = message("redo_nothing")
_DIFFERS_FROM_OTHERS: Final = message("op_differs_from_others")
_STANDING: Final = "d.verdict <> 'undo' AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.uuid)"


def apply_ops(db: Db, annotator: str, ops: Sequence[Op], now: str | None = None) -> list[OpResult]:
    """Append decisions in the order given, and return one result for each op. Inside a write.

    An op that is wrong in any way is refused; the others are kept, also those that differ from what counts.
    now: the time that is recorded, UTC ISO 8601 with milliseconds, None for the present. Raises SignInError for an
    invalid annotator name.
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
    if any(result.status in ("saved", "differs") for result in results):
        chain.remember_head(db)
    refused.note(db, name, results, at)
    return results


def unstorable(key: str, error: Exception) -> OpResult:
    """The result for the op with the UUID `key`, whose values raised `error`, one of VALUE_ERRORS."""
    return OpResult(key, "refused", message("op_unstorable", why=error))


def history(db: Db, face_id: str) -> list[dict[str, Any]]:
    """All decisions on a face, oldest first: uuid, step, annotator, verdict, class_id, reason, at, took_ms, kind,
    unseen, confirmed, off_screen, undone.

    Undo rows are left out; `undone` is true for the decisions that they took back. unseen: the UUID of the decision
    that counted when this one was made without having seen it. confirmed: the suggestion that a page confirmed with
    it, {"suggester", "version", "probability"}, None for a decision made otherwise. off_screen: whether it was made
    with a page of which this face had not been on the screen.
    """
    sql = """
    SELECT d.uuid, d.step, d.annotator, d.verdict, d.class_id, d.reason, d.at, d.took_ms, d.kind, d.unseen,
           json_extract(d.context, '$.confirmed') AS confirmed, json_extract(d.context, '$.off_screen') AS off_screen,
           EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.uuid) AS undone
    FROM decisions d WHERE d.face_id = ? AND d.verdict <> 'undo' ORDER BY d.seq
    """
    rows = db.query(sql, [face_id])
    flags = ("off_screen", "undone")
    return [
        {**row, "confirmed": json.loads(row["confirmed"] or "null"), **{name: bool(row[name]) for name in flags}}
        for row in rows
    ]


def verify_chain(db: Db) -> list[Finding]:
    """One sentence for each break of the chain and each face whose stored state differs from the log, empty if none."""
    return chain.verify_links(db) + find_mismatches(db)


def _apply(db: Db, annotator: str, op: Op, at: str) -> OpResult:
    if isinstance(op, DecideOp):
        return _decide(db, annotator, op, at)
    return _undo(db, annotator, op, at) if isinstance(op, UndoOp) else _redo(db, annotator, op, at)


_ALIKE: Final = {"unseen": 1}
"""In the `context` of an answer that agrees with one that counted and had not been seen."""
_EARLIER_SQL: Final = """
SELECT unseen, annotator, face_id, verdict, class_id, reason, kind FROM decisions WHERE uuid = ?
"""
_HOW_SQL: Final = f"SELECT ({CURRENT_SQL}), (SELECT wanted FROM second_opinions WHERE face_id = ?)"
_COUNTS_SQL: Final = f"""
UPDATE face_state SET verdict = ?1, class_id = ?2, reason = ?3, annotator = ?4, at = ?5, decision_uuid = ?6,
  waiting = '', adjudicated = 0, n_decisions = n_decisions + 1, n_answers = ({answers.COUNT_PEOPLE_SQL.format("?7")})
WHERE face_id = ?7
"""
_BESIDE_SQL: Final = f"""
UPDATE face_state SET n_decisions = n_decisions + 1, n_answers = ({answers.COUNT_PEOPLE_SQL.format("?1")})
WHERE face_id = ?1
"""


def _decide(
    db: Db, annotator: str, op: DecideOp, at: str, unseen: str | None = None, *, alike: bool = False
) -> OpResult:
    """unseen: what the decision did not see when it was made first; alike: whether it agreed unseen then."""
    key = canonical_uuid(op.uuid)
    earlier = db.execute(_EARLIER_SQL, [key]).fetchone()
    if earlier:
        if tuple(earlier[1:]) != (annotator, op.face_id, str(op.verdict), op.class_id, op.reason, op.kind):
            raise DecisionError(message("decision_uuid_taken", uuid=op.uuid))
        differing = (op.face_id,) if earlier[0] is not None else ()
        return OpResult(op.uuid, "repeat", SAVED_EARLIER, face_states(db, [op.face_id], annotator), differing)
    if _is_undo(db, key):
        raise DecisionError(message("decision_uuid_undo", uuid=op.uuid))
    check(db, op)
    other, alike_now = _unseen(db, annotator, op)
    unseen = unseen if other is None else other.decision
    row = {
        "uuid": key, "step": op.step, "annotator": annotator, "face_id": op.face_id, "sha256": op.sha256,
        "verdict": str(op.verdict), "class_id": op.class_id, "reason": op.reason, "undoes": None,
        "at": at, "took_ms": max(0, op.took_ms), "kind": op.kind, "unseen": unseen,
        "context": _context(op, alike=alike_now or (alike and other is None)),
    }  # fmt: skip
    seq = chain.append(db, row)
    if not op.kind:
        put = [op.face_id, annotator, seq, str(op.verdict), op.class_id, op.reason, unseen, at]
        db.execute(answers.PUT_SQL, put)
    state = _project(db, annotator, op, key, at, unseen)
    if unseen is None:
        return OpResult(op.uuid, "saved", None, (state,))
    why = message("op_differs", annotator=(other or state).annotator)
    return OpResult(op.uuid, "differs", why, (state,), (op.face_id,))


def _context(op: DecideOp, *, alike: bool) -> str | None:
    """As the log keeps it: JSON, None where there is nothing to say."""
    told = {**(op.context or {}), **(_ALIKE if alike else {})}
    return json.dumps(told, sort_keys=True) if told else None


def _unseen(db: Db, annotator: str, op: DecideOp) -> tuple[FaceState | None, bool]:
    """What another person decided otherwise and counts, not seen by the client; None where nothing is. And whether
    another person decided alike, not seen either: how far people agree is told by both.

    What rules decide counts only where no person answers: nobody has to see it. An adjudication is made over answers,
    seen or not; only another adjudication may have been missed.
    """
    if op.seen is None:
        return None, False
    found = face_states(db, [op.face_id])
    if not found or found[0].verdict is None or found[0].annotator == annotator or found[0].decision == op.seen:
        return None, False
    if str(found[0].annotator).startswith(RULE_PREFIX):
        return None, False
    if (found[0].verdict, found[0].class_id) == (str(op.verdict), op.class_id):
        return None, not op.kind
    if op.kind and not db.execute("SELECT adjudicated FROM face_state WHERE face_id = ?", [op.face_id]).fetchone()[0]:
        return None, False
    return found[0], False


def _project(db: Db, annotator: str, op: DecideOp, key: str, at: str, unseen: str | None) -> FaceState:
    """Bring the face's state up to date with a decision that was just appended; what it is now to the annotator.

    Most often the newest answer counts, and nothing else has to be read.
    """
    rule, wanted = db.execute(_HOW_SQL, [op.face_id]).fetchone()
    is_answer = not op.kind and unseen is None and not annotator.startswith(RULE_PREFIX)
    if is_answer and wanted is None and (rule is None or current_rule(db).name == LATEST):
        values = (str(op.verdict), op.class_id, op.reason, annotator, at, key)
        db.execute(_COUNTS_SQL, [*values, op.face_id])
        return FaceState(op.face_id, *values)
    db.execute(_BESIDE_SQL, [op.face_id])
    project_face(db, op.face_id)
    return face_states(db, [op.face_id], annotator)[0]


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
    faces = take_back(db, annotator, canonical_uuid(op.uuid), step, at)
    return OpResult(op.uuid, "saved", message("undo_took_back", n=len(step)), face_states(db, faces, annotator))


def _was_stored(db: Db, annotator: str, step: str | None) -> bool:
    sql = "SELECT 1 FROM decisions WHERE step = ? AND annotator = ? LIMIT 1"
    return step is None or db.execute(sql, [step, annotator]).fetchone() is not None


def _earlier(db: Db, annotator: str, op: UndoOp | RedoOp) -> OpResult | None:
    """The answer to a repeat, None where the op is new. Raises DecisionError where its uuid belongs to another op."""
    key = canonical_uuid(op.uuid)
    mine = "SELECT verdict, face_id FROM decisions WHERE annotator = ? AND step = ? ORDER BY seq"
    rows = db.execute(mine, [annotator, key]).fetchall()
    done = dict.fromkeys(face for verdict, face in rows if (verdict == "undo") == isinstance(op, UndoOp))
    foreign = db.execute("SELECT 1 FROM decisions WHERE uuid = ?", [key]).fetchone() or (rows and not done)
    if foreign:
        raise DecisionError(message("undo_uuid_taken", uuid=op.uuid))
    if done or db.execute("SELECT 1 FROM empty_undos WHERE uuid = ?", [key]).fetchone():
        return OpResult(op.uuid, "repeat", _DONE_EARLIER, face_states(db, list(done), annotator))
    return None


def _nothing(db: Db, annotator: str, op: UndoOp | RedoOp, at: str, why: Message | None) -> OpResult:
    """Noted, or a repeat that arrives after the next decision would do something to that one."""
    db.execute(
        "INSERT INTO empty_undos (uuid, annotator, at) VALUES (?, ?, ?)", [canonical_uuid(op.uuid), annotator, at]
    )
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
    differing: list[str] = []
    problem: Message | None = None
    for old, face_id, sha256, verdict, class_id, reason, kind, unseen, alike, said in redo.undone_by(
        db, annotator, undo
    ):
        seen = "" if op.undo is not None and redo.overtaken(db, annotator, undo, face_id) else None
        step = canonical_uuid(op.uuid)
        key = redo.uuid_of(step, old)
        new = DecideOp(key, step, face_id, sha256, Verdict(verdict), class_id, reason, 0, seen, kind, said)
        try:
            done = _decide(db, annotator, new, at, unseen, alike=bool(alike))
        except DecisionError as e:  # the face was removed meanwhile, or the class put away; the others go on
            problem = e.message
        else:
            made.append(face_id)
            differing += done.differing
    if not made:
        redo.give_up(db, annotator, undo, at)  # or every later redo would try this one again, and no other
        _nothing(db, annotator, op, at, None)
        return OpResult(op.uuid, "refused", problem)
    states, apart = face_states(db, list(dict.fromkeys(made)), annotator), tuple(dict.fromkeys(differing))
    if len(differing) < len(made):
        return OpResult(op.uuid, "saved", message("redo_made_again", n=len(made)), states, apart)
    return OpResult(op.uuid, "differs", _DIFFERS_FROM_OTHERS, states, apart)


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
