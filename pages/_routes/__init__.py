"""The HTTP routes beside Streamlit's own: all below /api, except redirects from old page addresses."""

from __future__ import annotations

from typing import Final

from starlette.routing import Route

from pages._routes import (
    changes,
    decisions,
    duplicates,
    face,
    image,
    moved,
    not_found,
    release,
    sign_in,
    upload,
    workspaces,
)
from pages._routes.suggest.routes import routes as suggest_routes
from pages._routes.team.routes import routes as team_routes
from pages._routes.v1.routes import routes as v1_routes
from pages._web import health, scripts

routes: Final[list[Route]] = [
    *moved.routes,
    workspaces.alive_route,
    health.route,
    scripts.route,
    *sign_in.routes,
    *image.routes,
    *upload.routes,
    *release.routes,
    changes.route,
    decisions.route,
    duplicates.route,
    face.route,
    workspaces.route,
    *team_routes,
    *suggest_routes,
    *v1_routes,
    not_found.route,
]
"""In this order: the catch-all for unknown routes must be the last one."""
