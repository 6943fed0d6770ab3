"""A batch of ops in a POST: read within its caps, its fields checked one by one."""

from __future__ import annotations

import json
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_OPS: Final = 1000
_LONGEST_FIELD: Final = 200
_LONGEST_LOOK_MS: Final = 24 * 3600 * 1000


class RequestError(Exception):
    """The request is refused as a whole, with this HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def read_ops(request: Request) -> list[object]:
    """The list in {"ops": [...]}. Raises RequestError: 413 too much, 415 not JSON, 400 malformed."""
    body = await _body(request)
    ops = body.get("ops") if isinstance(body, dict) else None
    if not isinstance(ops, list):
        raise RequestError(400, 'the request is not {"ops": [...]}')
    if len(ops) > MAX_OPS:
        raise RequestError(413, f"a batch has at most {MAX_OPS:,} decisions, not {len(ops):,}")
    return ops


async def _body(request: Request) -> object:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RequestError(415, "send application/json")
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_BYTES:
            raise RequestError(413, f"a batch has at most {MAX_BYTES:,} bytes: send fewer decisions at once")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as e:
        raise RequestError(400, "the request is not JSON") from e


def field(raw: object, name: str) -> Any:
    """Whatever stands there, None where nothing does. Raises RequestError for an op that is no object."""
    if not isinstance(raw, dict):
        raise RequestError(400, "an op is not an object")
    return raw.get(name)


def text(raw: object, name: str, *, optional: bool = False) -> str:
    """A short text; "" for an optional one that is not there. Raises RequestError."""
    value = field(raw, name)
    if value is None and optional:
        return ""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_FIELD:
        raise RequestError(400, f"{name} of an op is missing, or not text of at most {_LONGEST_FIELD} characters")
    if any("\ud800" <= c <= "\udfff" for c in value):  # half a character: neither stored nor sent back
        raise RequestError(400, f"{name} of an op is not Unicode text")
    return value


def whole(raw: object, name: str) -> int | None:
    """A whole number, None where there is none. Raises RequestError."""
    value = field(raw, name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53):
        return value
    raise RequestError(400, f"{name} of an op is not a whole number")


def took_ms(raw: object) -> int:
    """How long somebody looked: 0 where it is not told, a day at most. Raises RequestError."""
    return min(_LONGEST_LOOK_MS, max(0, whole(raw, "took_ms") or 0))


def refusal(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": message}, status_code=status)
