"""The routes of the HTTP interface for scripts, and the document that describes them. See docs/api.md."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Match, Route
from starlette.types import Scope

from pages._routes.v1 import about, decisions, document, faces, predictions, releases
from pages._routes.v1.operation import Caller, Operation
from pages._server import spaces

TABLE: Final[tuple[Operation, ...]] = (
    *about.operations,
    *faces.operations,
    *decisions.operations,
    *predictions.operations,
    *releases.operations,
)
"""All that the document tells of."""


async def described(_request: Request, _caller: Caller, _body: None) -> JSONResponse:
    return JSONResponse(document.document(TABLE, spaces.base_path()))


_itself: Any = Operation("GET", "/openapi.json", "openapi", "see", "This document", described, "application/json")
routes: Final[list[Route]] = [op.route() for op in (*TABLE, _itself)]


def methods_at(scope: Scope) -> list[str]:
    """The methods of an address of ours that is asked by another one; none for any other address."""
    return [
        method
        for route in routes
        if route.matches(scope)[0] is Match.PARTIAL
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]
