"""A socks5 proxy on loopback (RFC 1928) that leads every name to one port and notes what it was asked for."""

from __future__ import annotations

import asyncio

from tests.web.loopback import LoopbackServer


class Socks(LoopbackServer):
    """`with Socks(port) as proxy:` proxy.url is given to whom is tested; proxy.asked holds "name:port"."""

    def __init__(self, leads_to: int) -> None:
        super().__init__()
        self.asked: list[str] = []
        self._leads_to = leads_to

    @property
    def url(self) -> str:
        return f"socks5://127.0.0.1:{self.port}"

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(b"\x05\x00")
        *_, kind = await reader.readexactly(4)
        assert kind == 3, "an address, where a name was to be passed on"
        name = await reader.readexactly((await reader.readexactly(1))[0])
        port = int.from_bytes(await reader.readexactly(2), "big")
        self.asked.append(f"{name.decode()}:{port}")
        there, back = await asyncio.open_connection("127.0.0.1", self._leads_to)
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        await asyncio.gather(_pass(reader, back), _pass(there, writer))


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        return  # one side had enough
    finally:
        writer.close()
