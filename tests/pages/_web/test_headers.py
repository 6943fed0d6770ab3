"""Every answer carries the headers; what a route says of its own stays."""

from __future__ import annotations

import base64
import hashlib

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from pages._web.headers import CONTENT, HEADERS, Headers, inline_scripts


async def plain(_request: Request) -> Response:
    return PlainTextResponse("here")


async def own(_request: Request) -> Response:
    return PlainTextResponse("here", headers={"Referrer-Policy": "no-referrer"})


async def broken(_request: Request) -> Response:
    raise RuntimeError("broken")


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/plain", plain), Route("/own", own), Route("/broken", broken)]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Headers)]), raise_server_exceptions=False)


@pytest.mark.parametrize(("path", "status"), [("/plain", 200), ("/nowhere", 404)])
def test_every_answer_has_them(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_what_a_route_says_itself_stays(client: TestClient) -> None:
    assert client.get("/own").headers.get_list("referrer-policy") == ["no-referrer"]


def test_nothing_is_run_or_loaded_from_elsewhere() -> None:
    everything = {value for values in CONTENT.values() for value in values}
    assert not {value for value in everything if "*" in value or "://" in value or value == "'unsafe-eval'"}
    assert "'unsafe-inline'" not in CONTENT["script-src"]
    assert CONTENT["default-src"] == ("'self'",)


def test_a_script_in_the_page_itself_is_named_by_its_hash() -> None:
    script = "\n  window.a = 1 < 2\n"
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = f'<head><script src="a.js"></script><script>{script}</script></head>'
    assert inline_scripts(page) == (f"'sha256-{digest}'",)
