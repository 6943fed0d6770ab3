"""GET /api/guidelines, POST /api/guidelines/example: what each class means, one key away while labelling."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from db.store.store import Db
from db.team.guidelines import list_guidelines, remove_example, set_example
from pages._routes import _guard
from pages._routes._batch import RequestError
from pages._routes.team import _object
from pages._server import permission, workspace
from pages._server.refusal import refusal
from pipeline.core.errors import DecisionError, MoueError

_SIDES: Final = ("example", "counter", "none")


@_guard.may("see")
async def guidelines(request: Request, annotator: str) -> JSONResponse:
    """{"guidelines": [...], "may_write"}: each active class's, in the classes' order, and whether this person may
    choose examples. 401 unsigned, 503 storage."""
    try:
        found = await anyio.to_thread.run_sync(lambda: workspace.get_store().read(lambda db: _load(db, annotator)))
        may_write = permission.refusal(annotator, "guidelines") is None
    except MoueError as e:
        return refusal(request, 503, e.message)
    return JSONResponse({**found, "may_write": may_write}, headers={"Cache-Control": "private, no-store"})


@_guard.may("guidelines")
async def example(request: Request, annotator: str) -> JSONResponse:
    """{"class_id", "face_id", "as": "example", "counter" or "none"}: 200 and all guidelines, only after the commit.

    400 malformed or refused, 401 unsigned, 403 foreign origin, 413, 415, 503 storage.
    """
    try:
        body = await _object.read_object(request)
        class_id, face_id = _object.whole(body, "class_id"), _object.text(body, "face_id", 64)
        side = _object.choice(body, "as", _SIDES)
        work = _work(annotator, class_id, face_id, side)
        return JSONResponse(await asyncio.wrap_future(workspace.get_store().submit(work)))
    except RequestError as e:
        return refusal(request, e.status, e.problem)
    except DecisionError as e:
        return refusal(request, 400, e.message)
    except MoueError as e:
        return refusal(request, 503, e.message)


def _work(annotator: str, class_id: int, face_id: str, side: str) -> Callable[[Db], dict[str, Any]]:
    def work(db: Db) -> dict[str, Any]:
        if side == "none":
            remove_example(db, annotator, class_id, face_id)
        else:
            set_example(db, annotator, class_id, face_id, side == "counter")
        return _load(db, annotator)

    return work


def _load(db: Db, who: str) -> dict[str, Any]:
    return {"may_write": True, "guidelines": [asdict(one) for one in list_guidelines(db, who).values()]}


routes: Final = [
    Route("/api/guidelines", guidelines, methods=["GET"]),
    Route("/api/guidelines/example", example, methods=["POST"]),
]
