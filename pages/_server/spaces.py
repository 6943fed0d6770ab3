"""Addresses of a server with several workspaces: `/w/NAME/…` is what `/…` is where there is one.

ASGI middleware around pages, their web sockets and routes. The name stands in the path, because everything that a page
asks for lies below the path it was opened at: two tabs are in two workspaces, a link says where it leads, and nothing
needs to be passed on from page to page. With one workspace nothing here does anything.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote, urlencode

import anyio
import anyio.to_thread
import streamlit as st
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from db.base import workspaces
from pages._server import jobs, uploads, workspace
from pages._server.refusal import refusal
from pages._server.suggest import background
from pages._server.upkeep import backups, recount
from pipeline.actions.intake import catch_up
from pipeline.core.errors import MoueError
from pipeline.core.messages import message

UNKNOWN: Final = "unknown"
"""The query parameter by which the list of workspaces knows which name was asked for in vain."""
_OF_SERVER: Final = frozenset(
    {"", "_stcore", "static", "media", "component", "auth", "oauth2callback", "vendor", "manifest.json"}
)
"""First parts of Streamlit's own addresses: they are of no workspace, and the list of workspaces is shown by them."""
_OURS: Final = frozenset({"api", "dashboard", "overview"})
"""First parts of our routes, which do not know the server's path."""
_POLICY: Final = 1008
_prepared: Final[set[Path]] = set()


class Place(NamedTuple):
    """Where an address leads. name: of the workspace, None where none is said. rest: the address within it, without
    a slash before it; None for `/w/NAME` without a slash behind."""

    name: str | None
    rest: str | None


class Spaces:
    """The middleware. Opens a workspace when it is first asked for something that it must answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._opening: defaultdict[Path, anyio.Lock] = defaultdict(anyio.Lock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        folder = workspace.several() if scope["type"] in ("http", "websocket") else None
        if folder is None:
            await self._app(_without_server_path(scope), receive, send)
            return
        given = [(name, value) for name, value in scope["headers"] if name.lower() != workspace.HEADER.encode()]
        scope = {**scope, "headers": given}
        place = place_of(str(scope["path"]))
        known = None if place.name is None else _find(folder, place.name)
        answer = _elsewhere(scope, place, known)
        if answer is None and known is not None and place.name is not None:
            answer = await self._prepare(scope, known, place)
        if answer is not None:
            await _answer(answer, scope, receive, send)
            return
        with ExitStack() as within:
            if known is not None and place.name is not None:
                within.enter_context(workspace.entered(place.name))
                scope = _mounted(scope, place.name, place.rest or "")
            await self._app(scope, receive, send)

    async def _prepare(self, scope: Scope, folder: Path, place: Place) -> Response | None:
        """Open the workspace in a thread, once: it may migrate. A page tells itself why it cannot be opened."""
        if folder in _prepared or not (scope["type"] == "websocket" or _is_api(place)):
            return None
        try:
            async with self._opening[folder]:
                if folder not in _prepared:
                    await anyio.to_thread.run_sync(prepare, folder)
        except MoueError as e:
            return refusal(Request(scope), 503, e.message) if scope["type"] == "http" else None
        return None


def prepare(folder: Path) -> None:
    """What a server does with a workspace before it serves it: open it, tell what a killed server left undone.

    Raises StorageError, BusyError where another server has it.
    """
    with workspace.entered(folder.name) if workspace.several() else ExitStack():
        store = workspace.get_store()
        workspace.secret_key()
        uploads.sweep()
        jobs.recover(store)
        catch_up(store)
        background.begin(store)
        recount.begin(store)
        backups.begin(store)
    _prepared.add(folder)


def close_all() -> None:
    """At the server's end."""
    background.end_all()
    recount.end_all()
    backups.end_all()
    workspace.close_all()
    _prepared.clear()


def server_path() -> str:
    """The path below which this server lives, with a slash at both ends."""
    return f"/{str(st.get_option('server.baseUrlPath') or '').strip('/')}/".replace("//", "/")


def base_path() -> str:
    """The path below which this workspace lives, with a slash at both ends: the server's own, if it has only one."""
    return server_path() + workspace.address_part()


def path_below(scope: Scope) -> str:
    """What a request that passed the middleware asks for, below a proxy's path, a workspace's and the server's."""
    return str(scope["path"]).removeprefix(scope.get("root_path", "")).removeprefix(server_path())


def place_of(path: str) -> Place:
    """Which workspace, and what of it, the path of a request names."""
    base = server_path()
    below = path.removeprefix(base) if path.startswith(base) else path.lstrip("/")
    first, _, behind = below.partition("/")
    if first != "w" or not behind:
        return Place(None, "" if first == "w" else below)
    name, slash, rest = behind.partition("/")
    return Place(name, rest if slash else None)


def _find(folder: Path, name: str) -> Path | None:
    """The workspace's folder; of one that is open without a look at the disk."""
    root = folder / name
    return root if workspace.is_open(root) else workspaces.find(folder, name)


def _elsewhere(scope: Scope, place: Place, known: Path | None) -> Response | None:
    """The answer to an address that leads to nothing as it stands: another address, or why not."""
    request = Request({**scope, "type": "http", "method": scope.get("method", "GET")})
    if place.name is None:
        if _is_api(place):
            return refusal(request, 404, message("workspace_unsaid"))
        first = (place.rest or "").partition("/")[0]
        of_server = first in _OF_SERVER or "." in first
        return None if of_server and place.rest == _below(scope) else _to_list(scope, "")
    if known is None:
        if scope["type"] == "websocket" or _is_api(place) or request.method not in ("GET", "HEAD"):
            return refusal(request, 404, message("workspace_unknown", name=place.name))
        return _to_list(scope, "?" + urlencode({UNKNOWN: place.name}))
    if place.rest is None:
        return _redirect(scope, f"{quote(place.name)}/")
    if place.rest.endswith("/") and scope["type"] == "http":
        return _redirect(scope, "../" + quote(place.rest.rstrip("/").rpartition("/")[2]))
    return None


def _below(scope: Scope) -> str:
    return str(scope["path"]).removeprefix(server_path()).lstrip("/")


def _to_list(scope: Scope, query: str) -> Response:
    # relative, to keep a proxy's path prefix
    return RedirectResponse(("../" * (len(_below(scope).split("/")) - 1) or "./") + query, status_code=307)


def _redirect(scope: Scope, to: str) -> Response:
    query = scope.get("query_string", b"").decode("latin-1")
    return RedirectResponse(to + (f"?{query}" if query else ""), status_code=307)


def _is_api(place: Place) -> bool:
    return (place.rest or "").partition("/")[0] == "api"


def _mounted(scope: Scope, name: str, rest: str) -> Scope:
    """The scope as a mount below `/w/NAME` has it; a page's script learns the name by a header."""
    mount = f"{scope.get('root_path', '')}/w/{name}"
    base = "/" if rest.partition("/")[0] in _OURS else server_path()
    path = f"{mount}{base}{rest}"
    headers = [*scope["headers"], workspace.header_of(name)]
    return {**scope, "root_path": mount, "path": path, "raw_path": quote(path).encode(), "headers": headers}


def _without_server_path(scope: Scope) -> Scope:
    """Below a path (`server.baseUrlPath`) lie Streamlit's own addresses; ours lie at the top, and are found there."""
    path = str(scope.get("path", ""))
    below = path.removeprefix(server_path())
    if scope["type"] != "http" or below == path or below.partition("/")[0] not in _OURS:
        return scope
    return {**scope, "path": f"/{below}", "raw_path": quote(f"/{below}").encode()}


async def _answer(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": _POLICY})
        return
    await answer(scope, receive, send)
