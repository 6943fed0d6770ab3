"""Who a script is: the token in `Authorization: Bearer moue_…`, of one workspace, person and role."""

from __future__ import annotations

import time
from collections.abc import Hashable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from db.base.clock import now_iso
from db.store.store import Db
from db.tables import roles as roles_table
from db.tables.access import tokens
from pages._server import workspace
from pages._server.refusal import refusal
from pages._server.scripts.rates import Limiter, requests_a_minute
from pipeline.core import roles
from pipeline.core.messages import Message, message
from pipeline.core.roles import LOWEST, ROLES, Action, Role

NOTED_EVERY_S: Final = 60.0
FAILURES_A_MINUTE: Final = 30
"""Tokens that are none, by one address, before it is told to wait."""
_limiter: Final = Limiter(requests_a_minute)
_failures: Final = Limiter(lambda: FAILURES_A_MINUTE)
_noted: Final[dict[tuple[Path, int], float]] = {}
"""By workspace and token: when its use was noted last."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """The person that a script speaks for, and what it may do: the token's role, or the person's if that is less."""

    annotator: str
    role: Role


def given(request: Request) -> str | None:
    """The token that the request carries, None where it carries none of ours: a proxy may send its own."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    secret = secret.strip()
    return secret if scheme.lower() == "bearer" and secret.startswith(tokens.PREFIX) else None


def admit(request: Request, secret: str) -> Bearer | Response:
    """Who it is, or the 401 or 429 to answer with. Raises MoueError where that cannot be read."""
    root, store = workspace.root(), workspace.get_store()

    def work(db: Db) -> tuple[int, Bearer] | None:
        found = tokens.find(db, secret)
        if found is None or not found.holds(now_iso()):
            return None
        own = roles_table.role_of(db, found.annotator)
        return found.id, Bearer(found.annotator, min(found.role, own, key=ROLES.index))

    admitted = store.read(work)
    if admitted is None:
        client = request.client.host if request.client else ""
        return _limited(request, _failures, (root, client)) or refusal(request, 401, message("token_refused"))
    token_id, bearer = admitted
    if (too_fast := _limited(request, _limiter, (root, token_id))) is not None:
        return too_fast
    now = time.monotonic()
    if now - _noted.get((root, token_id), -NOTED_EVERY_S) >= NOTED_EVERY_S:
        _noted[root, token_id] = now
        store.submit(partial(tokens.note_use, token_id=token_id))  # nobody waits for that
    return bearer


def refusal_of(bearer: Bearer, action: Action) -> Message | None:
    """Why this token may not do it, None where it may."""
    if roles.may(bearer.role, action):
        return None
    needed = message(f"role_{LOWEST[action]}")
    return message("token_above_role", role=message(f"role_{bearer.role}"), needed=needed)


def _limited(request: Request, limiter: Limiter, who: Hashable) -> Response | None:
    seconds = limiter.wait_s(who)
    if not seconds:
        return None
    answer = refusal(request, 429, message("requests_too_many", n=seconds))
    answer.headers["Retry-After"] = str(seconds)
    return answer
