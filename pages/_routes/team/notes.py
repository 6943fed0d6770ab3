"""POST /api/notes and /api/notes/resolved: what people say to each other about a face."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from db.store.store import Db
from db.team.blind import visible_thread
from db.team.notes import LONGEST, Thread, add_note, set_resolved
from pages._routes import _guard
from pages._routes._batch import RequestError
from pages._routes.team import _object
from pages._server import workspace
from pages._server.refusal import refusal
from pipeline.core.errors import DecisionError, MoueError

_YES_NO: Final = ("yes", "no")
_ID: Final = 64


@_guard.may("note")
async def add(request: Request, annotator: str) -> JSONResponse:
    """{"face_id", "id": a UUID, "text"}: 200 and the thread, only after the commit; the same note twice is one.

    400 malformed, empty or too long, 401 unsigned, 403 foreign origin, 413, 415, 503 storage.
    """
    try:
        body = await _object.read_object(request)
        face_id, key = _object.text(body, "face_id", _ID), _object.text(body, "id", _ID)
        text = _object.text(body, "text", 4 * LONGEST)
    except RequestError as e:
        return refusal(request, e.status, e.problem)
    return await _answer(request, annotator, face_id, lambda db: add_note(db, annotator, face_id, key, text))


@_guard.may("note")
async def resolve(request: Request, annotator: str) -> JSONResponse:
    """{"face_id", "resolved": "yes" or "no"}: 200 and the thread. Errors as for `add`."""
    try:
        body = await _object.read_object(request)
        face_id, resolved = _object.text(body, "face_id", _ID), _object.choice(body, "resolved", _YES_NO) == "yes"
    except RequestError as e:
        return refusal(request, e.status, e.problem)
    return await _answer(request, annotator, face_id, lambda db: set_resolved(db, annotator, face_id, resolved))


async def _answer(request: Request, annotator: str, face_id: str, work: Callable[[Db], Thread]) -> JSONResponse:
    def seen(db: Db) -> Thread:
        return visible_thread(db, annotator, face_id, work(db))

    try:
        return JSONResponse(describe(await asyncio.wrap_future(workspace.get_store().submit(seen))))
    except DecisionError as e:
        return refusal(request, 400, e.message)
    except MoueError as e:
        return refusal(request, 503, e.message)


def describe(thread: Thread) -> dict[str, Any]:
    """A thread as the pages get it."""
    return {**asdict(thread), "open": thread.open}


routes: Final = [
    Route("/api/notes", add, methods=["POST"]),
    Route("/api/notes/resolved", resolve, methods=["POST"]),
]
