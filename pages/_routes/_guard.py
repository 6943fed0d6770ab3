"""Decorators that check origin and sign-in before a route runs."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from pages._server import identity

Endpoint = Callable[[Request], Awaitable[Response]]
AnnotatorEndpoint = Callable[[Request, str], Awaitable[Response]]

CHANGING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
"""The HTTP methods of requests that change something, whose origin is checked."""
own_origin_only: Final[set[Endpoint]] = set()
"""The endpoints made by `from_own_page`."""
annotators_only: Final[set[Endpoint]] = set()
"""The endpoints made by `for_annotator`."""


def from_own_page(endpoint: Endpoint) -> Endpoint:
    """Answer 403 to a request that changes something and does not come from one of Moue's own pages."""

    @functools.wraps(endpoint)
    async def checked(request: Request) -> Response:
        refused = identity.check_origin(request) if request.method in CHANGING else None
        return refused if refused is not None else await endpoint(request)

    own_origin_only.add(checked)
    return checked


def for_annotator(endpoint: AnnotatorEndpoint) -> Endpoint:
    """Like `from_own_page`, and 401 without a sign-in; `endpoint` gets the annotator's name as second argument."""

    @functools.wraps(endpoint)
    async def signed_in(request: Request) -> Response:
        annotator = identity.annotator_of(request)
        return identity.unsigned(request) if annotator is None else await endpoint(request, annotator)

    checked = from_own_page(signed_in)
    annotators_only.add(checked)
    return checked
