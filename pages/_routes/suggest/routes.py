"""The routes about what models suggest."""

from __future__ import annotations

from typing import Final

from starlette.routing import Route

from pages._routes.suggest import map as face_map
from pages._routes.suggest import predictions, similar, slips

routes: Final[list[Route]] = [*slips.routes, *predictions.routes, *face_map.routes, *similar.routes]
