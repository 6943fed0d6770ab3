"""The map: GET /api/map (all points), GET /api/map/faces (ids of some), POST /api/selections (keep a set).

The points come as one binary answer, little endian: a uint32, the length of the JSON that follows (padded with spaces
to whole words), then one array after another of `n` numbers each: seq (uint32), and as uint16 x, y, state, suggested,
confidence, source, person. NONE: there is no such value.
"""

from __future__ import annotations

import asyncio
import json
import re
import struct
from typing import Any, Final

import anyio.to_thread
import numpy as np
import numpy.typing as npt
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from db.people import persons
from db.projection import columns, looks, selections
from db.projection.columns import Column
from db.reads.lookup import faces_of_seqs
from db.reads.sources import list_sources
from db.store.store import Db
from db.team.blind import VisibleFaces
from pages._routes import _guard
from pages._routes._batch import RequestError, read_bytes
from pages._server import workspace
from pages._server.refusal import reader_locale, refusal
from pages._words import vocabulary
from pipeline.core.errors import MoueError, UsageError
from pipeline.core.messages import message
from pipeline.core.metrics import MISSING

NONE: Final = 65535
MOST: Final = 200_000
"""Points that are sent; of more faces an even share is."""
MOST_SELECTED: Final = 1_000_000
MOST_ASKED: Final = 256
_SIDE: Final = 65_000
"""Places are whole numbers from 0 to this; both axes have one scale, so distances stay what they are."""
_SEQS: Final = re.compile(r"[0-9]{1,12}(,[0-9]{1,12})*")
_Words = npt.NDArray[np.uint16]


@_guard.may("see")
async def points(request: Request, annotator: str) -> Response:
    """200 with all points; 401 unsigned, 403 role, 503 storage."""
    try:
        locale, store = reader_locale(request), workspace.get_store()
        data = await anyio.to_thread.run_sync(lambda: store.read(lambda db: packed(db, annotator, locale)))
    except MoueError as e:
        return refusal(request, 503, e.message)
    return Response(data, media_type="application/octet-stream", headers={"Cache-Control": "no-store"})


def packed(db: Db, who: str, locale: str = "en") -> bytes:
    """The answer's bytes: the faces that are described and listed, as this person may see them. locale: of sources."""
    faces = VisibleFaces(db, who)
    found, state = looks.stored(db), faces.column("state")
    both = min(len(state), len(found.known))
    seqs = np.flatnonzero(found.known[:both] & (state[:both] != columns.ABSENT))
    described = len(seqs)
    if described > MOST:
        seqs = seqs[np.linspace(0, described - 1, MOST).astype(np.intp)]
    sources, of_seq, names = list_sources(db), persons.person_of_seqs(db), persons.names(db)
    known = sorted(set(of_seq.values()) & names.keys())
    head: dict[str, Any] = {
        "n": len(seqs),
        "described": described,
        "faces": int(np.count_nonzero(state != columns.ABSENT)),
        "sources": [vocabulary.source_words(one.kind, one.location, locale) for one in sources],
        "persons": [names[one] or f"#{one}" for one in known],
    }
    text = json.dumps(head, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 4)
    places = _places(found.rows[seqs, :2])
    source = _coded(faces.column("source")[seqs], [one.id for one in sources])
    told = [_words(faces.column(name)[seqs]) for name in ("state", "suggested", "confidence")]
    person = _coded(np.array([of_seq.get(seq, MISSING) for seq in seqs.tolist()], np.int32), known)
    arrays = [one.astype("<u2").tobytes() for one in (places[:, 0], places[:, 1], *told, source, person)]
    return b"".join([struct.pack("<I", len(text)), text, seqs.astype("<u4").tobytes(), *arrays])


def _places(rows: npt.NDArray[np.float32]) -> _Words:
    """(n, 2) whole numbers of the first two principal components, which the stored vectors begin with."""
    if not len(rows):
        return np.zeros((0, 2), np.uint16)
    low = rows.min(axis=0)
    span = max(float((rows.max(axis=0) - low).max()), 1e-9)
    found: _Words = ((rows - low) / span * _SIDE).round().astype(np.uint16)
    return found


def _words(values: Column) -> _Words:
    return np.where((values == MISSING) | (values < 0), NONE, np.minimum(values, NONE - 1)).astype(np.uint16)


def _coded(values: Column, known: list[int]) -> _Words:
    """The place of each value in `known`, which ascends or not."""
    ids = np.array(known or [MISSING], np.int64)
    order = np.argsort(ids)
    at = np.minimum(np.searchsorted(ids, values, sorter=order), len(ids) - 1)
    return np.where(ids[order[at]] == values, order[at], NONE).astype(np.uint16)


@_guard.may("see")
async def some_faces(request: Request, annotator: str) -> JSONResponse:
    """`?seqs=1,2,3`, MOST_ASKED at most: [[seq, face id, crop version], …] of those that are listed. 400 malformed."""
    asked = request.query_params.get("seqs", "")
    seqs = asked.split(",") if _SEQS.fullmatch(asked) else []
    if not 0 < len(seqs) <= MOST_ASKED:
        return refusal(request, 400, message("selection_malformed", most=MOST_ASKED))

    def read(db: Db) -> list[tuple[int, str, str]]:
        return faces_of_seqs(db, [int(one) for one in seqs])

    try:
        found = await anyio.to_thread.run_sync(lambda: workspace.get_store().read(read))
    except MoueError as e:
        return refusal(request, 503, e.message)
    return JSONResponse(found)


@_guard.may("views")
async def select(request: Request, annotator: str) -> JSONResponse:
    """The seqs of a set as uint32, little endian: 200 {"id"}, after the commit; Review shows it as `?selection=<id>`.

    400 malformed, or none of them is listed (any more); 401, 403, 413 too many, 503 storage.
    """
    try:
        data = await _body(request)
        seqs = np.frombuffer(data, "<u4").astype(np.int64)
        made = await asyncio.wrap_future(workspace.get_store().submit(lambda db: selections.save(db, annotator, seqs)))
    except RequestError as e:
        return refusal(request, e.status, e.problem)
    except UsageError as e:
        return refusal(request, 400, e.message)
    except MoueError as e:
        return refusal(request, 503, e.message)
    return JSONResponse({"id": made})


async def _body(request: Request) -> bytes:
    """Whole numbers of 4 bytes, one at least. Raises RequestError: 400, 413."""
    malformed = message("selection_malformed", most=MOST_SELECTED)
    data = await read_bytes(request, 4 * MOST_SELECTED, malformed)
    if not data or len(data) % 4:
        raise RequestError(400, malformed)
    return data


routes: Final = [
    Route("/api/map", points, methods=["GET"]),
    Route("/api/map/faces", some_faces, methods=["GET"]),
    Route("/api/selections", select, methods=["POST"]),
]
