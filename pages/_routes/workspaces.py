"""GET /api/workspaces: what the switcher in the header offers. GET /api/alive: whether what is done here is kept."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Final

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pages._routes import _guard
from pages._server import identity, space_list, workspace
from pages._server.refusal import refusal
from pipeline.core.errors import MoueError

_LOG_LETTERS: Final = 12
"""Of a hash: it is only compared."""


@_guard.may("see")
async def workspaces(request: Request, _annotator: str) -> JSONResponse:
    """{"here": name or null, "workspaces": [{"name", "address", "annotator", "undecided"}]}; none where there is one.

    undecided is null in a workspace where this person is not signed in. 401 unsigned, 503 storage.
    """
    try:
        found = await anyio.to_thread.run_sync(space_list.spaces_of, request.cookies, request.headers)
    except MoueError as e:
        return refusal(request, 503, e.message)
    answer = {"here": workspace.current(), "workspaces": [asdict(one) for one in found]}
    return JSONResponse(answer, headers={"Cache-Control": "private, no-store"})


async def alive(request: Request) -> JSONResponse:
    """200 {"log"}; 503 with the reason where nothing that is done here would be kept: the workspace is not there.

    log: another text since a backup was put in place; what a page shows is then of another log, and it loads itself
    anew. Left out where the workspace is not open. Costs no thread and no query. Whoever has not signed in is not told
    where the workspace lies.
    """
    try:
        problem = workspace.problem()
        log = workspace.restored()
        known = problem is None or identity.annotator_of(request) is not None
    except MoueError as e:
        return refusal(request, 503, e.message)
    if problem is None:
        return JSONResponse({} if log is None else {"log": log[:_LOG_LETTERS]}, headers={"Cache-Control": "no-store"})
    return refusal(request, 503, problem if known else problem.map_scalars(lambda value: Path(str(value)).name))


route: Final = Route("/api/workspaces", workspaces, methods=["GET"])
alive_route: Final = Route("/api/alive", alive, methods=["GET"])
"""Asked by every open page every few seconds, also before anybody has signed in."""
