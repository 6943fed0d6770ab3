"""Reads a small JSON object from a POST body, and checks single fields of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request

from pages._routes._batch import RequestError, read_bytes
from pipeline.core.messages import message

MAX_BYTES: Final = 64 * 1024


async def read_object(request: Request) -> Mapping[str, object]:
    """The object. Raises RequestError: 413 too long, 415 not JSON, 400 malformed or none."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RequestError(415, message("request_not_declared_json"))
    data = await read_bytes(request, MAX_BYTES, message("request_too_long"))
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as e:
        raise RequestError(400, message("request_not_json")) from e
    if not isinstance(body, dict):
        raise RequestError(400, message("request_not_object"))
    return body


def text(body: Mapping[str, object], name: str, longest: int) -> str:
    """A field that is text, of at most `longest` characters. Raises RequestError."""
    value = body.get(name)
    if not isinstance(value, str) or len(value) > longest:
        raise RequestError(400, message("field_text", name=name, most=longest))
    if any("\ud800" <= c <= "\udfff" for c in value):  # half a character: neither stored nor sent back
        raise RequestError(400, message("field_not_unicode", name=name))
    return value


def whole(body: Mapping[str, object], name: str) -> int:
    """A field that is a whole number. Raises RequestError."""
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**53:
        raise RequestError(400, message("field_not_whole", name=name))
    return value


def texts(body: Mapping[str, object], name: str, longest: int) -> dict[str, str]:
    """A field that is an object of texts, each of at most `longest` characters. Raises RequestError."""
    value = body.get(name)
    if not isinstance(value, dict):
        raise RequestError(400, message("field_query"))
    return {one: text(value, one, longest) for one in value}


def choice(body: Mapping[str, object], name: str, offered: tuple[str, ...]) -> str:
    """A field that is one of a few words. Raises RequestError."""
    value = body.get(name)
    if not isinstance(value, str) or value not in offered:
        raise RequestError(400, message("field_choice", name=name, choices=offered))
    return value
