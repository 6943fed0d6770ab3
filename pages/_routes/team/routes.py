"""The routes by which a team works together."""

from __future__ import annotations

from typing import Final

from starlette.routing import Route

from pages._routes.team import guidelines, notes

routes: Final[list[Route]] = [*guidelines.routes, *notes.routes]
