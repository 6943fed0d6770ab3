"""POST /api/sign-in and /api/sign-out: set and delete the signed cookie, which a Streamlit form cannot do."""

from __future__ import annotations

import json
from typing import Final, Literal, TypedDict

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from db.tables.annotators import clean_name, ensure_annotator, list_annotators, name_of_identity
from pages._routes import _guard
from pages._server import identity, workspace
from pages._server.auth_mode import mode
from pages._server.refusal import refusal
from pages._server.scripts.rates import Limiter
from pipeline.core.errors import SignInError, StorageError
from pipeline.core.messages import message
from pipeline.core.names import find_name

_MAX_BODY: Final = 4096
A_MINUTE: Final = 120
"""Sign-ins from one address: thirty people behind one router may all come at once, a script that makes up names not."""
_limiter: Final = Limiter(lambda: A_MINUTE)


class _Flags(TypedDict):
    path: str
    httponly: bool
    samesite: Literal["strict"]
    secure: bool


@_guard.from_own_page
async def sign_in(request: Request) -> JSONResponse:
    """JSON {"name"} in local mode, {"ticket"} after `st.login`. 200 {"name"} and the cookie; 429 too often.

    409 {"known"} where somebody is known whose name differs in case or width alone: "sure": true says that it is them.
    """
    if wait := _limiter.wait_s(request.client.host if request.client else ""):
        refused = refusal(request, 429, message("requests_too_many", n=wait))
        refused.headers["Retry-After"] = str(wait)
        return refused
    if not request.headers.get("content-type", "").startswith("application/json"):
        return refusal(request, 415, message("request_not_declared_json"))
    try:
        body = await _small_json(request)
        known = await anyio.to_thread.run_sync(_almost_known, body)
        if known is not None:
            return refusal(request, 409, message("sign_in_almost_known", name=known), known=known)
        name = await anyio.to_thread.run_sync(_sign_in, body)
    except SignInError as e:
        return refusal(request, 400, e.message)
    except StorageError as e:
        return refusal(request, 503, e.message)
    answer = JSONResponse({"name": name})
    cookie = identity.sign(name)
    answer.set_cookie(cookie.name, cookie.value, max_age=identity.MAX_AGE_S, **_flags(request))
    return answer


@_guard.from_own_page
async def sign_out(request: Request) -> JSONResponse:
    answer = JSONResponse({})
    answer.delete_cookie(identity.cookie_name(), **_flags(request))
    return answer


async def _small_json(request: Request) -> dict[str, object]:
    data = b""
    async for chunk in request.stream():
        data += chunk
        if len(data) > _MAX_BODY:
            raise SignInError(message("request_too_long"))
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as e:
        raise SignInError(message("request_not_json")) from e
    if not isinstance(body, dict):
        raise SignInError(message("request_not_object"))
    return body


def _almost_known(body: dict[str, object]) -> str | None:
    """Who is known by the typed name in another case or width; None where nothing is to
    be asked."""
    if mode() != "local" or body.get("sure") is True:
        return None
    name = clean_name(str(body.get("name") or ""))
    known = find_name(name, workspace.get_store().read(list_annotators))
    return None if known == name else known


def _sign_in(body: dict[str, object]) -> str:
    """The name under which somebody decides from now on, known to the workspace. Raises SignInError, StorageError."""
    store = workspace.get_store()
    if mode() == "local":
        name = clean_name(str(body.get("name") or ""))
        return store.write(lambda db: ensure_annotator(db, name))
    if mode() == "oidc":
        person = identity.redeem(str(body.get("ticket") or ""))
        if person is None:
            raise SignInError(message("sign_in_expired"))
        return store.write(lambda db: name_of_identity(db, person.issuer, person.subject, person.name))
    raise SignInError(message("proxy_signs_in"))


def _flags(request: Request) -> _Flags:
    return {"path": "/", "httponly": True, "samesite": "strict", "secure": request.url.scheme == "https"}


routes: Final = [
    Route("/api/sign-in", sign_in, methods=["POST"]),
    Route("/api/sign-out", sign_out, methods=["POST"]),
]
