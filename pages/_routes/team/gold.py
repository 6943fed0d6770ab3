"""POST /api/gold: the face in the inspector gets a known answer, or has none any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from db.store.store import Db
from db.team import gold
from pages._routes import _guard
from pages._routes._batch import RequestError
from pages._routes.team import _object
from pages._server import workspace
from pages._server.refusal import refusal
from pipeline.core.errors import DecisionError, MoueError, UsageError
from pipeline.core.records import Verdict

_ID: Final = 64
_NONE: Final = "none"
_ANSWERS: Final = (*(str(one) for one in (Verdict.ACCEPT, Verdict.REJECT, Verdict.UNSURE)), _NONE)


@_guard.may("gold")
async def known(request: Request, annotator: str) -> JSONResponse:
    """{"face_id", "verdict": "accept", "reject", "unsure" or "none", "class_id"?, "reason"?}: 200 {"gold": whether it
    is some}, only after the commit. With "none" it is gold no more, and what counts stays.

    400 malformed or refused, 401 unsigned, 403 foreign origin or role, 413, 415, 503 storage.
    """
    try:
        body = await _object.read_object(request)
        face_id, verdict = _object.text(body, "face_id", _ID), _object.choice(body, "verdict", _ANSWERS)
        class_id = None if body.get("class_id") is None else _object.whole(body, "class_id")
        reason = None if body.get("reason") is None else _object.text(body, "reason", _ID)
        work = _work(annotator, face_id, verdict, class_id, reason)
        return JSONResponse({"gold": await asyncio.wrap_future(workspace.get_store().submit(work))})
    except RequestError as e:
        return refusal(request, e.status, e.problem)
    except (DecisionError, UsageError) as e:
        return refusal(request, 400, e.message)
    except MoueError as e:
        return refusal(request, 503, e.message)


def _work(annotator: str, face_id: str, verdict: str, class_id: int | None, reason: str | None) -> Callable[[Db], bool]:
    def work(db: Db) -> bool:
        if verdict == _NONE:
            gold.remove_gold(db, face_id, annotator)
            return False
        gold.make_gold_as(db, face_id, annotator, Verdict(verdict), class_id, reason)
        return True

    return work


routes: Final = [Route("/api/gold", known, methods=["POST"])]
