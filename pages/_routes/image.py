"""GET /api/image/{kind}/{id}: pictures by id, re-encoded by Moue, for signed-in people only."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pages._routes import _guard, _render
from pages._server import workspace
from pages._server.refusal import refusal
from pipeline.core.errors import DecodeError, MoueError
from pipeline.core.messages import message

_FACE_ID: Final = re.compile(r"[0-9a-f]{32}")
_SIDE: Final = re.compile(r"[0-9]{2,3}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
SIDES: Final = range(96, 513)
CACHE_BYTES: Final = 96 * 1024 * 1024
WORKERS: Final = 2
"""Threads that wait for crops, and as many for photos: one that takes long holds up no crop."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Encoded bytes, ready to send. etag: a strong one, in quotes."""

    data: bytes
    media_type: str
    etag: str


class ByteCache:
    """A cache of the most recently used pictures, limited in bytes. Any thread may use it."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[tuple[str, ...], Picture] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: tuple[str, ...]) -> Picture | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: tuple[str, ...], picture: Picture) -> None:
        if len(picture.data) > self._capacity // 8:
            return
        with self._lock:
            old = self._kept.pop(key, None)
            self._size += len(picture.data) - (len(old.data) if old else 0)
            self._kept[key] = picture
            while self._size > self._capacity:
                _, dropped = self._kept.popitem(last=False)
                self._size -= len(dropped.data)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._size = 0


cache: Final = ByteCache(CACHE_BYTES)
_limiters: Final[dict[bool, anyio.CapacityLimiter]] = {}


@_guard.may("see")
async def image(request: Request, _annotator: str) -> Response:
    """thumb, original, unified, overlay (?face=) of an image's SHA-256; crop of a face id, at side ?s=96..512.

    ?v= is a hash of the content: with it the browser may cache the picture for ever.
    """
    requested = _parse_request(request)
    if requested is None:
        return refusal(request, 400, message("picture_id"))
    version = request.query_params.get("v", "")
    key = (str(workspace.root()), *requested, version)
    found = cache.get(key) if version else None  # without a version a moved crop would stay what it was
    if found is None:
        try:
            found = await anyio.to_thread.run_sync(_make, requested, limiter=_workers(crop=requested[0] == "crop"))
        except (_render.UnknownPictureError, DecodeError) as e:
            return refusal(request, 404, e.message)
        except MoueError as e:
            return refusal(request, 503, e.message)
        if version:
            cache.put(key, found)
    return _answer(request, found)


def _parse_request(request: Request) -> tuple[str, str, str] | None:
    """(kind, id, option), or None for a request that names no picture."""
    kind, blob_id = request.path_params["kind"], request.path_params["id"]
    query = request.query_params
    if kind == "crop":
        side = query.get("s", "")
        if not _FACE_ID.fullmatch(blob_id) or (side and not (_SIDE.fullmatch(side) and int(side) in SIDES)):
            return None
        return kind, blob_id, str(int(side)) if side else ""
    emphasised = query.get("face", "") if kind == "overlay" else ""
    if kind not in _render.WHOLE or not _SHA256.fullmatch(blob_id):
        return None
    return (kind, blob_id, emphasised) if not emphasised or _FACE_ID.fullmatch(emphasised) else None


def _make(requested: tuple[str, str, str]) -> Picture:
    data, media_type = _render.render(*requested)
    return Picture(data, media_type, f'"{hashlib.sha256(data).hexdigest()[:32]}"')


def _answer(request: Request, picture: Picture) -> Response:
    named = bool(request.query_params.get("v"))
    headers = {
        "Cache-Control": "private, max-age=31536000, immutable" if named else "private, no-cache",
        "ETag": picture.etag,
        "X-Content-Type-Options": "nosniff",
    }
    if picture.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(picture.data, media_type=picture.media_type, headers=headers)


def _workers(*, crop: bool) -> anyio.CapacityLimiter:
    """Decoding is heavy: a few at a time, so that decisions never wait behind pictures."""
    if crop not in _limiters:
        _limiters[crop] = anyio.CapacityLimiter(WORKERS)
    return _limiters[crop]


routes: Final = [Route("/api/image/{kind}/{id}", image, methods=["GET"])]
