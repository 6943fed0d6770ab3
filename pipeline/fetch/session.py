"""The fetcher's way to the net: one HTTP session whose connections end at addresses that were checked."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import threading
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyTimeoutError

from pipeline.core.errors import UnavailableError, UsageError
from pipeline.core.messages import Message, message
from pipeline.fetch import addresses
from pipeline.fetch.addresses import Network

NET_ERRORS: Final = (aiohttp.ClientError, OSError, ProxyError, ProxyConnectionError, ProxyTimeoutError)
"""What a request may raise; a socks proxy's errors have no parent in common with the others."""
_NAMES_S: Final = 300
_PROXIES: Final = {"http": "http", "https": "https", "socks5": "socks5", "socks5h": "socks5", "socks4": "socks4"}


class ForbiddenHostError(OSError):
    """A name leads to an address that is not to be fetched from. An OSError, since aiohttp passes those on."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


class CheckedResolver(AbstractResolver):
    """Looks a name up once and gives the connection those very addresses: nobody asks a second time (DNS rebinding).

    One address that is not public among many refuses the name.
    """

    def __init__(self, allow: Collection[Network], seconds: float) -> None:
        """seconds: how long one look-up may take."""
        self._allow, self._seconds = allow, seconds

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        try:
            async with asyncio.timeout(self._seconds):
                found = await _look_up(host, port, family)
        except TimeoutError as e:
            raise socket.gaierror(socket.EAI_AGAIN, message("host_silent", host=host)) from e
        results: list[ResolveResult] = []
        for family, _, proto, _, socket_address in found:
            at = ipaddress.ip_address(str(socket_address[0]).partition("%")[0])
            try:
                addresses.check(at, self._allow)
            except UnavailableError as e:
                raise ForbiddenHostError(message("host_not_public", host=host, why=e)) from e
            results.append(
                ResolveResult(
                    hostname=host, host=str(at), port=port, family=family, proto=proto, flags=socket.AI_NUMERICHOST
                )
            )
        if not results:
            raise OSError(message("host_without_address", host=host))
        return results

    async def close(self) -> None:
        """Nothing is held."""


async def _look_up(host: str, port: int, family: socket.AddressFamily) -> Sequence[tuple[Any, ...]]:
    """`getaddrinfo` in a thread of its own, left alone where it hangs.

    The event loop's few threads would all wait for a slow name server, and so would its end.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Sequence[tuple[Any, ...]]] = loop.create_future()

    def tell(found: Sequence[tuple[Any, ...]] | None, error: Exception | None) -> None:
        if answer.done():
            return
        if error is None:
            answer.set_result(found or [])
        else:
            answer.set_exception(error)

    def ask() -> None:
        found: Sequence[tuple[Any, ...]] | None = None
        error: Exception | None = None
        try:
            found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG)
        except OSError as e:
            error = e
        except UnicodeError as e:
            error = OSError(message("host_malformed", host=host, why=e))
        with suppress(RuntimeError):  # the loop has ended meanwhile: nobody waits
            loop.call_soon_threadsafe(tell, found, error)

    threading.Thread(target=ask, name="moue-name", daemon=True).start()
    return await answer


def trust(ca: Path | None) -> ssl.SSLContext:
    """The system's certificates, and those in a PEM file. Raises UsageError where that cannot be read."""
    context = ssl.create_default_context()
    if ca is not None:
        try:
            context.load_verify_locations(ca)
        except (OSError, ssl.SSLError) as e:
            raise UsageError(message("certificates_unreadable", file=ca)) from e
    return context


def without_password(proxy: str) -> str:
    """The proxy's URL without name and password: what may be stored, logged and shown."""
    scheme, mark, rest = proxy.rpartition("://")
    return scheme + mark + rest.rpartition("@")[2]


def check_proxy(proxy: str) -> str:
    """The proxy's URL, `socks5h` as `socks5`. Raises UsageError: one that is not understood must not mean none."""
    if not proxy:
        return ""
    try:
        parts = urlsplit(proxy.strip())
        whole = bool(parts.hostname and parts.port)
    except ValueError:
        whole = False
    if not whole or parts.scheme not in _PROXIES:
        raise UsageError(message("proxy_malformed"))
    return parts._replace(scheme=_PROXIES[parts.scheme]).geturl()


def open_session(
    *, proxy: str, ca: Path | None, allow: Collection[Network], parallel: int, connect_s: float, agent: str,
    per_host: int = 0,
) -> aiohttp.ClientSession:  # fmt: skip
    """A session without cookies, environment proxies or automatic decompression; the caller closes it.

    proxy: "" for none, `http://host:port` or `socks5://host:port`; names are then looked up by the proxy, which may
    lead inside its own network, and only addresses written as numbers are checked here. per_host: connections to one
    host, wherever a redirect came from; 0 for any number. Raises UsageError for a proxy or certificates that cannot
    be used.
    """
    proxy = check_proxy(proxy)
    options: dict[str, Any] = {
        "ssl": trust(ca), "limit": parallel, "limit_per_host": per_host, "ttl_dns_cache": _NAMES_S
    }  # fmt: skip
    connector: aiohttp.BaseConnector
    if proxy.startswith("socks"):
        connector = ProxyConnector.from_url(proxy, rdns=True, **options)
    elif proxy:
        connector = aiohttp.TCPConnector(**options)
    else:
        connector = aiohttp.TCPConnector(resolver=CheckedResolver(allow, connect_s), **options)
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        proxy=proxy if proxy.startswith("http") else None,
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect_s, sock_read=connect_s),
        headers={"User-Agent": agent, "Accept": "image/*,*/*;q=0.5", "Accept-Encoding": "identity"},
    )
