"""A proxy on loopback that plays the web: it ends each TLS connection itself, with a certificate of its own authority.

So the real libraries ask for their real addresses, and nothing leaves this machine.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import trustme

from tests.web.loopback import LoopbackServer

LONGEST_HEAD: Final = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. params: of its query."""

    host: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """status: 0 for a connection that is cut instead."""

    body: bytes
    status: int = 200
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


Site = Callable[[Asked], Answer]


class Web(LoopbackServer):
    """`with Web({"api.example": site}, tmp_path) as web:`; `web.proxy` and `web.ca` are what a client is given."""

    def __init__(self, sites: dict[str, Site], folder: Path) -> None:
        super().__init__()
        self.sites = sites
        self.asked: list[Asked] = []
        self.ca = folder / "authority.pem"
        self._authority = trustme.CA()
        self._authority.cert_pem.write_to_path(str(self.ca))
        self._contexts: dict[str, ssl.SSLContext] = {}

    @property
    def proxy(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def of(self, host: str) -> list[Asked]:
        return [one for one in self.asked if one.host == host]

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, ssl.SSLError, asyncio.CancelledError, asyncio.IncompleteReadError):
            await self._talk(reader, writer)
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = ""
        while (line := await reader.readline()).strip():
            method, target, _ = line.decode().split()
            headers: dict[str, str] = {}
            while (row := (await reader.readline()).decode().strip()) and len(headers) < LONGEST_HEAD:
                name, _, value = row.partition(":")
                headers[name.lower()] = value.strip()
            if method == "CONNECT":
                host = target.partition(":")[0]
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await writer.drain()
                await writer.start_tls(self._context(host))
                continue
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self._reply(writer, host, target, headers, body)
            await writer.drain()

    def _reply(
        self, writer: asyncio.StreamWriter, host: str, target: str, headers: dict[str, str], body: bytes
    ) -> None:
        parts = urlsplit(target)
        asked = Asked(host or parts.hostname or "", parts.path, dict(parse_qsl(parts.query)), headers, body)
        self.asked.append(asked)
        site = self.sites.get(asked.host)
        answer = site(asked) if site else Answer(b"", 404)
        if not answer.status:
            raise ConnectionResetError
        head = {"Content-Type": answer.kind, "Content-Length": str(len(answer.body)), **answer.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        writer.write(f"HTTP/1.1 {answer.status} Answer\r\n{lines}\r\n".encode() + answer.body)

    def _context(self, host: str) -> ssl.SSLContext:
        if host not in self._contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._authority.issue_cert(host).configure_cert(context)
            self._contexts[host] = context
        return self._contexts[host]
