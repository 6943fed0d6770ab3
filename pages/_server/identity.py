"""Who is asking: one function, `identify`, for pages and routes.

MOUE_AUTH=local (default): a name typed once, kept in a signed cookie. MOUE_AUTH=header: a proxy that may (see
`gate`) passes the name in MOUE_AUTH_HEADER (default X-Forwarded-User). MOUE_AUTH=oidc: `st.login`; the page then trades
the provider's word for the same signed cookie, so that the routes know it too. A cookie of one mode is none of another.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import streamlit as st
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import JSONResponse

from db.tables.annotators import clean_name
from pages._server import gate, workspace
from pages._server.auth_mode import mode
from pages._server.refusal import refusal
from pipeline.core.errors import SignInError
from pipeline.core.messages import message

MAX_AGE_S: Final = 180 * 24 * 3600
TICKET_AGE_S: Final = 120
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Cookie(NamedTuple):
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ProviderIdentity:
    """Who somebody is to an OIDC provider: issuer and subject never change, the name is for show."""

    issuer: str
    subject: str
    name: str


def identify(cookies: Mapping[str, str], headers: Mapping[str, str]) -> str | None:
    """The annotator's name, or None for somebody who has not signed in. Both mappings as the request has them."""
    if mode() == "header":
        given = gate.admitted_name(headers)
    else:
        given = _unsign(cookies.get(cookie_name(), ""), "annotator", MAX_AGE_S) or ""
    try:
        return clean_name(given) if given else None
    except SignInError:
        return None


def annotator_of(request: Request) -> str | None:
    """`identify` for a route."""
    return identify(request.cookies, request.headers)


def cookie_name() -> str:
    """`moue_annotator_<workspace>`: cookies ignore ports, so two servers on one machine need two names.

    A workspace that was copied has the other one's key: among several, the name is part of it.
    """
    named = f"{workspace.secret_key()}{workspace.current() or ''}"
    return f"moue_annotator_{hashlib.sha256(named.encode()).hexdigest()[:8]}"


def sign(name: str) -> Cookie:
    """The cookie that makes `identify` answer `name`."""
    return Cookie(cookie_name(), _serializer("annotator").dumps(name))


def ticket(person: ProviderIdentity) -> str:
    """A short-lived proof, for the sign-in route, that `st.login` knows this person."""
    return _serializer("ticket").dumps(json.dumps([person.issuer, person.subject, person.name]))


def redeem(given: str) -> ProviderIdentity | None:
    """The person of a `ticket`; None for a ticket that is none, or too old."""
    found = _unsign(given, "ticket", TICKET_AGE_S)
    return ProviderIdentity(*json.loads(found)) if found else None


def unsigned(request: Request) -> JSONResponse:
    return refusal(request, 401, message("sign_in_first"))


def check_origin(request: Request) -> JSONResponse | None:
    """None for a POST or PUT that one of our own pages sent; else the 403 to answer with.

    Browsers always send Origin with POST and PUT. Where MOUE_ORIGIN names addresses, it must be one of them. In local
    mode on a loopback address the Host must be this machine as well: else a stranger's domain that resolves to
    127.0.0.1 could sign itself in.
    """
    host = request.headers.get("host", "")
    given = request.headers.get("origin", "")
    if gate.origins():
        foreign = given.lower() not in gate.origins()
        return refusal(request, 403, message("origin_elsewhere", origin=gate.origins()[0])) if foreign else None
    origin = urlsplit(given)
    if not host or origin.scheme not in ("http", "https") or origin.netloc.lower() != host.lower():
        return refusal(request, 403, message("origin_foreign"))
    if mode() == "local" and bound_to_loopback():
        extra = {name.strip().lower() for name in os.environ.get("MOUE_HOSTS", "").split(",")}
        if (urlsplit(f"//{host}").hostname or "") not in _LOOPBACK | extra:
            return refusal(request, 403, message("host_foreign", host=host))
    return None


def bound_to_loopback() -> bool:
    return str(st.get_option("server.address") or "") in _LOOPBACK


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    name = workspace.current()
    salt = f"moue.{mode()}.{purpose}" + (f".{name}" if name else "")
    return URLSafeTimedSerializer(workspace.secret_key(), salt=salt)


def _unsign(value: str, purpose: str, max_age: int) -> str | None:
    if not value:
        return None
    try:
        found = _serializer(purpose).loads(value, max_age=max_age)
    except BadSignature:
        return None
    return found if isinstance(found, str) else None
