"""Redirects from addresses that are none, or no longer: people have them as bookmarks, or guess them from others."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

_LEADS: Final = {"dashboard": "progress", "overview": "./"}
"""Progress's former address; the first page, whose own address is the application's: Streamlit keeps its file's name
for it, and says so with a trace. Relative, to keep a proxy's path prefix."""


async def moved(request: Request) -> RedirectResponse:
    """Redirects with the query."""
    to = _LEADS[request.url.path.rpartition("/")[2]]
    return RedirectResponse(to + (f"?{request.url.query}" if request.url.query else ""), status_code=307)


routes: Final = [Route(f"/{path}", moved, methods=["GET"]) for path in _LEADS]
