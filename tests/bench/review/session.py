"""A browser's side of a Streamlit session without the browser: one WebSocket that has opened a page."""

from __future__ import annotations

from typing import Final

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

_LARGEST: Final = 64 * 1024 * 1024
_TYPE: Final = "type"


class Session:
    """Stays open until `close`. Messages that come meanwhile are read when the next page is opened."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    @classmethod
    async def open(cls, address: str, cookie: str = "") -> Session:
        """Raises OSError or websockets' InvalidHandshake where the server does not let us in."""
        socket = await connect(
            f"ws{address.removeprefix('http')}/_stcore/stream",
            additional_headers={"Cookie": cookie} if cookie else {},
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=_LARGEST,
            ping_interval=None,
        )
        return cls(socket)

    async def visit(self, page: str, query: str = "") -> int:
        """Open a page, as a link to it does; the bytes that the server sent for it."""
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.query_string = query
        await self._socket.send(message.SerializeToString())
        size, started = 0, False
        while True:
            data = await self._socket.recv()
            if isinstance(data, str):
                continue
            size += len(data)
            answer = ForwardMsg.FromString(data)
            kind = answer.WhichOneof(_TYPE)
            started = started or kind == "new_session"
            if kind == "script_finished" and started:
                return size

    async def close(self) -> None:
        await self._socket.close()
