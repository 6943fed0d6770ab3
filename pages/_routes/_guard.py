"""Decorators that check origin, sign-in and role before a route runs."""

from __future__ import annotations

import functools
import json
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from db.team.pseudonyms import hide
from pages._server import identity, permission, pseudonyms
from pages._server.refusal import reader_locale, refusal
from pipeline.core.errors import MoueError, StorageError, refused_place
from pipeline.core.roles import Action

Endpoint = Callable[[Request], Awaitable[Response]]
AnnotatorEndpoint = Callable[[Request, str], Awaitable[Response]]

CHANGING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
"""The HTTP methods of requests that change something, whose origin is checked."""
MOST_UNREAD: Final = 16 * 1024 * 1024
"""Bytes: twice a part of an upload."""
own_origin_only: Final[set[Endpoint]] = set()
"""The endpoints made by `from_own_page`."""
actions: Final[dict[Endpoint, Action]] = {}
"""The endpoints made by `may`, with what one must be allowed to do."""


def from_own_page(endpoint: Endpoint) -> Endpoint:
    """Answer 403 to a request that changes something and does not come from one of Moue's own pages."""

    @functools.wraps(endpoint)
    async def checked(request: Request) -> Response:
        refused = identity.check_origin(request) if request.method in CHANGING else None
        return refused if refused is not None else await endpoint(request)

    own_origin_only.add(checked)
    return checked


def may(action: Action) -> Callable[[AnnotatorEndpoint], Endpoint]:
    """Like `from_own_page`, 401 without a sign-in, and 403 for somebody whose role does not allow `action`.

    The endpoint gets the annotator's name as second argument.
    """

    def decorate(endpoint: AnnotatorEndpoint) -> Endpoint:
        @functools.wraps(endpoint)
        async def allowed(request: Request) -> Response:
            annotator = identity.annotator_of(request)
            if annotator is None:
                return identity.unsigned(request)
            refused = refused_by_role(request, annotator, action)
            if refused is None:
                try:
                    answer = await endpoint(request, annotator)
                except StorageError as e:  # where the route has nothing better to say
                    answer = refusal(request, 503, e.message)
                except OSError as e:
                    answer = unusable(request, e)
                return _unnamed(request, annotator, answer)
            await _read_to_end(request)
            return refused

        checked = from_own_page(allowed)
        actions[checked] = action
        return checked

    return decorate


def unusable(request: Request, error: OSError) -> Response:
    """The 503 of a route that met a place that is closed to Moue, or whose disk fails. Raises any other error."""
    said = refused_place(error)
    if said is None:
        raise error
    return refusal(request, 503, said.message)


async def _read_to_end(request: Request) -> None:
    """What is still on its way, up to MOST_UNREAD: a proxy tells a server that hangs up on it as its own 502."""
    unread = 0
    async for chunk in request.stream():
        unread += len(chunk)
        if unread > MOST_UNREAD:
            return


def refused_by_role(request: Request, annotator: str, action: Action) -> Response | None:
    """None where the person may do it; else the 403 to answer with, or the 503 where that cannot be read."""
    try:
        why = permission.refusal(annotator, action)
    except MoueError as e:
        return refusal(request, 503, e.message)
    return None if why is None else refusal(request, 403, why)


def _unnamed(request: Request, annotator: str, answer: Response) -> Response:
    """The same answer without the names that are hidden from the person, in every route that answers with JSON."""
    if not isinstance(answer, JSONResponse):
        return answer
    try:
        aliases = pseudonyms.aliases_for(annotator, reader_locale(request))
    except MoueError as e:
        return refusal(request, 503, e.message)
    if not aliases:
        return answer
    kept = {name: value for name, value in answer.headers.items() if name not in ("content-length", "content-type")}
    return JSONResponse(hide(json.loads(bytes(answer.body)), aliases), answer.status_code, kept)
