"""Streamlit's own files come from memory as Streamlit would have sent them; whatever else is asked for is its own."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from streamlit.web.server.starlette.starlette_static_routes import create_streamlit_static_handler

from pages._web import streamlit_files
from pages._web.streamlit_files import StreamlitFiles

FOLDER = Path(st.__file__).parent / "static"
SMALL = sorted(file for file in (FOLDER / "static").glob("*/*") if file.stat().st_size < 20_000)
SCRIPT = next(file for file in SMALL if file.suffix == ".js")


async def behind(request: Request) -> Response:
    return PlainTextResponse(f"behind: {request.url.path}", 404)


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/{rest:path}", behind, methods=["GET", "HEAD", "POST"])]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(StreamlitFiles)]))


@pytest.fixture
def theirs() -> TestClient:
    return TestClient(Starlette(routes=[Mount("/", create_streamlit_static_handler(str(FOLDER), None))]))


def address(file: Path) -> str:
    return f"/{file.relative_to(FOLDER).as_posix()}"


@pytest.mark.parametrize("suffix", [".js", ".css", ".woff2", ".png"])
def test_a_file_comes_as_streamlit_sends_it(client: TestClient, theirs: TestClient, suffix: str) -> None:
    file = min((FOLDER / "static").glob(f"*/*{suffix}"), key=lambda one: one.stat().st_size)
    ours, expected = client.get(address(file)), theirs.get(address(file))
    assert expected.status_code == 200
    assert (ours.status_code, ours.content) == (200, expected.content)
    for name in ("content-length", "cache-control"):
        assert ours.headers[name] == expected.headers[name]
    assert ours.headers["content-type"].partition(";")[0] == expected.headers["content-type"].partition(";")[0]


def test_every_script_has_a_hash_in_its_name_and_is_answered(client: TestClient) -> None:
    """A Streamlit that names them otherwise is told here; the page would only be slower."""
    scripts = [one for one in (FOLDER / "static" / "js").glob("*.js") if one.stat().st_size <= streamlit_files.LARGEST]
    assert len(scripts) > 100
    assert {client.get(address(one)).status_code for one in scripts[:40]} == {200}


def test_it_is_read_once(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    first = client.get(address(SCRIPT)).content
    monkeypatch.setattr(Path, "read_bytes", None)
    assert client.get(address(SCRIPT)).content == first


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("HEAD", address(SCRIPT), {}),
        ("POST", address(SCRIPT), {}),
        ("GET", address(SCRIPT), {"range": "bytes=0-9"}),
        ("GET", address(SCRIPT), {"if-none-match": '"1"'}),
        ("GET", "/static/js/none.AAAAAAAA.js", {}),
        ("GET", "/static/js/../index.html", {}),
        ("GET", "/static/js/%2e%2e/%2e%2e/index.html", {}),
        ("GET", "/static/js/..%2f..%2findex.AAAAAAAA.html", {}),
        ("GET", "/static/index.html", {}),
        ("GET", "/else" + address(SCRIPT), {}),
    ],
)
def test_anything_else_is_not_answered_here(
    client: TestClient, method: str, path: str, headers: dict[str, str]
) -> None:
    assert client.request(method, path, headers=headers).status_code == 404


def test_a_large_one_is_not_kept(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    streamlit_files._answer.cache_clear()
    monkeypatch.setattr(streamlit_files, "LARGEST", SCRIPT.stat().st_size - 1)
    assert client.get(address(SCRIPT)).status_code == 404
    streamlit_files._answer.cache_clear()


def test_below_a_path_and_in_a_workspace(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamlit_files.spaces, "server_path", lambda: "/mouths/")
    assert client.get("/mouths" + address(SCRIPT)).status_code == 200
    assert client.get(address(SCRIPT)).status_code == 404
    mounted = TestClient(client.app, root_path="/w/faces")
    assert mounted.get("/w/faces/mouths" + address(SCRIPT)).status_code == 200
