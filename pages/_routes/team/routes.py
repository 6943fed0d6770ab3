"""The routes by which a team works together."""

from __future__ import annotations

from typing import Final

from starlette.routing import Route

from pages._routes.team import audit, claims, gold, guidelines, handover, notes

routes: Final[list[Route]] = [
    *audit.routes, *handover.routes, *claims.routes, *gold.routes, *guidelines.routes, *notes.routes
]  # fmt: skip
