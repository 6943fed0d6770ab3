"""The gate that every request passes first: which proxy may say who is asking, and under which address Moue is opened.

MOUE_AUTH=header believes the name that a proxy passes, so it matters who passes it. MOUE_TRUSTED_PROXIES lists the
addresses and networks that may (this machine alone, unless it says otherwise); with MOUE_PROXY_SECRET the proxy proves
itself by X-Moue-Proxy-Secret instead, from wherever it comes. Of any other peer the name is taken away before pages
and routes see the request. MOUE_ORIGIN is the address that people type (`https://moue.example.org`, several with
commas), for a proxy that does not pass Host on.
"""

from __future__ import annotations

import hmac
import ipaddress
import os
import secrets
from collections.abc import Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from pages._server.auth_mode import mode
from pipeline.core.errors import UsageError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
RawHeaders = list[tuple[bytes, bytes]]
LOOPBACK: Final = "127.0.0.0/8, ::1"
NAME_HEADER: Final = "x-moue-annotator"
"""What the gate itself writes: a name that a trusted proxy passed, with this process's token before it."""
PROBLEM_HEADER: Final = "x-moue-problem"
"""Why no name was taken: `peer`, `secret` or `several`."""
SECRET_HEADER: Final = "x-moue-proxy-secret"  # noqa: S105 - a header's name
_OWN: Final = frozenset(name.encode() for name in (NAME_HEADER, PROBLEM_HEADER, SECRET_HEADER))
_TOKEN: Final = secrets.token_urlsafe(16)


class Gate:
    """ASGI middleware around everything: pages, their web socket, and routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            scope["headers"] = admitted(list(scope["headers"]), scope.get("client"))
        await self._app(scope, receive, send)


def admitted(headers: RawHeaders, client: tuple[str, int] | None) -> RawHeaders:
    """The headers that pages and routes may see. client: the peer's address and port, as ASGI has it."""
    kept = [(name, value) for name, value in headers if name.lower() not in _OWN]
    if mode() == "header":
        wanted = name_header().encode()
        names = [value for name, value in kept if name.lower() == wanted]
        kept = [(name, value) for name, value in kept if name.lower() != wanted]
        given = [value for name, value in headers if name.lower() == SECRET_HEADER.encode()]
        problem = _problem(given, client) or ("several" if len(names) > 1 else "")
        if problem:
            kept.append((PROBLEM_HEADER.encode(), problem.encode()))
        elif names:
            kept.append((NAME_HEADER.encode(), f"{_TOKEN}.{quote(_decoded(names[0]))}".encode()))
    return _with_public_host(kept)


def admitted_name(headers: Mapping[str, str]) -> str:
    """The name that a trusted proxy passed; "" where none did, or where the request did not pass the gate."""
    token, _, name = _value(headers, NAME_HEADER).partition(".")
    return unquote(name) if hmac.compare_digest(token.encode(), _TOKEN.encode()) else ""


def refused_because(headers: Mapping[str, str]) -> str:
    """`peer` (no trusted proxy), `secret` (a wrong one or none), `several` (more than one name), or ""."""
    return _value(headers, PROBLEM_HEADER)


def name_header() -> str:
    """In which header the proxy passes the name; lower case."""
    return (os.environ.get("MOUE_AUTH_HEADER") or "X-Forwarded-User").strip().lower()


def origins() -> tuple[str, ...]:
    """The addresses under which people open Moue (MOUE_ORIGIN), in lower case; none: whatever Host says.

    Raises UsageError for one that is none.
    """
    return _parse_origins(os.environ.get("MOUE_ORIGIN", ""))


def check_settings() -> None:
    """Raises UsageError for a setting that cannot be read: told at the start, not to somebody who signs in."""
    origins()
    _networks(_trusted())
    if mode() == "header":
        _uvicorn_trusts_no_more_than_we()


def _problem(given: list[bytes], client: tuple[str, int] | None) -> str:
    secret = os.environ.get("MOUE_PROXY_SECRET", "")
    if secret:
        return "" if len(given) == 1 and hmac.compare_digest(given[0], secret.encode()) else "secret"
    return "" if client is not None and _is_trusted(*client) else "peer"


def _is_trusted(host: str, port: int) -> bool:
    if port == 0:
        # no peer has port 0: uvicorn wrote X-Forwarded-For's address here, which it does for FORWARDED_ALLOW_IPS alone
        return _uvicorn_trusts_no_more_than_we()
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return any(mapped.version == network.version and mapped in network for network in _networks(_trusted()))


def _uvicorn_trusts_no_more_than_we() -> bool:
    """Whether every peer whose X-Forwarded-For uvicorn believes is one of our trusted proxies."""
    try:
        theirs = _networks(os.environ.get("FORWARDED_ALLOW_IPS", LOOPBACK))
    except UsageError:
        return False  # `*`, or a name
    ours = _networks(_trusted())
    return all(
        any(isinstance(one, type(wide)) and one.subnet_of(wide) for wide in ours)  # type: ignore[arg-type]
        for one in theirs
    )


def _trusted() -> str:
    return os.environ.get("MOUE_TRUSTED_PROXIES") or LOOPBACK


@lru_cache(maxsize=8)
def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(one.strip(), strict=False) for one in text.split(",") if one.strip())
    except ValueError as e:
        raise UsageError(
            f"MOUE_TRUSTED_PROXIES={text} cannot be read: give addresses or networks, as 10.0.0.5, 10.1.0.0/16"
        ) from e


@lru_cache(maxsize=8)
def _parse_origins(text: str) -> tuple[str, ...]:
    found = tuple(one.strip().rstrip("/").lower() for one in text.split(",") if one.strip())
    for origin in found:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}":
            raise UsageError(f"MOUE_ORIGIN={origin} is no address of a site: give https://moue.example.org")
    return found


def _with_public_host(headers: RawHeaders) -> RawHeaders:
    """Host as people typed it, where the page's Origin is one of ours: also Streamlit's web socket compares the two."""
    origin = next((value.decode("latin-1").lower() for name, value in headers if name.lower() == b"origin"), "")
    if origin not in origins():
        return headers
    kept = [(name, value) for name, value in headers if name.lower() != b"host"]
    return [*kept, (b"host", urlsplit(origin).netloc.encode("latin-1"))]


def _decoded(value: bytes) -> str:
    """A name in UTF-8, as proxies pass it; Latin-1 where it is none."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _value(headers: Mapping[str, str], wanted: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == wanted), "")
