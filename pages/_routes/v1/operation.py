"""One operation of the HTTP interface for scripts: what it is called by, what it takes, gives, and who may."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from db.team.pseudonyms import Aliases, hide
from pages._routes import _guard
from pages._routes._batch import RequestError, read_json
from pages._routes.v1 import shapes
from pages._server import permission, pseudonyms
from pages._server.refusal import reader_locale, refusal
from pages._server.scripts import bearer
from pipeline.core.errors import BusyError, DecisionError, ExportError, MoueError, NotAllowedError, UsageError
from pipeline.core.roles import Action, Role

BASE: Final = "api/v1"
MAX_BYTES: Final = 16 * 1024 * 1024
_STATUS: Final[tuple[tuple[type[MoueError], int], ...]] = (
    (NotAllowedError, 403), (BusyError, 409), (ExportError, 409), (UsageError, 400), (DecisionError, 400),
    (MoueError, 503),
)  # fmt: skip
"""How an error is answered; the first that fits."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. role: what they may do here, by this token or sign-in. locale: of sentences."""

    annotator: str
    role: Role
    locale: str


Handler = Callable[[Request, Caller, Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """Of the query, or of the path. limits: of JSON Schema, for a text."""

    name: str
    description: str
    schema: Mapping[str, Any]
    place: str = "query"


@dataclass(frozen=True, slots=True)
class Operation:
    """body: the dataclass of the request's JSON, None where it has none. answer: the dataclass of the answer's, or the
    media type of bytes. handler: gets the request, the caller and the body; gives an `answer`, or a Response."""

    method: str
    path: str
    name: str
    action: Action
    summary: str
    handler: Handler
    answer: Any
    body: type | None = None
    parameters: tuple[Parameter, ...] = ()
    status: int = 200
    refusals: tuple[int, ...] = ()

    def route(self) -> Route:
        return Route(f"/{BASE}{self.path}", _endpoint(self), methods=[self.method], name=f"v1_{self.name}")


def _endpoint(op: Operation) -> _guard.Endpoint:
    """By a token without a look at the origin: no browser sends one by itself. Else as a page's own request."""

    async def signed_in(request: Request, annotator: str) -> Response:
        caller = Caller(annotator, permission.role_of(annotator), reader_locale(request))
        return await _answer(op, request, caller)

    by_cookie = _guard.may(op.action)(signed_in)

    @functools.wraps(op.handler)
    async def endpoint(request: Request) -> Response:
        secret = bearer.given(request)
        if secret is None:
            return await by_cookie(request)
        try:
            admitted = bearer.admit(request, secret)
        except MoueError as e:
            return refusal(request, 503, e.message)
        if isinstance(admitted, Response):
            return admitted
        if (why := bearer.refusal_of(admitted, op.action)) is not None:
            return refusal(request, 403, why)
        return await _answer(op, request, Caller(admitted.annotator, admitted.role, reader_locale(request)))

    _guard.actions[endpoint] = op.action
    _guard.own_origin_only.add(endpoint)
    return endpoint


async def _answer(op: Operation, request: Request, caller: Caller) -> Response:
    try:
        body = None if op.body is None else shapes.parse(op.body, await read_json(request, MAX_BYTES))
        found = await op.handler(request, caller, body)
        if isinstance(found, Response):
            return found
        told = hide(asdict(found), _aliases(caller))
    except RequestError as e:
        return refusal(request, e.status, e.problem)
    except MoueError as e:
        status = next(status for kind, status in _STATUS if isinstance(e, kind))
        return refusal(request, status, e.message)
    except OSError as e:
        return _guard.unusable(request, e)
    return JSONResponse(told, op.status, headers={"Cache-Control": "private, no-store"})


def _aliases(caller: Caller) -> Aliases:
    return pseudonyms.aliases_for(caller.annotator, caller.locale, caller.role)
