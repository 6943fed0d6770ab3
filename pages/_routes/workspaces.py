"""GET /api/workspaces: what the switcher in the header offers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pages._routes import _guard
from pages._server import space_list, workspace
from pages._server.refusal import refusal
from pipeline.core.errors import MoueError


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


route: Final = Route("/api/workspaces", workspaces, methods=["GET"])
