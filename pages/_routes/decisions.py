"""POST /api/decisions: a batch of decisions, answered only after they are on the disk."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from db.decisions import DecideOp, OpResult, UndoOp, apply_ops
from pages import _identity, _workspace
from pipeline.errors import MoueError
from pipeline.records import Verdict

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_OPS: Final = 1000
_LONGEST_FIELD: Final = 200
_LONGEST_LOOK_MS: Final = 24 * 3600 * 1000
_VERDICTS: Final = frozenset({"accept", "reject", "unsure"})
_log: Final = logging.getLogger("moue.decisions")


class _RequestError(Exception):
    """The request is refused as a whole, with this HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def decisions(request: Request) -> JSONResponse:
    """{"ops": [...]} in order. 200 {"results": [...]}, one for each op, only after the commit.

    401 unsigned, 403 foreign origin, 413 too much, 415 not JSON, 400 malformed (nothing of it is kept), 503 storage:
    the client keeps what was not answered and sends it again; a repeated uuid changes nothing.
    """
    refused = _identity.check_origin(request)
    if refused is not None:
        return refused
    annotator = _identity.annotator_of(request)
    if annotator is None:
        return _identity.unsigned()
    try:
        seqs, ops = _parse(await _body(request))
    except _RequestError as e:
        return _error(e.status, str(e))
    try:
        future = _workspace.get_store().submit(lambda db: apply_ops(db, annotator, ops))
        results = await asyncio.wrap_future(future)
    except MoueError as e:
        _log.error("decisions of %s not stored: %s", annotator, e)
        return _error(503, str(e))
    return JSONResponse({"results": [_answer(seq, result) for seq, result in zip(seqs, results, strict=True)]})


async def _body(request: Request) -> object:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise _RequestError(415, "send application/json")
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_BYTES:
            raise _RequestError(413, f"a batch has at most {MAX_BYTES:,} bytes: send fewer decisions at once")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as e:
        raise _RequestError(400, "the request is not JSON") from e


def _parse(body: object) -> tuple[list[int], list[DecideOp | UndoOp]]:
    ops = body.get("ops") if isinstance(body, dict) else None
    if not isinstance(ops, list):
        raise _RequestError(400, 'the request is not {"ops": [...]}')
    if len(ops) > MAX_OPS:
        raise _RequestError(413, f"a batch has at most {MAX_OPS:,} decisions, not {len(ops):,}")
    return [_whole(op, "seq") or 0 for op in ops], [_op(op) for op in ops]


def _op(raw: object) -> DecideOp | UndoOp:
    uuid = _text(raw, "uuid")
    kind = _text(raw, "op")
    if kind == "undo":
        return UndoOp(uuid)
    verdict = _text(raw, "verdict") if kind == "decide" else ""
    if verdict not in _VERDICTS:
        raise _RequestError(400, f"op {uuid} is neither an undo nor a decide with a verdict: accept, reject, unsure")
    return DecideOp(
        uuid=uuid,
        step=_text(raw, "step"),
        face_id=_text(raw, "face_id"),
        sha256=_text(raw, "sha256"),
        verdict=Verdict(verdict),
        class_id=_whole(raw, "class_id"),
        reason=_text(raw, "reason", optional=True) or None,
        took_ms=min(_LONGEST_LOOK_MS, max(0, _whole(raw, "took_ms") or 0)),
    )


def _field(raw: object, name: str) -> Any:
    if not isinstance(raw, dict):
        raise _RequestError(400, "an op is not an object")
    return raw.get(name)


def _text(raw: object, name: str, *, optional: bool = False) -> str:
    value = _field(raw, name)
    if value is None and optional:
        return ""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_FIELD:
        raise _RequestError(400, f"{name} of an op is missing, or not text of at most {_LONGEST_FIELD} characters")
    return value


def _whole(raw: object, name: str) -> int | None:
    value = _field(raw, name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53):
        return value
    raise _RequestError(400, f"{name} of an op is not a whole number")


def _answer(seq: int, result: OpResult) -> dict[str, Any]:
    faces: Sequence[dict[str, Any]] = [asdict(face) for face in result.faces]
    return {"seq": seq, "uuid": result.uuid, "status": result.status, "message": result.message, "faces": faces}


def _error(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": message}, status_code=status)


route: Final = Route("/api/decisions", decisions, methods=["POST"])
