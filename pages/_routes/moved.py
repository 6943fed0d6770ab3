"""Redirects from the addresses of renamed pages, which people have as bookmarks."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route


async def dashboard(request: Request) -> RedirectResponse:
    """Redirects `/dashboard`, Progress's former address, with its query; relative, to keep a proxy's path prefix."""
    return RedirectResponse("progress" + (f"?{request.url.query}" if request.url.query else ""), status_code=307)


route: Final = Route("/dashboard", dashboard, methods=["GET"])
