"""The OpenAPI 3.1 document, made of the table of operations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pages._routes.v1 import shapes
from pages._routes.v1.operation import BASE, Operation, Parameter
from pages._routes.v1.shapes import Schema
from pipeline.core.roles import LOWEST
from pipeline.core.version import VERSION

_WORDS: Final = {
    400: "what was asked cannot be read, or names what is not there",
    401: "no token, or one that lets nobody in",
    403: "the role does not allow it",
    404: "it is not there",
    409: "something else is in the way",
    413: "too much at once",
    415: "the body is not declared as application/json",
    422: "rows are refused, nothing was taken: see `refused`",
    429: "too many requests: see Retry-After",
    503: "the workspace cannot be read or written now",
}
_ALWAYS: Final = (401, 403, 429, 503)
_ERROR: Final = "Error"


@dataclass(frozen=True, slots=True)
class _Error:
    """error: the sentence, in the reader's language (Accept-Language: en, zh). code: for programs, for ever the same.
    params: what is named in the sentence."""

    error: str
    code: str
    params: dict[str, Any]


def document(operations: Sequence[Operation], server: str = "/") -> dict[str, Any]:
    """server: the path below which the workspace lives."""
    named: dict[str, Schema] = {}
    paths: dict[str, dict[str, Any]] = {}
    for op in operations:
        path = f"/{BASE}" + re.sub(r":\w+}", "}", op.path)
        paths.setdefault(path, {})[op.method.lower()] = _operation(op, named)
    shapes.schema_of(_Error, named)
    error = named.pop("_Error")
    error["additionalProperties"] = True
    named[_ERROR] = error
    return {
        "openapi": "3.1.0",
        "info": {"title": "Moue", "version": VERSION, "description": "What scripts may ask of a workspace."},
        "servers": [{"url": server.rstrip("/") or "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "moue_…"}},
            "schemas": dict(sorted(named.items())),
        },
    }


def _operation(op: Operation, named: dict[str, Schema]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": op.name,
        "summary": op.summary,
        "description": f"For the role {LOWEST[op.action]} and those above.",
        "responses": {str(op.status): _answer(op, named), **_refusals(op)},
    }
    if op.parameters:
        told["parameters"] = [_parameter(one) for one in op.parameters]
    if op.body is not None:
        content = {"application/json": {"schema": shapes.schema_of(op.body, named)}}
        told["requestBody"] = {"required": True, "content": content}
    return told


def _answer(op: Operation, named: dict[str, Schema]) -> dict[str, Any]:
    if isinstance(op.answer, str):
        return {"description": "its bytes", "content": {op.answer: {"schema": {"type": "string", "format": "binary"}}}}
    schema = shapes.schema_of(op.answer, named)
    about = " ".join((op.answer.__doc__ or "").split())
    return {"description": about or "done", "content": {"application/json": {"schema": schema}}}


def _refusals(op: Operation) -> Mapping[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{_ERROR}"}}}
    return {
        str(status): {"description": _WORDS[status], "content": content} for status in sorted({*op.refusals, *_ALWAYS})
    }


def _parameter(one: Parameter) -> dict[str, Any]:
    required = {"required": True} if one.place == "path" else {}
    return {"name": one.name, "in": one.place, **required, "description": one.description, "schema": dict(one.schema)}
