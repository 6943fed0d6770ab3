"""Answers 404 to unknown addresses below /api, for which Streamlit would send its page with 200."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pages._routes.v1.routes import methods_at
from pages._server.refusal import refusal
from pipeline.core.messages import message

METHODS: Final = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


async def not_found(request: Request) -> JSONResponse:
    if methods := methods_at(request.scope):
        names = ", ".join(methods)
        refused = refusal(request, 405, message("method_not_allowed", method=request.method, names=tuple(methods)))
        refused.headers["Allow"] = names
        return refused
    return refusal(request, 404, message("route_unknown", path=request.url.path))


route: Final = Route("/api/{path:path}", not_found, methods=METHODS)
