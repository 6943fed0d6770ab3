"""POST /api/claims/…: the next faces for a person, kept by a living page; and which ones others have before them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from db.projection import suggestion_orders
from db.projection.filter_text import filter_of
from db.projection.filters import ReviewFilter
from db.store.store import Db
from db.tables.settings import suggestions_hidden
from db.team import claims
from db.team.claims import GRACE_SECONDS, SECONDS, Batch
from pages._routes import _guard
from pages._routes._batch import RequestError
from pages._routes.team import _object
from pages._server import workspace
from pages._server.refusal import refusal
from pipeline.core.errors import MoueError, UsageError
from pipeline.core.messages import message

MOST: Final = 400
"""Faces of a batch, and of a question about others' claims: the largest page of Review."""
_ID: Final = 64
_LONGEST_QUERY: Final = 300


@_guard.may("claim")
async def claim_next(request: Request, annotator: str) -> JSONResponse:
    """{"query": {…}, "size": n}: 200 {"batch", "faces": [id…], "handout", "seconds"}; no faces: nothing is left.

    query: the parameters of Review's address. 400 malformed, 401 unsigned, 403 foreign origin, 413, 415, 503 storage.
    """
    try:
        body = await _object.read_object(request)
        size, query = _object.whole(body, "size"), _object.texts(body, "query", _LONGEST_QUERY)
        if not 1 <= size <= MOST:
            raise RequestError(400, message("page_size", n=size))
        found: Batch = await _write(lambda db: claims.claim_next(db, annotator, _filter(db, query), size))
    except RequestError as e:
        return refusal(request, e.status, e.problem)
    except UsageError as e:
        return refusal(request, 400, e.message)
    except MoueError as e:
        return refusal(request, 503, e.message)
    number = found.handout.id if found.handout else None
    return JSONResponse({"batch": found.id, "faces": found.faces, "handout": number, "seconds": found.seconds_left})


@_guard.may("claim")
async def renew(request: Request, annotator: str) -> JSONResponse:
    """{"batch": id}, sent by a living page: 200 {"alive": whether it is still theirs, "seconds"}. Errors as above.

    With "left": true the page was left: the batch ends soon unless it is renewed again.
    """

    def work(db: Db, batch: str, left: bool) -> dict[str, Any]:
        seconds = GRACE_SECONDS if left else SECONDS
        return {"alive": claims.renew(db, annotator, batch, seconds=seconds), "seconds": seconds}

    return await _of_batch(request, work)


@_guard.may("claim")
async def release(request: Request, annotator: str) -> JSONResponse:
    """{"batch": id}: 200 {"open": how many of its faces go back to the others}. Errors as above."""
    return await _of_batch(request, lambda db, batch, _left: {"open": claims.release(db, annotator, batch)})


@_guard.may("see")
async def others(request: Request, annotator: str) -> JSONResponse:
    """{"faces": [id…]}: 200 {"claimed": {id: name}}, those that others have before them now. Errors as above."""
    try:
        faces = (await _object.read_object(request)).get("faces")
        if not isinstance(faces, list) or len(faces) > MOST or not all(isinstance(one, str) for one in faces):
            raise RequestError(400, message("field_faces", most=MOST))
        store = workspace.get_store()
        found = await anyio.to_thread.run_sync(
            lambda: store.read(lambda db: claims.claimed_by_others(db, annotator, faces))
        )
    except RequestError as e:
        return refusal(request, e.status, e.problem)
    except MoueError as e:
        return refusal(request, 503, e.message)
    return JSONResponse({"claimed": found})


async def _of_batch(request: Request, work: Callable[[Db, str, bool], dict[str, Any]]) -> JSONResponse:
    try:
        body = await _object.read_object(request)
        batch, left = _object.text(body, "batch", _ID), body.get("left") is True
        return JSONResponse(await _write(lambda db: work(db, batch, left)))
    except RequestError as e:
        return refusal(request, e.status, e.problem)
    except MoueError as e:
        return refusal(request, 503, e.message)


async def _write(work: Callable[[Db], Any]) -> Any:
    return await asyncio.wrap_future(workspace.get_store().submit(work))


def _filter(db: Db, query: Mapping[str, str]) -> ReviewFilter:
    """Without what would tell suggestions that the workspace hides."""
    if suggestions_hidden(db):
        query = suggestion_orders.without(
            {name: said for name, said in query.items() if name != "proposal" and said != "proposal"}
        )
    return filter_of(query)


routes: Final = [
    Route("/api/claims/next", claim_next, methods=["POST"]),
    Route("/api/claims/renew", renew, methods=["POST"]),
    Route("/api/claims/release", release, methods=["POST"]),
    Route("/api/claims/others", others, methods=["POST"]),
]
