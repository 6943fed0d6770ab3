"""GET /api/audit.csv: what was done here, newest first, as a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

import anyio
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from db.team import history
from db.team.history import Wanted
from pages._routes import _guard
from pages._server import workspace
from pages._server.refusal import refusal
from pipeline.core.messages import message
from pipeline.files.safe_csv import csv_lines

_NAMES: Final = ("annotator", "action", "since", "until")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z|")


@_guard.may("see_audit")
async def audit_csv(request: Request, _annotator: str) -> Response:
    """`?annotator=&action=&since=&until=` (UTC): at, who, action, params as JSON. 400 for a time that is none; what
    cannot be read on its way cuts the table off."""
    asked = {name: request.query_params.get(name, "") for name in _NAMES}
    if not all(_TIME.fullmatch(asked[name]) for name in ("since", "until")):
        return refusal(request, 400, message("time_malformed"))
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": 'attachment; filename="audit.csv"'}
    lines = _lines(Wanted(**asked))
    first = await anyio.to_thread.run_sync(lambda: list(islice(lines, 2)))  # before an answer has begun
    return StreamingResponse(chain(first, lines), media_type="text/csv; charset=utf-8", headers=headers)


def _lines(wanted: Wanted) -> Iterator[str]:
    return csv_lines(history.table(workspace.get_store().read, wanted))


routes: Final = [Route("/api/audit.csv", audit_csv, methods=["GET"])]
