"""Streamlit's own scripts, styles and fonts, answered from memory.

ASGI middleware. A page asks for sixty to ninety of them before it begins. Streamlit looks each up on the disk in a
thread and sends it in pieces of 64 KB, which takes three times as long. Each name holds a hash, so what was
read once stays true.
"""

from __future__ import annotations

import mimetypes
import re
from functools import lru_cache
from pathlib import Path
from typing import Final

import streamlit
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages._server import spaces

LARGEST: Final = 1_000_000
"""Bytes of a file that is kept: larger are the scripts of charts that Moue does not draw."""
KEPT: Final = 256
"""Files at most, some 10 MB: what Moue's pages ask for in all is half of that."""
_FOLDER: Final = Path(streamlit.__file__).parent / "static" / "static"
_HASHED: Final = re.compile(r"static/((?:js|css|media)/[\w.-]+\.[\w-]{8}\.\w+)")
_AS_IT_IS: Final = frozenset({b"range", b"if-none-match", b"if-modified-since", b"if-range"})
"""Headers of a request that wants something else than the whole file: Streamlit answers that."""


class StreamlitFiles:
    """Answers a GET for a whole file. Anything else passes as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = _kept(scope)
        if answer is None:
            await self._app(scope, receive, send)
            return
        for event in answer:
            await send(event)


def _kept(scope: Scope) -> tuple[Message, Message] | None:
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    found = _HASHED.fullmatch(spaces.path_below(scope))
    if found is None or any(name.lower() in _AS_IT_IS for name, _ in scope["headers"]):
        return None
    return _answer(found[1])


@lru_cache(maxsize=KEPT)
def _answer(name: str) -> tuple[Message, Message] | None:
    """name: below Streamlit's folder of such files. None for one that is not there, or is too large to keep."""
    file = _FOLDER / name
    if not file.is_file() or file.stat().st_size > LARGEST:
        return None
    content = file.read_bytes()
    headers = [
        (b"content-type", (mimetypes.guess_type(name)[0] or "application/octet-stream").encode()),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"public, immutable, max-age=31536000"),
    ]
    return (
        {"type": "http.response.start", "status": 200, "headers": headers},
        {"type": "http.response.body", "body": content},
    )
