"""Everything below /api that no other route knows: Streamlit would answer 200 with its page."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

METHODS: Final = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


async def not_found(request: Request) -> JSONResponse:
    return JSONResponse({"error": f"{request.url.path} does not exist"}, status_code=404)


route: Final = Route("/api/{path:path}", not_found, methods=METHODS)
