"""What a session keeps in the server: resident memory with more and more people on one page, none of them leaving."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from tests.bench.review.server import BUTTONS, MOUE, Server, serve
from tests.bench.review.session import Session
from tests.bench.review.table import Line

WARM: Final = 10
PEOPLE: Final = 25
_STEPS: Final = 3
"""So many times 25 people: a slope over more steps is not an accident of the allocator."""


def measure(template: Path, scratch: Path, size: int) -> Iterator[Line]:
    """Megabytes for each session with Review open, and with an empty page open; after warm-up."""
    with ThreadPoolExecutor(1) as apart:  # the browser's driver has an event loop in this thread
        ours = apart.submit(asyncio.run, _slope(MOUE, template, scratch, "review", f"size={size}")).result()
        theirs = apart.submit(asyncio.run, _slope(BUTTONS, template, scratch, "", "empty=1")).result()
    yield Line(f"memory a session, {PEOPLE} with a page of {size}", ours[0], "MB", 1, theirs[0],
               "a Streamlit page with one line of text")  # fmt: skip
    yield Line(f"  the next {PEOPLE}, and the next", sum(ours[1:]) / len(ours[1:]), "MB", None,
               sum(theirs[1:]) / len(theirs[1:]))  # fmt: skip


async def _slope(app: str, template: Path, scratch: Path, page: str, query: str) -> Sequence[float]:
    """Megabytes a session in each step of 25 more."""
    with serve(app, template, scratch) as server:
        sessions: list[Session] = []
        await _join(server, sessions, WARM, page, query)
        found = []
        for _ in range(_STEPS):
            before = _settled(server)
            await _join(server, sessions, PEOPLE, page, query)
            found.append((_settled(server) - before) / PEOPLE)
        for session in sessions:
            await session.close()
    return found


async def _join(server: Server, sessions: list[Session], more: int, page: str, query: str) -> None:
    for _ in range(more):
        name = f"person {len(sessions)}"
        session = await Session.open(server.address, server.sign_in(name) if page else "")
        await session.visit(page, query)
        sessions.append(session)


def _settled(server: Server) -> float:
    """Resident megabytes once they have stopped changing, ten seconds at most."""
    last = -1.0
    for _ in range(20):
        time.sleep(0.5)
        now = server.memory()
        if abs(now - last) < 0.1:
            break
        last = now
    return now
