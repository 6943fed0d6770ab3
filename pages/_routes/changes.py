"""GET /api/changes: polled by open pages to see other annotators' decisions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from db.decisions.changes import Changes, changes_since, mark_of, newest_seq
from pages._routes import _guard
from pages._server import workspace
from pages._server.refusal import refusal
from pipeline.core.errors import MoueError
from pipeline.core.messages import message

_NUMBER: Final = re.compile(r"\d{1,15}")
_last_polled: Final[dict[Path, tuple[tuple[int, int], int]]] = {}
"""For each database: its mark (see `changes.mark_of`) at the last query, and the seq of its newest decision then. Most
polls find nothing new; with this they cost neither a thread nor a query."""


@_guard.for_annotator
async def changes(request: Request, _annotator: str) -> JSONResponse:
    """`?after=<seq>` answers {"seq", "faces": [state…], "many"}; without `after`, only the log's newest seq.

    many: there are more changes after `seq`, ask again from there. 401 unsigned, 400 not a number, 503 storage.
    """
    after = request.query_params.get("after")
    if after is not None and not _NUMBER.fullmatch(after):
        return refusal(request, 400, message("changes_after"))
    try:
        file = workspace.get_store().file
        mark = mark_of(file)
        if mark is not None and after is not None and _last_polled.get(file) == (mark, int(after)):
            return _uncached({"seq": int(after), "faces": [], "many": False})
        found = await anyio.to_thread.run_sync(_load, None if after is None else int(after))
    except MoueError as e:
        return refusal(request, 503, e.message)
    if mark is not None and not found.more:
        _last_polled[file] = (mark, found.seq)
    return _uncached({"seq": found.seq, "faces": [asdict(face) for face in found.faces], "many": found.more})


def _uncached(answer: Mapping[str, Any]) -> JSONResponse:
    return JSONResponse(answer, headers={"Cache-Control": "private, no-store"})


def _load(after: int | None) -> Changes:
    store = workspace.get_store()
    return store.read(lambda db: Changes(newest_seq(db)) if after is None else changes_since(db, after))


route: Final = Route("/api/changes", changes, methods=["GET"])
