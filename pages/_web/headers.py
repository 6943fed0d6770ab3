"""Headers that every answer carries: what a browser may do with it. docs/security.md says why each is there."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Final

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_INLINE: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def inline_scripts(page: str) -> tuple[str, ...]:
    """The scripts that stand in an HTML page itself, as a policy names what may run: by their SHA-256."""
    digests = (hashlib.sha256(script.encode()).digest() for script in _INLINE.findall(page))
    return tuple(f"'sha256-{base64.b64encode(digest).decode('ascii')}'" for digest in digests)


_SELF: Final = "'self'"
_INDEX: Final = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
CONTENT: Final[dict[str, tuple[str, ...]]] = {
    "default-src": (_SELF,),
    # Streamlit hands the scripts of our components to the browser as blobs
    "script-src": (_SELF, "blob:", *inline_scripts(_INDEX)),
    # emotion, which Streamlit draws with, writes style into the page
    "style-src": (_SELF, "'unsafe-inline'"),
    "img-src": (_SELF, "data:", "blob:"),
    "media-src": (_SELF, "blob:"),
    "font-src": (_SELF, "data:"),
    "connect-src": (_SELF,),
    "worker-src": (_SELF, "blob:"),
    "object-src": ("'none'",),
    "base-uri": (_SELF,),
    "form-action": (_SELF,),
    "frame-ancestors": (_SELF,),
}
"""Where a page may load from and send to: this server alone."""


def policy(added: str = "") -> str:
    """The header's text. added: HTML whose own scripts may run, too."""
    more = {"script-src": (*CONTENT["script-src"], *inline_scripts(added))}
    return "; ".join(f"{name} {' '.join(values)}" for name, values in {**CONTENT, **more}.items())


HEADERS: Final[dict[str, str]] = {
    "Content-Security-Policy": policy(),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), usb=(), payment=(), display-capture=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Headers:
    """ASGI middleware: adds them to each HTTP answer that has not got them already."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(event: Message) -> None:
            if event["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(event["headers"]))
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                event = {**event, "headers": headers.raw}
            await send(event)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)
