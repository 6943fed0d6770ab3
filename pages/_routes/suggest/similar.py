"""POST /api/similar: the stored mouths that look most like the one on a photo, as a kept selection.

The photo is decoded, and its face found and described, by `python -m pipeline similar -`: a process of its own, which
gets the bytes by its standard input. Neither it nor this server writes any of them.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
from typing import Any, Final

import anyio
import anyio.to_thread
import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from db.projection import selections
from pages._routes import _guard
from pages._routes._batch import RequestError, read_bytes
from pages._server import workspace
from pages._server.command import command_line, environment
from pages._server.refusal import refusal
from pipeline.core.errors import MoueError, last_message
from pipeline.core.messages import message

MOST_BYTES: Final = 64 * 1024 * 1024
MOST: Final = 200
"""Mouths of a selection."""
PATIENCE_S: Final = 120.0
"""That a photo may take: its process needs a second or two, more on a busy machine."""
_turn: Final = asyncio.Semaphore(1)
"""One photo at a time, whoever sends it: each is a process with models of its own."""


@_guard.may("views")
async def similar(request: Request, annotator: str) -> JSONResponse:
    """The photo's bytes as the body: 200 {"id", "faces": kept, "nearest": face id, "on_photo": faces of the photo},
    after the commit; Review shows them as `?selection=<id>&order=looks:<nearest>`.

    422 no photo, no face on it, none described here; 401, 403, 413, 503 storage, or it took too long.
    """
    try:
        data = await read_bytes(request, MOST_BYTES, message("similar_too_large", most=MOST_BYTES))
        async with _turn:
            found = await anyio.to_thread.run_sync(_ask, data)
        near = found["near"]
        seqs = np.array([one["seq"] for one in near], np.int64)
        made = await asyncio.wrap_future(workspace.get_store().submit(lambda db: selections.save(db, annotator, seqs)))
    except RequestError as e:
        return refusal(request, e.status, e.problem)
    except MoueError as e:
        return refusal(request, 503, e.message)
    told = {"faces": len(near), "nearest": near[0]["face_id"], "on_photo": found["faces_on_photo"]}
    return JSONResponse({"id": made, **told})


def _ask(data: bytes) -> dict[str, Any]:
    """What the command says. Raises RequestError with its last words."""
    words = ["-", "--most", str(MOST), "--json", "--workspace", str(workspace.root())]
    try:
        done = subprocess.run(
            command_line("similar", *words), input=data, capture_output=True, timeout=PATIENCE_S, check=False,
            env=environment(),
        )  # fmt: skip
    except subprocess.TimeoutExpired as e:
        raise RequestError(503, message("similar_too_long", n=PATIENCE_S)) from e
    except OSError as e:
        raise RequestError(503, message("similar_failed", why=e.strerror or e)) from e
    if done.returncode == 0:
        found: dict[str, Any] = json.loads(done.stdout)
        if found["near"]:
            return found
        raise RequestError(422, message("similar_nothing_described"))
    why = last_message(done.stderr.decode("utf-8", "replace"))
    raise RequestError(422, message("similar_failed", why=why or message("process_ended", n=done.returncode)))


routes: Final = [Route("/api/similar", similar, methods=["POST"])]
