"""POST /api/predictions: what another model says of the faces, as a CSV file; never decisions or labels."""

from __future__ import annotations

from typing import Any, Final

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pages._routes import _guard
from pages._routes._batch import RequestError, read_bytes
from pages._server import workspace
from pages._server.refusal import reader_locale, refusal
from pages._words import recorded
from pipeline.actions.suggest.predictions import Taken, take_predictions
from pipeline.core.errors import MoueError, UsageError
from pipeline.core.messages import message

MAX_BYTES: Final = 64 * 1024 * 1024
MOST_TOLD: Final = 200
"""Refused rows that an answer lists; it counts all of them."""


@_guard.may("predictions")
async def predictions(request: Request, annotator: str) -> JSONResponse:
    """`?suggester=NAME&version=V&name=FILE`, the file's bytes as the body: 200 {"suggester", "version", "faces",
    "repeats"} after the commit, or 422 {"refused": [{"line", "error"}, …], "n": all of them} where a row is refused:
    nothing was taken then.

    400 no such file or name, 401 unsigned, 403 foreign origin or role, 413 too long, 503 storage.
    """
    asked = {name: request.query_params.get(name, "") for name in ("suggester", "version", "name")}
    try:
        data = await read_bytes(request, MAX_BYTES, message("predictions_too_large", most=MAX_BYTES))

        def work() -> Taken:
            file = asked["name"] or "predictions.csv"
            version = asked["version"] or "1"
            return take_predictions(workspace.get_store(), data, file, asked["suggester"], version, by=annotator)

        done = await anyio.to_thread.run_sync(work)
    except RequestError as e:
        return refusal(request, e.status, e.problem)
    except UsageError as e:
        return refusal(request, 400, e.message)
    except MoueError as e:
        return refusal(request, 503, e.message)
    if done.refused:
        return _refused(request, done)
    told: dict[str, Any] = {"suggester": done.suggester, "version": done.version}
    return JSONResponse({**told, "faces": done.faces, "repeats": done.repeats})


def _refused(request: Request, done: Taken) -> JSONResponse:
    locale = reader_locale(request)
    rows = [{"line": one.params["line"], "error": recorded.translate(one, locale)} for one in done.refused[:MOST_TOLD]]
    count = len(done.refused)
    return refusal(request, 422, message("predictions_refused", n=count), refused=rows, n=count)


routes: Final = [Route("/api/predictions", predictions, methods=["POST"])]
