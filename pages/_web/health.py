"""GET /api/ready: what a supervisor, a proxy or a monitor asks. It needs no name and tells no contents.

GET /api/alive, which open pages ask, says whether the process answers and the workspace is at its place; this one does
the work: the database is read and its writer takes a turn.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from db.tables import classes
from pages._server import workspace
from pages._server.refusal import refusal
from pages._web.stopping import is_stopping
from pipeline.core.errors import MoueError
from pipeline.core.messages import message

PATIENCE_S: Final = 5.0
_NEVER_KEPT: Final = {"Cache-Control": "no-store"}


async def ready(request: Request) -> Response:
    """200 {"status": "ready"}; 503 and why where the database cannot be read, its writer does not get its turn, or the
    server stops."""
    if is_stopping():
        return refusal(request, 503, message("server_stopping"))
    try:
        with anyio.fail_after(PATIENCE_S):
            await anyio.to_thread.run_sync(_work, abandon_on_cancel=True)
    except MoueError as e:
        return refusal(request, 503, e.message.map_scalars(lambda value: Path(str(value)).name))  # not where it lies
    except TimeoutError:
        return refusal(request, 503, message("writer_is_late", seconds=round(PATIENCE_S)))
    return JSONResponse({"status": "ready"}, headers=_NEVER_KEPT)


def _work() -> None:
    if workspace.several() is not None:
        return  # each is opened when somebody first goes there
    store = workspace.get_store()
    store.read(classes.list_classes)
    store.await_writer()


route: Final = Route("/api/ready", ready, methods=["GET"])
