"""A web server on loopback that does what the worst ones do; each path is one vice."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import unquote

from tests.web.loopback import LoopbackServer

GIF: Final = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
BOMB: Final = gzip.compress(GIF + bytes(2**24))
HTML: Final = b"<!DOCTYPE html><html><body>Not found</body></html>"
Write = asyncio.StreamWriter


class Hostile(LoopbackServer):
    """`with Hostile({"/good.jpg": data}) as server:` serves these files, and every vice beside them."""

    def __init__(self, files: dict[str, bytes], latency_s: float = 0.0, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.files, self._latency = files, latency_s
        self.asked: Counter[str] = Counter()
        self.heads: dict[str, dict[str, str]] = {}

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http{'s' if self._tls else ''}://{host}:{self.port}{path}"

    async def _client(self, reader: asyncio.StreamReader, writer: Write) -> None:
        try:
            while first := await reader.read(1):
                if first == b"\x16":  # the hello of TLS
                    return send(writer, b"", status=400)
                path = (first + await reader.readline()).decode().split()[1]
                head: dict[str, str] = {}
                while (row := (await reader.readline()).decode().strip()) != "":
                    name, _, value = row.partition(": ")
                    head[name.lower()] = value
                self.asked[path] += 1
                self.heads[path] = head
                await asyncio.sleep(self._latency)
                await self._answer(path, writer)
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError, ssl.SSLError):
            pass  # the other side had enough
        finally:
            writer.close()

    async def _answer(self, path: str, writer: Write) -> None:
        if path in self.files:
            return send(writer, self.files[path])
        if path.startswith("/to/"):
            return self.redirect(writer, unquote(path[4:]).replace("PORT", str(self.port)))
        vice = getattr(self, f"vice_{path.strip('/').partition('/')[0].replace('-', '_')}", None)
        if vice is None:
            return send(writer, HTML, status=404)
        found: Callable[[Write], Awaitable[None]] = vice
        return await found(writer)

    async def vice_403(self, writer: Write) -> None:
        send(writer, HTML, status=403)

    async def vice_429(self, writer: Write) -> None:
        """Twice too many, then welcome."""
        if self.asked["/429"] < 3:
            send(writer, b"", {"Retry-After": "0"}, status=429)
        else:
            send(writer, GIF)

    async def vice_never(self, writer: Write) -> None:
        send(writer, b"", {"Retry-After": "3600"}, status=503)

    async def vice_empty(self, writer: Write) -> None:
        send(writer, b"")

    async def vice_html(self, writer: Write) -> None:
        send(writer, HTML, {"Content-Type": "image/jpeg"})

    async def vice_cut(self, writer: Write) -> None:
        send(writer, GIF, {"Content-Length": "5000"})
        writer.close()

    async def vice_huge(self, writer: Write) -> None:
        send(writer, GIF, {"Content-Length": str(10 * 2**30)})

    async def vice_endless(self, writer: Write) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        piece = GIF + bytes(2**16 - len(GIF))
        while True:
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()

    async def vice_gzip(self, writer: Write) -> None:
        send(writer, BOMB, {"Content-Encoding": "gzip"})

    async def vice_zipped(self, writer: Write) -> None:
        """Compressed although nobody asked for it, and harmless."""
        send(writer, gzip.compress(GIF), {"Content-Encoding": "gzip"})

    async def vice_broken_gzip(self, writer: Write) -> None:
        send(writer, b"\x1f\x8b\x08\x00" + bytes(60), {"Content-Encoding": "gzip"})

    async def vice_brotli(self, writer: Write) -> None:
        send(writer, GIF, {"Content-Encoding": "br"})

    async def vice_half_gzip(self, writer: Write) -> None:
        send(writer, gzip.compress(GIF + bytes(range(256)))[:-40], {"Content-Encoding": "gzip"})

    async def vice_tail_gzip(self, writer: Write) -> None:
        """What comes behind the end would be hoarded."""
        send(writer, gzip.compress(GIF) + bytes(150_000), {"Content-Encoding": "gzip"})

    async def vice_slow(self, writer: Write) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n" + GIF)
        for _ in range(1000):
            await asyncio.sleep(0.1)
            writer.write(b"x")
            await writer.drain()

    async def vice_slow_head(self, writer: Write) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX-A: ")
        for _ in range(1000):
            writer.write(b"H")
            await writer.drain()
            await asyncio.sleep(0.1)

    async def vice_noai(self, writer: Write) -> None:
        send(writer, GIF, {"X-Robots-Tag": "noindex, NoAI"})

    async def vice_loop(self, writer: Write) -> None:
        self.redirect(writer, "/loop")

    async def vice_to_good(self, writer: Write) -> None:
        self.redirect(writer, "/good.jpg")

    async def vice_to_nowhere(self, writer: Write) -> None:
        send(writer, b"", status=302)

    async def vice_garbage(self, writer: Write) -> None:
        writer.write(b"\x00\x01\x02 what is this\r\n\r\n")
        writer.close()

    async def vice_header_bomb(self, writer: Write) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"a" * 2**20 + b"\r\n\r\n")

    async def vice_headers(self, writer: Write) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        await self._lines(writer)

    async def vice_trailers(self, writer: Write) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n" % (len(GIF), GIF))
        await self._lines(writer)

    async def _lines(self, writer: Write) -> None:
        while True:
            writer.write(b"".join(b"X-%d: %s\r\n" % (n, b"a" * 7000) for n in range(50)))
            await writer.drain()

    async def vice_wait_for_ever(self, writer: Write) -> None:
        while True:
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    async def vice_odd_place(self, writer: Write) -> None:
        writer.write(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /\xff\xfe.jpg\r\n\r\n")

    async def vice_odd_wait(self, writer: Write) -> None:
        writer.write("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: ²\r\n\r\n".encode())

    async def vice_upgrade(self, writer: Write) -> None:
        writer.write(b"HTTP/1.1 101 Now\r\nConnection: upgrade\r\nUpgrade: smtp\r\n\r\n" + GIF)

    async def vice_two_lengths(self, writer: Write) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 35\r\n\r\n" + GIF)

    def redirect(self, writer: Write, place: str) -> None:
        send(writer, b"", {"Location": place}, status=302)


def send(writer: Write, body: bytes, more: dict[str, str] | None = None, *, status: int = 200) -> None:
    head = {"Content-Length": str(len(body)), "Content-Type": "image/gif", **(more or {})}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    writer.write(f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode() + body)
