"""The HTTP routes beside Streamlit's own; all below /api."""

from __future__ import annotations

from typing import Final

from starlette.routing import Route

from pages._routes import changes, decisions, duplicates, face, image, not_found, release, sign_in, upload

routes: Final[list[Route]] = [
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
