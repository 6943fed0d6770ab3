"""Every route that changes something is called from our own pages and, but for signing in, by annotators alone."""

from __future__ import annotations

import pytest
from starlette.routing import Route

from pages._routes import _guard, moved, not_found, routes, sign_in, workspaces
from pages._web import health, scripts
from tests.pages.conftest import client_of

CHANGING = [
    (route, method)
    for route in routes
    for method in sorted((route.methods or set()) & _guard.CHANGING)
    if route is not not_found.route
]
OPEN = {route.path for route in sign_in.routes}
MOVED = {route.path for route in moved.routes}
PAGE_LESS = {*MOVED, not_found.route.path, workspaces.alive_route.path, health.route.path, scripts.route.path}


def name_of(value: object) -> str:
    return value.path if isinstance(value, Route) else str(value)


def test_there_are_such_routes() -> None:
    assert {route.path for route, _ in CHANGING} > OPEN
    assert len(CHANGING) >= 6


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize(("route", "method"), CHANGING, ids=name_of)
def test_a_changing_route_is_guarded(route: Route, method: str) -> None:
    assert route.endpoint in _guard.own_origin_only
    foreign = client_of("Ada").request(method, route.path, headers={"Origin": "https://elsewhere.example"})
    assert foreign.status_code == 403
    assert (route.endpoint in _guard.actions) == (route.path not in OPEN)
    if route.path not in OPEN:
        assert client_of(None).request(method, route.path).status_code == 401


def test_whatever_is_read_is_read_by_annotators() -> None:
    read = [route for route in routes if "GET" in (route.methods or set()) and route.path not in PAGE_LESS]
    assert len(read) >= 5
    assert all(route.endpoint in _guard.actions for route in read)
