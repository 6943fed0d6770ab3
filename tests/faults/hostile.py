"""A web server on loopback that does what the worst ones do; each path is one vice."""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

GIF: Final = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
BOMB: Final = gzip.compress(GIF + bytes(2**24))
HTML: Final = b"<!DOCTYPE html><html><body>Not found</body></html>"
Write = asyncio.StreamWriter


class Hostile:
    """`with Hostile({"/good.jpg": data}) as server:` serves these files, and every vice beside them."""

    def __init__(self, files: dict[str, bytes], latency_s: float = 0.0) -> None:
        self.files, self._latency = files, latency_s
        self.asked: Counter[str] = Counter()
        self.heads: dict[str, dict[str, str]] = {}
        self.port = 0
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> Hostile:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._client, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()

    async def _client(self, reader: asyncio.StreamReader, writer: Write) -> None:
        try:
            while line := await reader.readline():
                path = line.split()[1].decode()
                head: dict[str, str] = {}
                while (row := (await reader.readline()).decode().strip()) != "":
                    name, _, value = row.partition(": ")
                    head[name.lower()] = value
                self.asked[path] += 1
                self.heads[path] = head
                await asyncio.sleep(self._latency)
                await self._answer(path, writer)
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass  # the other side had enough
        finally:
            writer.close()

    async def _answer(self, path: str, writer: Write) -> None:
        if path in self.files:
            return send(writer, self.files[path])
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

    async def vice_to_loopback(self, writer: Write) -> None:
        self.redirect(writer, f"http://127.0.0.1:{self.port}/secret")

    async def vice_to_metadata(self, writer: Write) -> None:
        self.redirect(writer, "http://169.254.169.254/latest/meta-data/")

    async def vice_to_file(self, writer: Write) -> None:
        self.redirect(writer, "file:///etc/passwd")

    async def vice_to_nowhere(self, writer: Write) -> None:
        send(writer, b"", status=302)

    async def vice_garbage(self, writer: Write) -> None:
        writer.write(b"\x00\x01\x02 what is this\r\n\r\n")
        writer.close()

    async def vice_header_bomb(self, writer: Write) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"a" * 2**20 + b"\r\n\r\n")

    def redirect(self, writer: Write, place: str) -> None:
        send(writer, b"", {"Location": place}, status=302)


def send(writer: Write, body: bytes, more: dict[str, str] | None = None, *, status: int = 200) -> None:
    head = {"Content-Length": str(len(body)), "Content-Type": "image/gif", **(more or {})}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    writer.write(f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode() + body)
