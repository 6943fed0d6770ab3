"""POST /api/decisions: a batch of decisions, answered only after they are on the disk."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from db.decisions.checks import CONFIRMED, IN_BATCH, OFF_SCREEN
from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp, Op, OpResult, RedoOp, UndoOp
from db.projection.consensus import ADJUDICATION
from db.team.blind import visible_results
from pages._routes import _batch, _guard
from pages._server import workspace
from pages._server.refusal import reader_locale, refusal, words_of
from pages._server.suggest.shown_suggestions import DIGITS, Shown, Signer
from pipeline.core.errors import MoueError
from pipeline.core.messages import message
from pipeline.core.records import Verdict

_VERDICTS: Final = frozenset({"accept", "reject", "unsure"})
_log: Final = logging.getLogger("moue.decisions")


@_guard.may("label")
async def decisions(request: Request, annotator: str) -> Response:
    """{"ops": [...]} in order. 200 {"results": [...]}, one for each op, only after the commit.

    401 unsigned, 403 foreign origin, 413 too much, 415 not JSON, 400 malformed (nothing of it is kept), 503 storage:
    the client keeps what was not answered and sends it again; a repeated uuid changes nothing. An op whose `seen`
    ("" where it is not there) is not the decision that counts now, somebody else's, is kept as an answer that did not
    see it: `differs`, with that state; `differing` names the faces. An op of the kind "adjudication" is for who may
    adjudicate: else 403, and nothing of the batch is kept. An op may say which suggestion a page confirmed with it,
    {"context": {"confirmed": {"suggester", "version", "probability", "proof", "in_batch"}}}, as this server showed it
    to the annotator: else 400. {"context": {"off_screen": true}}: its face had not been on the screen.
    """
    try:
        raw = await _batch.read_ops(request)
        seqs, ops = [_batch.whole(op, "seq") or 0 for op in raw], [_op(op, annotator) for op in raw]
    except _batch.RequestError as e:
        return refusal(request, e.status, e.problem)
    if any(isinstance(op, DecideOp) and op.kind for op in ops):
        forbidden = _guard.refused_by_role(request, annotator, "adjudicate")
        if forbidden is not None:
            return forbidden
    try:
        future = workspace.get_store().submit(lambda db: visible_results(db, annotator, apply_ops(db, annotator, ops)))
        results = await asyncio.wrap_future(future)
    except MoueError as e:
        _log.error("decisions of %s not stored: %s", annotator, e)
        return refusal(request, 503, e.message)
    locale = reader_locale(request)
    return JSONResponse({"results": [_answer(*one, locale) for one in zip(seqs, results, strict=True)]})


def _op(raw: object, annotator: str) -> Op:
    uuid = _batch.text(raw, "uuid")
    kind = _batch.text(raw, "op")
    if kind == "undo":
        return UndoOp(uuid, _batch.text(raw, "step", optional=True) or None)
    if kind == "redo":
        return RedoOp(uuid, _optional_text(raw, "undo"))
    verdict = _batch.text(raw, "verdict") if kind == "decide" else ""
    if verdict not in _VERDICTS:
        raise _batch.RequestError(400, message("op_kind", uuid=uuid))
    op = DecideOp(
        uuid=uuid,
        step=_batch.text(raw, "step"),
        face_id=_batch.text(raw, "face_id"),
        sha256=_batch.text(raw, "sha256"),
        verdict=Verdict(verdict),
        class_id=_batch.whole(raw, "class_id"),
        reason=_batch.text(raw, "reason", optional=True) or None,
        took_ms=_batch.took_ms(raw),
        kind=_kind(raw, uuid),
        seen=_optional_text(raw, "seen") or "",  # an op that does not say overrules nobody unseen
    )
    said = _batch.field(raw, "context")
    return op if said is None else replace(op, context=_context(op, said, annotator))


def _context(op: DecideOp, said: object, annotator: str) -> dict[str, Any] | None:
    """What the log keeps of how it was made. Raises RequestError."""
    off_screen = {OFF_SCREEN: True} if _batch.field(said, OFF_SCREEN) is True else {}
    if off_screen and _batch.field(said, CONFIRMED) is None:
        return off_screen
    return {**_confirmed(op, said, annotator), **off_screen}


def _confirmed(op: DecideOp, said: object, annotator: str) -> dict[str, Any]:
    """What the log keeps of a suggestion that a page confirmed. Raises RequestError: it was not shown to them."""
    told = _batch.field(said, CONFIRMED)
    suggester, signature = _batch.text(told, "suggester"), _batch.text(told, "proof")
    version, probability = _batch.whole(told, "version") or 0, _batch.field(told, "probability")
    if isinstance(probability, bool) or not isinstance(probability, int | float) or not 0 <= probability <= 1:
        raise _batch.RequestError(400, message("suggestion_not_shown", face=op.face_id))
    shown = Shown(op.face_id, suggester, version, op.class_id or 0, round(float(probability), DIGITS))
    if not Signer(annotator).was_shown(shown, signature):
        raise _batch.RequestError(400, message("suggestion_not_shown", face=op.face_id))
    kept = {"suggester": suggester, "version": version, "probability": shown.probability}
    return {CONFIRMED: {**kept, IN_BATCH: True} if _batch.field(told, IN_BATCH) is True else kept}


def _kind(raw: object, uuid: str) -> str:
    """ "" or "adjudication". Raises RequestError."""
    kind = _optional_text(raw, "kind") or ""
    if kind not in ("", ADJUDICATION):
        raise _batch.RequestError(400, message("op_kind", uuid=uuid))
    return kind


def _optional_text(raw: object, name: str) -> str | None:
    """A text that may be empty, None if it is missing. Raises RequestError."""
    return "" if _batch.field(raw, name) == "" else _batch.text(raw, name, optional=True) or None


def _answer(seq: int, result: OpResult, locale: str) -> dict[str, Any]:
    words = words_of(result, locale)
    return {
        "seq": seq,
        "uuid": result.uuid,
        "status": result.status,
        "message": words,
        "faces": [face.as_dict() for face in result.faces],
        "differing": result.differing,
    }


route: Final = Route("/api/decisions", decisions, methods=["POST"])
