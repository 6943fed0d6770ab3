"""POST /api/slips/kept: a label that looked like a slip was looked at, and stays."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from db.store.store import Db
from db.suggest import slips
from pages._routes import _guard
from pages._routes._batch import RequestError
from pages._routes.team import _object
from pages._server import workspace
from pages._server.refusal import refusal
from pipeline.core.errors import DecisionError, MoueError

_YES_NO: Final = ("yes", "no")
_ID: Final = 64


@_guard.may("label")
async def kept(request: Request, annotator: str) -> JSONResponse:
    """{"face_id", "class_id": its label, "kept": "yes", or "no" to take that back}: 200 {"kept"}, after the commit.

    A repeat changes nothing. 400 malformed, or the face carries another label; 401 unsigned, 403 foreign origin or
    role, 413, 415, 503 storage.
    """
    try:
        body = await _object.read_object(request)
        face_id, class_id = _object.text(body, "face_id", _ID), _object.whole(body, "class_id")
        keeps = _object.choice(body, "kept", _YES_NO) == "yes"

        def work(db: Db) -> None:
            if keeps:
                slips.keep(db, annotator, face_id, class_id)
            else:
                slips.take_back(db, annotator, face_id)

        await asyncio.wrap_future(workspace.get_store().submit(work))
    except RequestError as e:
        return refusal(request, e.status, e.problem)
    except DecisionError as e:
        return refusal(request, 400, e.message)
    except MoueError as e:
        return refusal(request, 503, e.message)
    return JSONResponse({"kept": keeps})


routes: Final = [Route("/api/slips/kept", kept, methods=["POST"])]
