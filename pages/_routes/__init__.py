"""The HTTP routes beside Streamlit's own; all below /api, but for an address that was moved."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

from pages._routes import changes, decisions, duplicates, face, image, not_found, release, sign_in, upload


async def _progress(request: Request) -> RedirectResponse:
    """`/dashboard`, as Progress was called: people have kept the address. Relative, so that a proxy's prefix stays."""
    return RedirectResponse("progress" + (f"?{request.url.query}" if request.url.query else ""), status_code=307)


routes: Final[list[Route]] = [
    Route("/dashboard", _progress, methods=["GET"]),
    *sign_in.routes,
    *image.routes,
    *upload.routes,
    *release.routes,
    changes.route,
    decisions.route,
    duplicates.route,
    face.route,
    not_found.route,
]
"""The catch-all comes last."""
