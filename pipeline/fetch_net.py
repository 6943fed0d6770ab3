"""The fetcher's way to the net: one HTTP session whose connections end at addresses that were checked."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from pipeline import addresses
from pipeline.addresses import Network
from pipeline.errors import UnavailableError, UsageError

_NAMES_S: Final = 300


class ForbiddenHostError(OSError):
    """A name leads to an address that is not to be fetched from. An OSError, since aiohttp passes those on."""


class CheckedResolver(AbstractResolver):
    """Looks a name up once and gives the connection those very addresses: nobody asks a second time (DNS rebinding).

    One address that is not public among many refuses the name.
    """

    def __init__(self, allow: Collection[Network]) -> None:
        self._allow = allow

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family, flags=socket.AI_ADDRCONFIG)
        results: list[ResolveResult] = []
        for family, _, proto, _, place in found:
            at = ipaddress.ip_address(str(place[0]).partition("%")[0])
            try:
                addresses.check(at, self._allow)
            except UnavailableError as e:
                raise ForbiddenHostError(f"{host} leads nowhere public: {e}") from e
            results.append(
                ResolveResult(
                    hostname=host, host=str(at), port=port, family=family, proto=proto, flags=socket.AI_NUMERICHOST
                )
            )
        if not results:
            raise OSError(f"{host} has no address")
        return results

    async def close(self) -> None:
        """Nothing is held."""


def trust(ca: Path | None) -> ssl.SSLContext:
    """The system's certificates, and those in a PEM file. Raises UsageError where that cannot be read."""
    context = ssl.create_default_context()
    if ca is not None:
        try:
            context.load_verify_locations(ca)
        except (OSError, ssl.SSLError) as e:
            raise UsageError(f"{ca} holds no certificates that can be read: give a PEM file") from e
    return context


def open_session(
    *, proxy: str, ca: Path | None, allow: Collection[Network], parallel: int, connect_s: float, agent: str
) -> aiohttp.ClientSession:
    """A session without cookies, environment proxies or automatic decompression; the caller closes it.

    proxy: "" for none, `http://host:port` or `socks5://host:port`; names are then looked up by the proxy, and only
    addresses written as numbers are checked here.
    """
    options: dict[str, Any] = {"ssl": trust(ca), "limit": parallel, "ttl_dns_cache": _NAMES_S}
    connector: aiohttp.BaseConnector
    if proxy.startswith(("socks5://", "socks4://")):
        from aiohttp_socks import ProxyConnector

        connector = ProxyConnector.from_url(proxy, rdns=True, **options)
    elif proxy:
        connector = aiohttp.TCPConnector(**options)
    else:
        connector = aiohttp.TCPConnector(resolver=CheckedResolver(allow), **options)
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        proxy=proxy if proxy.startswith("http") else None,
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect_s, sock_read=connect_s),
        headers={"User-Agent": agent, "Accept": "image/*,*/*;q=0.5", "Accept-Encoding": "identity"},
    )
