"""The bodies of routes, read as their routes read them, without a server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

from starlette.requests import Request

from db.projection.filter_text import filter_of
from pages._routes import _batch, decisions, duplicates, sign_in
from pages._routes.team import _object
from pages._routes.v1 import shapes
from pages._routes.v1.decisions import Decisions
from pages._routes.v1.operation import MAX_BYTES
from pages._routes.v1.predictions import Predictions
from pages._routes.v1.releases import Export

Reader = Callable[[Request], Awaitable[object]]


async def _ops(request: Request) -> object:
    return [decisions._op(one, "Ann") for one in await _batch.read_ops(request)]


async def _groups(request: Request) -> object:
    return [duplicates._op(one) for one in await _batch.read_ops(request)]


async def _claim(request: Request) -> object:
    body = await _object.read_object(request)
    return _object.whole(body, "size"), filter_of(_object.texts(body, "query", 300))


async def _note(request: Request) -> object:
    body = await _object.read_object(request)
    return [_object.text(body, name, 64) for name in ("face_id", "id", "text")]


async def _shaped(kind: type, request: Request) -> object:
    return shapes.parse(kind, await _batch.read_json(request, MAX_BYTES))


READERS: Final[Mapping[str, Reader]] = {
    "ops": _ops,
    "groups": _groups,
    "claim": _claim,
    "note": _note,
    "sign-in": sign_in._small_json,
    "v1-decisions": partial(_shaped, Decisions),
    "v1-predictions": partial(_shaped, Predictions),
    "v1-export": partial(_shaped, Export),
}


def read_body(name: str, body: bytes) -> object:
    """What the reader makes of it. Raises RequestError and MoueError."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    head = [(b"content-type", b"application/json")]
    reading = READERS[name](Request({"type": "http", "method": "POST", "path": "/", "headers": head}, receive))
    try:
        reading.__await__().send(None)  # the body is there: nothing waits
    except StopIteration as ended:
        return ended.value
    raise AssertionError(f"{name} waits for something else than its body")
