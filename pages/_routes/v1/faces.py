"""Faces, a page at a time or one, as the caller may see them; and their crops."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from db.listing import asked, faces
from db.listing.faces import ListedFace
from db.projection.filters import NOTES, OUTCOMES
from db.store.store import Db
from pages._routes._batch import RequestError
from pages._routes.v1.operation import Caller, Operation, Parameter
from pages._server import workspace
from pipeline.core.errors import MoueError
from pipeline.core.messages import message

MOST: Final = 500
USUAL: Final = 100
_FACE_ID: Final = r"^[0-9a-f]{32}$"
_TEXT: Final = {"type": "string", "maxLength": 200}
_FLAG: Final = {"enum": ["0", "1"]}


@dataclass(frozen=True, slots=True)
class FacePage:
    """total: all that pass the filter. next: `after` of the next page, null behind the last one."""

    faces: tuple[ListedFace, ...]
    total: int
    next: str | None


async def list_faces(request: Request, caller: Caller, _body: None) -> FacePage:
    given = dict(request.query_params)
    after, size = given.pop("after", None), _size(given.pop("size", str(USUAL)))

    def work(db: Db) -> FacePage:
        wanted = asked.filter_for(db, caller.annotator, given, caller.role)
        page = faces.page(db, caller.annotator, wanted, size, after)
        return FacePage(page.items, page.total, page.last if page.has_next else None)

    return await anyio.to_thread.run_sync(lambda: workspace.get_store().read(work))


async def one_face(request: Request, caller: Caller, _body: None) -> ListedFace:
    ids = [_id_of(request)]
    work = partial(faces.some, viewer=caller.annotator, face_ids=ids)
    found = await anyio.to_thread.run_sync(lambda: workspace.get_store().read(work))
    if not found:
        raise RequestError(404, message("face_not_here"))
    return found[0]


async def crop(request: Request, _caller: Caller, _body: None) -> Response:
    face_id = _id_of(request)
    there = await anyio.to_thread.run_sync(lambda: workspace.get_store().read(partial(faces.has_crop, face_id=face_id)))
    if not there:
        raise RequestError(404, message("face_not_here"))
    try:
        png = await anyio.to_thread.run_sync(workspace.blobs().read, "crops", face_id, "png")
    except MoueError as e:
        raise RequestError(404, e.message) from e
    headers = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    return Response(png, media_type="image/png", headers=headers)


def _size(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or not 1 <= int(text) <= MOST:
        raise RequestError(400, message("field_malformed", name="size", wanted=f"1–{MOST}"))
    return int(text)


def _id_of(request: Request) -> str:
    face_id = str(request.path_params["id"])
    if not re.fullmatch(_FACE_ID, face_id):
        raise RequestError(400, message("face_id_malformed", face=face_id))
    return face_id


def _query(name: str, description: str, schema: dict[str, Any] | None = None) -> Parameter:
    return Parameter(name, description, schema or _TEXT)


FILTERS: Final = (
    _query("state", "undecided, waiting, waiting:<why>, accepted, rejected, unsure, all (if it is left out) or"
           " class:<name or number>"),
    _query("order", "import (as they came), proposal, a figure's name (least first; most first behind a -), doubtful,"
           " like:<face id>, looks:<face id>, uncertain, random, mix or typical:<class number>"),
    _query("source", "number of a source", {"type": "string", "pattern": "^[0-9]{1,15}$"}),
    _query("proposal", "class that the folder proposes, by name or number"),
    _query("outcome", "what became of the photo", {"enum": list(OUTCOMES)}),
    _query("annotator", "who made the decision that counts"),
    _query("since", "decided at this instant or later: 2026-01-31T23:00Z"),
    _query("until", "decided before this instant"),
    _query("disagreement", "1: two people's answers differ", _FLAG),
    _query("licence", "of the photo's first web page"),
    _query("notes", "with notes", {"enum": list(NOTES)}),
    _query("pair", "what two people answered, as the address of Review says it"),
    _query("suggested", "class that is suggested, by name or number"),
    _query("confidence", "how probable the suggestion is: 0.5:0.9, one end may be empty"),
    _query("quality", "ranges of figures: sharpness:20:,side:40:300"),
    _query("outside", "1: those that fall out of a range", _FLAG),
)  # fmt: skip
"""Those of Review's address."""
_PAGING: Final = (
    _query("size", f"faces a page, {USUAL} if it is left out",
           {"type": "integer", "minimum": 1, "maximum": MOST}),
    _query("after", "`next` of the page before", {"type": "string", "maxLength": 60}),
)  # fmt: skip
_ID: Final = Parameter("id", "of the face", {"type": "string", "pattern": _FACE_ID}, "path")

operations: Final = (
    Operation("GET", "/faces", "listFaces", "see", "Faces that pass a filter, a page at a time", list_faces, FacePage,
              parameters=(*FILTERS, *_PAGING), refusals=(400,)),
    Operation("GET", "/faces/{id}", "getFace", "see", "One face", one_face, ListedFace, parameters=(_ID,),
              refusals=(400, 404)),
    Operation("GET", "/faces/{id}/crop", "getCrop", "see", "Its mouth, as it was cut", crop, "image/png",
              parameters=(_ID,), refusals=(400, 404)),
)  # fmt: skip
