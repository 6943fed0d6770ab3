"""GET /api/changes: polled by open pages to see other annotators' decisions."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from db.base.clock import now_seconds
from db.decisions.changes import Changes, changes_since, mark_of, newest_seq
from db.reads.review import newest_face
from db.store.store import Db
from db.team import blind
from db.team.claims import state_of_claims
from pages._routes import _guard
from pages._server import workspace
from pages._server.refusal import refusal
from pipeline.core.errors import MoueError
from pipeline.core.messages import message

_NUMBER: Final = re.compile(r"\d{1,15}")


@dataclass(frozen=True, slots=True)
class _Polled:
    """What a query found. mark: of the database (see `changes.mark_of`) before it. seq: of its newest decision. face:
    the seq of its newest face. claims: see `claims.state_of_claims`; ends: when the next of them does, seconds since
    1970."""

    mark: tuple[int, int]
    seq: int
    face: int
    claims: str
    ends: int | None

    def holds(self, mark: tuple[int, int], after: int) -> bool:
        return (self.mark, self.seq) == (mark, after) and (self.ends is None or now_seconds() < self.ends)


_last_polled: Final[dict[Path, _Polled]] = {}
"""For each database. Most polls find nothing new; with this they cost neither a thread nor a query."""


@_guard.may("see")
async def changes(request: Request, annotator: str) -> JSONResponse:
    """`?after=<seq>` answers {"seq", "faces": [state…], "many"}; without `after`, only the log's newest seq.

    many: there are more changes after `seq`, ask again from there. claims: a text that is another one whenever anybody
    claims a batch, gives it back or loses it; left out while there is none. `&face=<seq>`, the newest face that the
    page knows: newest_face is the seq of the newest one, left out where none is newer.
    401 unsigned, 400 not a number, 503 storage.
    """
    after, face = request.query_params.get("after"), request.query_params.get("face")
    if not all(_NUMBER.fullmatch(number) for number in (after, face) if number is not None):
        return refusal(request, 400, message("changes_after"))
    known = None if face is None else int(face)
    try:
        file = workspace.get_store().file
        mark = mark_of(file)
        last = _last_polled.get(file)
        if mark is not None and after is not None and last is not None and last.holds(mark, int(after)):
            return _answer(Changes(last.seq), last.claims, known, last.face)
        found, newest, claimed, ends = await anyio.to_thread.run_sync(
            _load, annotator, None if after is None else int(after)
        )
    except MoueError as e:
        return refusal(request, 503, e.message)
    if mark is not None and not found.more:
        _last_polled[file] = _Polled(mark, found.seq, newest, claimed, ends)
    return _answer(found, claimed, known, newest)


def _answer(found: Changes, claimed: str, known: int | None, newest: int) -> JSONResponse:
    answer: dict[str, Any] = {"seq": found.seq, "faces": [face.as_dict() for face in found.faces], "many": found.more}
    if claimed:
        answer["claims"] = claimed
    if known is not None and newest > known:
        answer["newest_face"] = newest
    return JSONResponse(answer, headers={"Cache-Control": "private, no-store"})


def _load(annotator: str, after: int | None) -> tuple[Changes, int, str, int | None]:
    def work(db: Db) -> tuple[Changes, int, str, int | None]:
        found = Changes(newest_seq(db)) if after is None else changes_since(db, after)
        seen = blind.visible_states(db, annotator, [face.face_id for face in found.faces])
        return replace(found, faces=seen), newest_face(db), *state_of_claims(db)

    return workspace.get_store().read(work)


route: Final = Route("/api/changes", changes, methods=["GET"])
