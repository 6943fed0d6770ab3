"""What is answered while the server stops, and what its signal does."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from types import FrameType

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from pages._server.upkeep import put_back
from pages._web import health, stopping


@pytest.fixture
def client() -> Iterator[TestClient]:
    async def done(_: Request) -> Response:
        return Response("done")

    every = Route("/any", done, methods=["GET", *stopping.WRITING])
    yield TestClient(Starlette(routes=[every, health.route], middleware=[Middleware(stopping.Stopping)]))
    stopping._stopping.clear()
    put_back._stays_down.clear()


@pytest.mark.parametrize("method", sorted(stopping.WRITING))
def test_writes_are_refused_in_the_readers_language(client: TestClient, method: str) -> None:
    assert client.request(method, "/any").text == "done"
    stopping._stopping.set()
    answer = client.request(method, "/any", headers={"Accept-Language": "zh-CN"})
    assert (answer.status_code, answer.json()["code"]) == (503, "server_stopping")
    assert answer.json()["error"].startswith("服务器正在停止")
    assert answer.headers["connection"] == "close"
    assert int(answer.headers["retry-after"]) > 0


def test_reading_goes_on_and_the_monitor_is_told(client: TestClient) -> None:
    stopping._stopping.set()
    assert client.get("/any").text == "done"
    answer = client.get("/api/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "server_stopping")


def test_the_first_signal_refuses_and_ends_later_the_second_ends_now(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "REFUSING_S", 0.0)
    ended: list[int] = []

    def ends(number: int, _frame: FrameType | None) -> None:
        ended.append(number)

    async def twice() -> None:
        handler = stopping._Handler(ends, asyncio.get_running_loop())
        handler(signal.SIGTERM, None)
        assert (stopping.is_stopping(), ended) == (True, [])
        assert not put_back._stays_down.is_set()
        handler(signal.SIGINT, None)
        assert ended == [signal.SIGINT]
        assert put_back._stays_down.is_set(), "else a server that puts a backup back would begin anew"
        while len(ended) < 2:
            await asyncio.sleep(0)

    asyncio.run(twice())
    assert ended == [signal.SIGINT, signal.SIGTERM]


def test_a_request_that_never_ends_holds_nothing_up_and_the_end_is_still_orderly(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "REFUSING_S", 0.0)
    monkeypatch.setattr(stopping, "LONGEST_S", 0.2)
    closed: list[str] = []

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        closed.append("store")

    async def stop() -> None:
        begun = asyncio.Event()

        async def endless(_: Request) -> Response:
            begun.set()
            await asyncio.Event().wait()
            raise AssertionError

        app = Starlette(routes=[Route("/endless", endless)], lifespan=lifespan)
        with socket.create_server(("127.0.0.1", 0)) as port:
            server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
            running = asyncio.ensure_future(server._serve([port]))
            _, writer = await asyncio.open_connection(*port.getsockname())
            writer.write(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
            await asyncio.wait_for(begun.wait(), 30)
            stopping._Handler(server.handle_exit, asyncio.get_running_loop())(signal.SIGTERM, None)
            await asyncio.wait_for(running, 30)
            writer.close()

    asyncio.run(stop())
    assert closed == ["store"]
