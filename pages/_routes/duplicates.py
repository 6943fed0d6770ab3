"""POST /api/duplicates: decisions on groups of near copies, answered only after they are on the disk."""

from __future__ import annotations

import asyncio
import logging
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from db.base.savepoint import VALUE_ERRORS, savepoint
from db.decisions.log import SAVED_EARLIER, apply_ops, unstorable
from db.decisions.ops import DecideOp, OpResult, UndoOp
from db.duplicates import near_pairs
from db.duplicates.groups import DuplicateGroup, group, keep_ops, mark_distinct, mark_same, step_is_known
from db.duplicates.not_duplicates import groups_of
from db.duplicates.region import distinct_pairs
from db.store.store import Db
from db.team.blind import without_blind
from pages._routes import _batch, _guard
from pages._server import workspace
from pages._server.refusal import reader_locale, refusal, words_of
from pages._words import recorded
from pipeline.core.errors import MoueError, UsageError
from pipeline.core.messages import message
from pipeline.core.records import Verdict

MOST_MEMBERS: Final = 500
MOST_FACES: Final = 10_000
_KINDS: Final = frozenset({"keep", "apart", "together", "label", "undo"})
_SAID_EARLIER: Final = message("op_said_earlier")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_FACE_ID: Final = re.compile(r"[0-9a-f]{32}")
_DECISION: Final = re.compile(r"[0-9a-f-]{0,36}")
_log: Final = logging.getLogger("moue.duplicates")


class _RefusedError(Exception):
    """Raised when one part of an op is refused; the op's savepoint then rolls back its other parts."""

    def __init__(self, result: OpResult) -> None:
        super().__init__(str(result.message))
        self.result = result


@dataclass(frozen=True, slots=True)
class GroupOp:
    """One op on a group of near copies. uuid: made by the client, also the step of the decisions. members: the images
    that were on the screen.

    sha256: with keep, the image to keep; with apart, the image that is no copy of the others, "" if no two are the
    same. pairs: with together, the pairs that are copies again. faces: with label, (face id, image) to get class_id.
    seen: the decision that counted on each face when the client loaded it; a face that is missing had none. step: with
    undo, the step to be undone, "" for the newest.
    """

    seq: int
    uuid: str
    kind: str
    members: tuple[str, ...]
    sha256: str
    pairs: tuple[tuple[str, str], ...]
    faces: tuple[tuple[str, str], ...]
    class_id: int | None
    took_ms: int
    seen: Mapping[str, str]
    step: str


@_guard.may("duplicates")
async def duplicates(request: Request, annotator: str) -> JSONResponse:
    """{"ops": [...]} in order: keep, apart, together, label or undo. 200 {"results": [...]}, only after the commit.

    Each result has the faces that the op is about, and the groups that its members are in now. 401 unsigned, 403
    foreign origin, 413 too much, 415 not JSON, 400 malformed (nothing of it is kept), 503 storage: the client keeps
    what was not answered and sends it again; a repeat changes nothing. A face that somebody else decided, other than
    the op's `seen` says, stays as it is, and the op's answer is kept beside it: it is one of the result's `differs`;
    where that is so of all, `differs` is the status, too.
    """
    try:
        ops = [_op(raw) for raw in await _batch.read_ops(request)]
    except _batch.RequestError as e:
        return refusal(request, e.status, e.problem)
    locale = reader_locale(request)
    try:
        future = workspace.get_store().submit(lambda db: [_apply(db, annotator, op, locale) for op in ops])
        return JSONResponse({"results": await asyncio.wrap_future(future)})
    except MoueError as e:
        _log.error("groups of %s not stored: %s", annotator, e)
        return refusal(request, 503, e.message)


def _op(raw: object) -> GroupOp:
    kind, key = _batch.text(raw, "op"), _batch.text(raw, "uuid")
    try:
        uuid.UUID(key)
    except ValueError as e:
        raise _batch.RequestError(400, message("uuid_malformed", uuid=key)) from e
    members = _batch.field(raw, "members") or []
    sha256 = _batch.text(raw, "sha256", optional=True)
    op = GroupOp(
        seq=_batch.whole(raw, "seq") or 0,
        uuid=key,
        kind=kind,
        members=_hashes(members, "members"),
        sha256=sha256,
        pairs=tuple((min(pair), max(pair)) for pair in _pairs_of(raw, "pairs", _SHA256)),
        faces=_pairs_of(raw, "faces", _FACE_ID),
        class_id=_batch.whole(raw, "class_id"),
        took_ms=_batch.took_ms(raw),
        seen=_seen(raw),
        step=_batch.text(raw, "step", optional=True),
    )
    if kind not in _KINDS or (kind == "keep" and not sha256) or (sha256 and sha256 not in op.members):
        raise _batch.RequestError(400, message("op_on_group", uuid=key, kinds=tuple(sorted(_KINDS))))
    return op


def _hashes(value: object, name: str) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MOST_MEMBERS:
        raise _batch.RequestError(400, message("op_list", name=name, most=MOST_MEMBERS))
    if not all(isinstance(one, str) and _SHA256.fullmatch(one) for one in value):
        raise _batch.RequestError(400, message("op_not_hashes", name=name))
    return tuple(value)


def _pairs_of(raw: object, name: str, first: re.Pattern[str]) -> tuple[tuple[str, str], ...]:
    value = _batch.field(raw, name) or []
    most = MOST_MEMBERS * (MOST_MEMBERS - 1) // 2
    if not isinstance(value, list) or len(value) > most:
        raise _batch.RequestError(400, message("op_list", name=name, most=most))
    for one in value:
        good = isinstance(one, list) and len(one) == 2 and all(isinstance(part, str) for part in one)
        if not good or not first.fullmatch(one[0]) or not _SHA256.fullmatch(one[1]) or one[0] == one[1]:
            raise _batch.RequestError(400, message("op_not_pairs", name=name))
    return tuple((one[0], one[1]) for one in value)


def _seen(raw: object) -> dict[str, str]:
    value = _batch.field(raw, "seen") or {}
    if not isinstance(value, dict) or len(value) > MOST_FACES:
        raise _batch.RequestError(400, message("op_seen", most=MOST_FACES))
    if not all(isinstance(one, str) and _DECISION.fullmatch(one) for one in value.values()):
        raise _batch.RequestError(400, message("op_seen_decisions"))
    return value


def _apply(db: Db, annotator: str, op: GroupOp, locale: str) -> dict[str, Any]:
    """Do one op and tell what is so now. Inside a write. A refused op changes nothing.

    locale: the language of the keepers' reasons.
    """
    done, refused = _act(db, annotator, op)
    now = _groups(db, op.members)
    faces = {face.face_id: face.as_dict() for one in done for face in one.faces}
    for member in (member for found in now for member in found.members if member.sha256 in op.members):
        for face in member.faces:
            state = {name: getattr(face, name) for name in ("face_id", "verdict", "class_id", "reason", "decision")}
            faces.setdefault(face.face_id, state)
    groups = [
        {
            "keeper": found.keeper,
            "reason": recorded.translate(found.reason, locale),
            "members": [m.sha256 for m in found.members],
        }
        for found in now
    ]
    told: dict[str, Any] = {
        "seq": op.seq,
        "uuid": op.uuid,
        "status": "refused" if refused else _status(done),
        "message": words_of(refused or done[0], locale) if refused or done else "",
        "faces": list(faces.values()),
        "groups": groups,
        "differs": [face.as_dict() for one in done for face in one.faces if face.face_id in one.differing],
    }
    return dict(without_blind(db, annotator, told))


def _act(db: Db, annotator: str, op: GroupOp) -> tuple[list[OpResult], OpResult | None]:
    """What became of each part of the op, or why it was refused; then nothing of it is kept."""
    try:
        with savepoint(db):
            done = _ACTS[op.kind](db, annotator, op)
            for one in done:
                if one.status == "refused":
                    raise _RefusedError(one)
            return done, None
    except _RefusedError as e:
        return [], e.result
    except UsageError as e:
        return [], OpResult(op.uuid, "refused", e.message)
    except VALUE_ERRORS as e:
        return [], unstorable(op.uuid, e)


def _status(done: Sequence[OpResult]) -> str:
    said = {one.status for one in done}
    return next((status for status in ("repeat", "differs") if said == {status}), "saved")


def _groups(db: Db, shas: Sequence[str]) -> list[DuplicateGroup]:
    return [found for number in groups_of(db, shas) if (found := group(db, number)) is not None]


def _keep(db: Db, annotator: str, op: GroupOp) -> list[OpResult]:
    """Reject what else was on the screen; a copy that came meanwhile was not looked at and stays."""
    found = next(iter(_groups(db, [op.sha256])), None)
    if found is None:
        raise UsageError(message("group_photo_left"))
    kept = next(member for member in found.members if member.sha256 == op.sha256)
    if all(face.verdict == "reject" for face in kept.faces):
        raise UsageError(message("group_no_face_stands"))
    if step_is_known(db, annotator, op.uuid):
        return [OpResult(op.uuid, "repeat", SAVED_EARLIER)]
    ops = [one for one in keep_ops(db, found.id, op.sha256, op.uuid) if one.sha256 in op.members]
    if not ops:  # saying "saved" would make it a step, and its undo would take back another one
        raise UsageError(message("group_nothing_left"))
    took = op.took_ms // len(ops)
    return apply_ops(db, annotator, [replace(one, took_ms=took, seen=op.seen.get(one.face_id, "")) for one in ops])


def _distinct(db: Db, annotator: str, op: GroupOp) -> list[OpResult]:
    if near_pairs.is_judged(db, op.uuid):
        return [OpResult(op.uuid, "repeat", _SAID_EARLIER)]
    mine = set(op.members)
    with_me = [
        one for one in _groups(db, op.members) if not op.sha256 or any(m.sha256 == op.sha256 for m in one.members)
    ]
    shown = [one for one in with_me if sum(member.sha256 in mine for member in one.members) > 1]
    if not shown:
        return [OpResult(op.uuid, "repeat", _SAID_EARLIER)]
    if any(member.sha256 not in mine for found in shown for member in found.members):
        raise UsageError(message("group_has_more"))
    for found in shown:
        mark_distinct(db, annotator, found.id, op.sha256 or None, op.uuid)
    return []


def _same(db: Db, annotator: str, op: GroupOp) -> list[OpResult]:
    if near_pairs.is_judged(db, op.uuid):
        return [OpResult(op.uuid, "repeat", _SAID_EARLIER)]
    allowed = set(combinations(sorted(set(op.members)), 2))
    if not op.pairs or not allowed.issuperset(op.pairs):
        raise UsageError(message("group_of_other_pairs"))
    distinct = distinct_pairs(db, op.members)
    pairs = [pair for pair in op.pairs if pair in distinct]
    mark_same(db, annotator, pairs, op.uuid)
    return [] if pairs else [OpResult(op.uuid, "repeat", _SAID_EARLIER)]


def _label(db: Db, annotator: str, op: GroupOp) -> list[OpResult]:
    ops = [
        DecideOp(
            str(uuid.uuid5(uuid.UUID(op.uuid), face_id)), op.uuid, face_id, sha256, Verdict.ACCEPT, op.class_id,
            took_ms=op.took_ms // len(op.faces), seen=op.seen.get(face_id, ""),
        )
        for face_id, sha256 in op.faces
    ]  # fmt: skip
    return apply_ops(db, annotator, ops)


def _undo(db: Db, annotator: str, op: GroupOp) -> list[OpResult]:
    return apply_ops(db, annotator, [UndoOp(op.uuid, op.step or None, exact=True)])


_ACTS: Final = {"keep": _keep, "apart": _distinct, "together": _same, "label": _label, "undo": _undo}

route: Final = Route("/api/duplicates", duplicates, methods=["POST"])
