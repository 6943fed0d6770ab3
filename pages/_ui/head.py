"""What Moue adds to the head of Streamlit's page, as ASGI middleware.

Its style: without it the content is laid out once without our rules and once with them, and all of it moves. The
scripts that tell when the server is away, which has to be there when nothing else comes any more, and that name
Streamlit's own controls in the reader's language. And links that have the browser load early what the page needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages._components import duplicate_groups, photo_list, review_grid, server_watch, streamlit_labels
from pages._server import spaces
from pages._ui.addresses import wrong_address
from pages._web import scripts as own_scripts
from pages._web.headers import policy
from pages._words import COOKIE, chosen

_PAGES: Final = Path(__file__).resolve().parent.parent
_TOP: Final = b"<title>"
"""Before Streamlit's style: a script behind it waits for it, and all that follows waits for the script."""
_END: Final = b"</head>"
_ROOT: Final = b'<div id="root">'
"""What Streamlit's page has, and it is the answer to every path that nothing else answers."""
BASE_SCRIPT: Final = '<script>window.__streamlit = { BACKEND_BASE_URL: new URL("./", location).href }</script>'
"""Where the server is, for Streamlit's script: pages lie one level below it. Unless it is told, the script of a page
that is opened by its own address asks below that address first, and gets up to four answers 404."""
_SCRIPTS: Final = Path(streamlit.__file__).parent / "static" / "static" / "js"
_EARLY: Final = ("Html", "BidiComponent", "ButtonGroup", "Button", "WidgetLabel", "WidgetLabelHelpIconInline")
"""Scripts of Streamlit that every page needs or most do: those that draw HTML, components, rows of buttons."""
_WIDGETS: Final = {
    "progress": ("Checkbox", "Selectbox"),
    "collect": ("TextInput", "Checkbox"),
    "clean": ("Selectbox",),
    "suggestions": ("Checkbox", "DownloadButton"),
    "review": ("Selectbox",),
    "export": ("TextInput", "LinkButton"),
}
"""Those of the widgets that a page begins with: else each is asked for when it is met, one wave behind the other."""
_OF_PAGES: Final = {"review": review_grid, "duplicates": duplicate_groups, "clean": photo_list}
"""Pages that are one component, and it."""
_AT_THE_TOP: Final = 32_768
"""Where a script of theirs has its imports, characters."""
_IMPORTED: Final = re.compile(r"""(?:from|import)\s*["']\./([\w.-]+\.js)["']""")

_OUTSIDE: Final = """@property --moue-more { syntax: "<length>"; inherits: false; initial-value: 0px; }
@keyframes moue-more { from { --moue-more: 40px; } to { --moue-more: 0px; } }
"""
"""What may not lie within another rule: how shell.css has a table fade where it goes on beyond the window."""


def css() -> str:
    """The rules of the shell, then those of each page's room, all within one: so they are more specific than the
    classes that Streamlit adds later, which would win otherwise. Before them what may not lie within a rule."""
    files = (_PAGES / "_ui" / "shell.css", *sorted(_PAGES.glob("_*/page.css")))
    return f"{_OUTSIDE}:root body {{\n{''.join(file.read_text('utf-8') for file in files)}}}\n"


def links() -> str:
    """What has the browser load the scripts of `_EARLY` beside those of Streamlit's own page."""
    return _preloaded(with_imports(_EARLY) - with_imports(("index",)))


def page_links() -> dict[str, str]:
    """By page: what has the browser load its component's script, and those of its widgets, before Streamlit says that
    they are needed."""
    there = with_imports((*_EARLY, "index"))
    widgets = {page: _preloaded(with_imports(names) - there) for page, names in _WIDGETS.items()}
    own = {page: own_scripts.link(part.__name__.rpartition(".")[2]) for page, part in _OF_PAGES.items()}
    return {page: own.get(page, "") + widgets.get(page, "") for page in {**own, **widgets}}


def with_imports(names: Iterable[str]) -> frozenset[str]:
    """The files of Streamlit's scripts of these names, without their hashes, and all that they import at once."""
    found, left = set[str](), [file for name in names for file in _SCRIPTS.glob(f"{name}.????????.js")]
    while left:
        file = left.pop()
        if file.name not in found and file.is_file():
            found.add(file.name)
            left += _imported(file)
    return frozenset(found)


@cache
def _imported(file: Path) -> tuple[Path, ...]:
    with file.open(encoding="utf-8", errors="replace") as text:
        return tuple(_SCRIPTS / name for name in _IMPORTED.findall(text.read(_AT_THE_TOP)))


def _preloaded(files: Iterable[str]) -> str:
    return "".join(f'<link rel="modulepreload" crossorigin href="./static/js/{name}">' for name in sorted(files))


def scripts() -> str:
    """What runs in every page, whatever it shows."""
    return "".join(f"<script>{one.script()}</script>" for one in (server_watch, streamlit_labels))


class Head:
    """Puts the rules, the scripts and the links into each document that a browser opens. Anything else passes as it is.

    Pages lie one level below the base, and so do the files that Streamlit's page asks for: an address further below,
    which would stay blank, is sent to the page that says that nothing is there.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._scripts = f"{BASE_SCRIPT}{scripts()}".encode()
        self._style = f"{links()}<style>{css()}</style>".encode()
        self._of_pages = {page: link.encode() for page, link in page_links().items()}
        self._policy = policy(self._scripts.decode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not _is_document(scope):
            await self._app(scope, receive, send)
            return
        # a gzipped page cannot be added to, and one that the browser has kept is of another style perhaps
        left_out = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")
        headers = [(name, value) for name, value in scope["headers"] if name.lower() not in left_out]
        asked = spaces.path_below(scope)
        style = self._of_pages.get(asked.strip("/"), b"") + self._style
        top = _language(Headers(raw=headers)) + self._scripts
        styled = _Styled(send, top, style, self._policy, _elsewhere(asked))
        await self._app({**scope, "headers": headers}, receive, styled)


class _Styled:
    """Holds an HTML answer until it is whole, and sends it with what belongs at its top, and the style. elsewhere:
    where the browser is sent instead of to Streamlit's page; "" for nowhere."""

    def __init__(self, send: Send, top: bytes, style: bytes, policy: str, elsewhere: str) -> None:
        self._send = send
        self._top = top
        self._style = style
        self._policy = policy
        self._elsewhere = elsewhere
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, event: Message) -> None:
        if event["type"] == "http.response.start":
            headers = Headers(raw=event["headers"])
            plain = "content-encoding" not in headers
            if plain and event["status"] == 200 and headers.get("content-type", "").startswith("text/html"):
                self._start = event
                return
        if self._start is None or event["type"] != "http.response.body":
            await self._send(event)
            return
        self._body += event.get("body", b"")
        if event.get("more_body", False):
            return
        start, self._start = self._start, None
        if self._elsewhere and _ROOT in self._body:
            await self._send({**start, "status": 307, "headers": [(b"location", self._elsewhere.encode())]})
            await self._send({**event, "body": b""})
            return
        body = bytes(self._body).replace(_TOP, self._top + _TOP, 1).replace(_END, self._style + _END, 1)
        headers_out = MutableHeaders(raw=list(start["headers"]))
        headers_out["content-length"] = str(len(body))
        headers_out["content-security-policy"] = self._policy
        for name in ("etag", "last-modified"):
            del headers_out[name]
        await self._send({**start, "headers": headers_out.raw})
        await self._send({**event, "body": body})


def _language(headers: Headers) -> bytes:
    """The reader's, for our scripts: a browser that loads a page lets a script wait for its cookie."""
    cookie = cookie_parser(headers.get("cookie", "")).get(COOKIE)
    return f'<meta name="moue-language" content="{chosen(cookie, headers.get("accept-language"))}">'.encode()


def _elsewhere(path: str) -> str:
    """For a path of several levels, the page that says that nothing is there, relative: a proxy's prefix is kept."""
    if "/" not in path.strip("/"):
        return ""
    up = "../" * (len(path.split("/")) - 1)
    return up + wrong_address.PATH + "?" + urlencode({wrong_address.ASKED: path})


def _is_document(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    opened = headers.get("sec-fetch-dest", "document") in ("document", "iframe")
    return opened and "text/html" in headers.get("accept", "")
