"""A stop that loses nothing: at SIGTERM new writes are refused in words, those that came before are answered.

Without it uvicorn hangs up at once on whoever comes next, and then waits for slow readers for as long as they like.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import FrameType
from typing import Any, Final

import streamlit as st
import uvicorn
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from pages._server.refusal import refusal
from pages._server.upkeep import put_back
from pipeline.core.messages import message

REFUSING_S: Final = 1.0
"""Seconds in which new writes are refused in words, before the port closes."""
LONGEST_S: Final = 8
"""Seconds that requests get to end after that: a download at its reader's pace does not hold the server up."""
WRITING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_stopping: Final = threading.Event()
Lifespan = Callable[[st.App], AbstractAsyncContextManager[None]]


def is_stopping() -> bool:
    return _stopping.is_set()


def gracefully(lifespan: Lifespan) -> Lifespan:
    """The same `lifespan`, with SIGTERM and SIGINT refusing new writes first. A second signal ends it at once."""

    @asynccontextmanager
    async def around(app: st.App) -> AsyncIterator[None]:
        _stopping.clear()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                before = signal.getsignal(number)
                if callable(before):
                    signal.signal(number, _Handler(before, asyncio.get_running_loop()))
        async with lifespan(app):
            yield

    return around


class _Handler:
    """Of one signal. uvicorn puts back what was there before it when it ends."""

    def __init__(self, ends: Callable[[int, FrameType | None], Any], loop: asyncio.AbstractEventLoop) -> None:
        self._ends = ends
        self._loop = loop

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if is_stopping():
            put_back.stay_down()  # the first one may have been that server's own
            self._ends(number, frame)
            return
        _stopping.set()
        server = getattr(self._ends, "__self__", None)
        if isinstance(server, uvicorn.Server) and server.config.timeout_graceful_shutdown is None:
            server.config.timeout_graceful_shutdown = LONGEST_S
        self._loop.call_soon_threadsafe(self._loop.call_later, REFUSING_S, self._ends, number, frame)


class Stopping:
    """ASGI middleware: 503 in the reader's language for whoever wants to write while the server stops."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and is_stopping() and scope["method"] in WRITING:
            answer = refusal(Request(scope), 503, message("server_stopping"))
            answer.headers["Retry-After"] = str(LONGEST_S)
            answer.headers["Connection"] = "close"
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)
