"""Addresses of pages that were renamed: people have kept them."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route


async def dashboard(request: Request) -> RedirectResponse:
    """`/dashboard`, as Progress was called, with its query. Relative, so that a proxy's prefix stays."""
    return RedirectResponse("progress" + (f"?{request.url.query}" if request.url.query else ""), status_code=307)


route: Final = Route("/dashboard", dashboard, methods=["GET"])
