"""Addresses of several workspaces: what the middleware opens, refuses and passes on, and whose each request is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import anyio.to_thread
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from db.store.locks import server_lock
from pages._routes import routes
from pages._server import gate, identity, spaces, workspace
from pipeline.core.errors import BusyError, UsageError
from tests.db.fresh import fresh

HERE: Final = "http://testserver"
NAMES: Final = ("a", "b", "嘴")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of three workspaces, as the one that the server has; nothing of it is open yet."""
    for name in NAMES:
        fresh(tmp_path / name)
    monkeypatch.setenv("MOUE_WORKSPACES", str(tmp_path))
    monkeypatch.setenv("MOUE_HOSTS", "testserver")
    monkeypatch.delenv("MOUE_AUTH", raising=False)
    yield tmp_path
    spaces.close_all()


async def whose(request: Request) -> JSONResponse:
    """The workspace as a route sees it, in the event loop and in a thread; and what the request was made into."""
    there = await anyio.to_thread.run_sync(workspace.root)
    return JSONResponse({
        "root": workspace.root().name,
        "thread": there.name,
        "header": request.headers.get(workspace.HEADER),
        "path": request.url.path,
        "rest": request.path_params["rest"],
    })  # fmt: skip


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_json([workspace.root().name, workspace._named(websocket.headers)])
    await websocket.close()


def client_at(*more: Any) -> TestClient:
    inner = [Route("/{rest:path}", whose, methods=["GET", "POST"])]
    app = Starlette(
        routes=[*more, WebSocketRoute("/_stcore/stream", socket), *inner],
        middleware=[Middleware(gate.Gate), Middleware(spaces.Spaces)],
    )
    return TestClient(app, base_url=HERE, follow_redirects=False)


def open_names() -> set[str]:
    return {path.name for path in workspace._stores}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", NAMES)
def test_the_address_says_which_workspace_and_the_rest_is_as_with_one(name: str) -> None:
    answer = client_at().get(f"/w/{name}/review").json()
    assert (answer["root"], answer["thread"], answer["rest"]) == (name, name, "review")
    assert answer["path"] == Request({"type": "http", "path": f"/w/{name}/review", "headers": []}).url.path
    with client_at().websocket_connect(f"/w/{name}/_stcore/stream") as opened:
        assert opened.receive_json() == [name, name]


@pytest.mark.usefixtures("folder")
def test_a_header_of_the_browser_says_nothing() -> None:
    forged = {workspace.HEADER: workspace.header_of("b")[1].decode()}
    headers = client_at().get("/w/a/review", headers=forged).json()["header"]
    assert headers == workspace.header_of("a")[1].decode()
    assert workspace._named({workspace.HEADER: "x.b"}) is None
    assert workspace._named({}) is None


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/review", "./"), ("/review/", "../"), ("/w", "./"), ("/w/", "../"), ("/w/a", "a/"),
        ("/w/a?size=24", "a/?size=24"),
        ("/w/a/review/", "../review"), ("/w/a/review/?size=24", "../review?size=24"),
        ("/w/none/review", "../../?unknown=none"), ("/w/none", "../?unknown=none"),
        ("/w/.git/x", "../../?unknown=.git"),
        ("/dashboard", "./"),
    ],
)  # fmt: skip
def test_an_address_that_leads_nowhere_leads_on(path: str, to: str) -> None:
    answer = client_at().get(path)
    assert (answer.status_code, answer.headers["location"]) == (307, to)
    assert open_names() == set()


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/changes", "workspace_unsaid"), ("/api/sign-in", "workspace_unsaid"),
        ("/w/none/api/changes", "workspace_unknown"),
        ("/w/../api/changes", "workspace_unsaid"), ("/w/..%2fa/api/changes", "workspace_unknown"),
        ("/w/%2e%2e/api/x", "workspace_unknown"), ("/w/a%00/api/x", "workspace_unknown"),
        ("/w//api/x", "workspace_unknown"),
    ],
)  # fmt: skip
def test_a_route_without_a_workspace_that_is_there_is_404(path: str, code: str) -> None:
    for answer in (client_at(*routes).get(path), client_at(*routes).post(path, headers={"Origin": HERE})):
        if answer.status_code != 307:
            assert (answer.status_code, answer.json()["code"]) == (404, code)
        else:
            assert answer.headers["location"].endswith(f"?unknown={path.split('/')[2].partition('%2f')[0]}")
    assert open_names() == set()


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("path", ["/", "/static/js/a.js", "/_stcore/health", "/favicon.png"])
def test_what_is_of_the_server_has_no_workspace_and_none_is_put_in(path: str) -> None:
    app = Starlette(
        routes=[Route("/{rest:path}", lambda _: JSONResponse({"of": workspace.current()}))],
        middleware=[Middleware(spaces.Spaces)],
    )
    assert TestClient(app).get(path).json() == {"of": None}


@pytest.mark.usefixtures("folder")
def test_a_thread_of_nobody_has_no_workspace() -> None:
    with ThreadPoolExecutor(1) as pool, workspace.entered("a"):
        assert workspace.root().name == "a"
        for asked in (workspace.root, workspace.get_store, workspace.secret_key, workspace.blobs):
            with pytest.raises(UsageError, match="several workspaces"):
                pool.submit(asked).result()  # type: ignore[arg-type]


@pytest.mark.usefixtures("folder")
def test_a_socket_into_nothing_is_closed() -> None:
    for path in ("/w/none/_stcore/stream", "/w/../_stcore/stream/x"):
        with pytest.raises(WebSocketDisconnect), client_at().websocket_connect(path) as opened:
            opened.receive_json()


def is_free(root: Path) -> bool:
    try:
        with server_lock(root):
            return True
    except BusyError:
        return False


def test_each_workspace_is_opened_once_when_it_is_asked_for_and_held(folder: Path) -> None:
    client = client_at(*routes)
    assert client.get("/w/a/api/changes").status_code == 401
    assert open_names() == {"a"}
    assert [is_free(folder / name) for name in NAMES] == [False, True, True]
    first = workspace._stores[folder / "a"]
    with client, ThreadPoolExecutor(8) as pool:  # `with`: one event loop for all of them
        list(pool.map(lambda n: client.get(f"/w/{NAMES[n % 2]}/api/changes"), range(16)))
    assert open_names() == {"a", "b"}
    assert workspace._stores[folder / "a"] is first
    spaces.close_all()
    assert [is_free(folder / name) for name in NAMES] == [True, True, True]


def test_a_workspace_of_another_server_is_told_and_the_others_go_on(folder: Path) -> None:
    client = client_at(*routes)
    with server_lock(folder / "b"):
        answer = client.get("/w/b/api/changes")
        assert (answer.status_code, answer.json()["code"]) == (503, "workspace_served_elsewhere")
        assert client.get("/w/a/api/changes").status_code == 401
    assert client.get("/w/b/api/changes").status_code == 401


@pytest.mark.usefixtures("folder")
def test_nobody_waits_for_a_workspace_that_is_being_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    entered, go_on = threading.Event(), threading.Event()
    opened = workspace.Store.open

    def slowly(root: Path) -> Any:
        if root.name == "b":
            entered.set()
            assert go_on.wait(20)
        return opened(root)

    monkeypatch.setattr(workspace.Store, "open", slowly)
    with client_at(*routes) as client, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.get, "/w/b/api/changes")
        assert entered.wait(20)
        assert client.get("/w/a/api/changes").status_code == 401
        assert not waiting.done()
        go_on.set()
        assert waiting.result().status_code == 401
    assert open_names() == {"a", "b"}


def signed(name: str, annotator: str) -> tuple[str, str]:
    with workspace.entered(name):
        return identity.sign(annotator)


def test_the_cookie_of_one_workspace_is_nothing_in_another(folder: Path) -> None:
    (key, value), (other, _) = signed("a", "Ann"), signed("b", "Ann")
    assert key != other
    client = client_at(*routes)
    client.cookies.set(key, value)
    client.cookies.set(other, value)  # also under the other's name
    assert client.get("/w/a/api/changes").status_code == 200
    assert client.get("/w/b/api/changes").status_code == 401


def test_nor_is_that_of_a_copy_with_the_same_key(folder: Path) -> None:
    key, value = signed("a", "Ann")
    (folder / "b" / ".secret").write_bytes((folder / "a" / ".secret").read_bytes())
    other, _ = signed("b", "Ann")
    assert key != other
    with workspace.entered("b"):
        assert identity.identify({other: value, key: value}, {}) is None


@pytest.mark.usefixtures("folder")
def test_the_switcher_knows_names_and_counts_where_one_is_signed_in() -> None:
    client = client_at(*routes)
    client.cookies.set(*signed("a", "Ann"))
    answer = client.get("/w/a/api/workspaces")
    assert answer.json() == {
        "here": "a",
        "workspaces": [
            {"name": "a", "address": "/w/a/", "annotator": "Ann", "undecided": 0},
            {"name": "b", "address": "/w/b/", "annotator": None, "undecided": None},
            {"name": "嘴", "address": "/w/%E5%98%B4/", "annotator": None, "undecided": None},
        ],
    }
    assert open_names() == {"a"}  # looking opens nothing
    assert client.get("/w/b/api/workspaces").status_code == 401


def test_behind_a_proxy_somebody_is_the_same_person_everywhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUE_AUTH", "header")
    monkeypatch.setenv("MOUE_PROXY_SECRET", "known")
    client = client_at(*routes)
    passed = {"X-Forwarded-User": "Ada", "X-Moue-Proxy-Secret": "known"}
    for name in NAMES:
        assert client.get(f"/w/{name}/api/changes").status_code == 401
        told = client.get(f"/w/{name}/api/workspaces", headers=passed).json()
        assert [one["annotator"] for one in told["workspaces"]] == ["Ada"] * 3
    assert open_names() == {path.name for path in folder.iterdir() if path.is_dir()}


@pytest.mark.usefixtures("folder")
def test_a_path_of_the_server_s_own_stands_before_the_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spaces.st, "get_option", lambda name: "/moue/" if name == "server.baseUrlPath" else None)
    client = client_at(Route("/api/whose/{rest:path}", whose))
    assert client.get("/moue/w/a/review").json()["rest"] == "moue/review"  # Streamlit's routes have the path in them
    assert client.get("/moue/w/a/api/whose/x").json()["root"] == "a"  # ours have not
    assert client.get("/moue/w/a").headers["location"] == "a/"
    assert client.get("/moue/review").headers["location"] == "./"
    with workspace.entered("嘴"):
        assert spaces.base_path() == "/moue/w/%E5%98%B4/"


def test_with_one_workspace_addresses_are_as_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOUE_WORKSPACES", raising=False)
    monkeypatch.setenv("MOUE_WORKSPACE", str(fresh(tmp_path)))
    client = client_at(*routes)
    for path in ("/review", "/w/a/review", "/"):
        answer = client.get(path).json()
        assert (answer["rest"], answer["header"], answer["root"]) == (path[1:], None, tmp_path.name)
    assert spaces.base_path() == "/"
    assert workspace.current() is None
    assert workspace._stores == {}
