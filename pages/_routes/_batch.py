"""Reads a batch of ops from a POST body within size limits, and checks single fields of an op."""

from __future__ import annotations

import json
from typing import Any, Final

from starlette.requests import Request

from pipeline.core.messages import Message, message

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_OPS: Final = 1000
_LONGEST_FIELD: Final = 200
_LONGEST_LOOK_MS: Final = 24 * 3600 * 1000


class RequestError(Exception):
    """The request is refused as a whole, with this HTTP status."""

    def __init__(self, status: int, problem: Message) -> None:
        super().__init__(problem)
        self.status, self.problem = status, problem


async def read_ops(request: Request) -> list[object]:
    """The list in {"ops": [...]}. Raises RequestError: 413 too much, 415 not JSON, 400 malformed."""
    body = await read_json(request)
    ops = body.get("ops") if isinstance(body, dict) else None
    if not isinstance(ops, list):
        raise RequestError(400, message("batch_malformed"))
    if len(ops) > MAX_OPS:
        raise RequestError(413, message("batch_of_too_many", most=MAX_OPS, n=len(ops)))
    return ops


async def read_bytes(request: Request, most: int, too_long: Message) -> bytes:
    """The body, of `most` bytes at most; of a longer one no more is read. Raises RequestError: 413."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > most:
            raise RequestError(413, too_long)
    return bytes(data)


async def read_json(request: Request, most: int = MAX_BYTES) -> Any:
    """The body as JSON, of `most` bytes at most. Raises RequestError: 413 longer, 415 not said to be JSON, 400 none."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RequestError(415, message("request_not_declared_json"))
    data = await read_bytes(request, most, message("batch_too_large", most=most))
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as e:
        raise RequestError(400, message("request_not_json")) from e


def field(raw: object, name: str) -> Any:
    """The value of a field, None if it is missing. Raises RequestError if the op is not an object."""
    if not isinstance(raw, dict):
        raise RequestError(400, message("op_not_object"))
    return raw.get(name)


def text(raw: object, name: str, *, optional: bool = False) -> str:
    """A field that is a short text; "" for an optional field that is missing. Raises RequestError."""
    value = field(raw, name)
    if value is None and optional:
        return ""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_FIELD:
        raise RequestError(400, message("op_text", name=name, most=_LONGEST_FIELD))
    if any("\ud800" <= c <= "\udfff" for c in value):  # half a character: neither stored nor sent back
        raise RequestError(400, message("op_not_unicode", name=name))
    return value


def whole(raw: object, name: str) -> int | None:
    """A field that is a whole number, None if it is missing. Raises RequestError."""
    value = field(raw, name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53):
        return value
    raise RequestError(400, message("op_not_whole", name=name))


def took_ms(raw: object) -> int:
    """How long the annotator looked, in milliseconds: 0 if missing, capped at a day. Raises RequestError."""
    return min(_LONGEST_LOOK_MS, max(0, whole(raw, "took_ms") or 0))
