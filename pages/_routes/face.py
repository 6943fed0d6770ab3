"""GET /api/face/{id}: the details of one face for the inspector."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from typing import Any, Final

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from db.reads.details import FaceInfo, face_info
from db.store.store import Db
from db.tables import roles
from db.team import blind, gold
from db.team.notes import Thread, thread_of
from pages import _words
from pages._routes import _guard
from pages._routes.team import notes
from pages._server import spaces, workspace
from pages._server.refusal import reader_locale, refusal
from pages._words import metric_ranges, vocabulary
from pipeline.core.errors import MoueError
from pipeline.core.messages import message
from pipeline.core.metrics import METRICS, QualityMetrics

_FACE_ID: Final = re.compile(r"[0-9a-f]{32}")


@_guard.may("see")
async def face(request: Request, annotator: str) -> JSONResponse:
    """Box, landmarks and crop in upright original pixels, where it is from, its decisions and notes, oldest first.

    Where the reader is to answer without a hint (see `db.team.blind.veiled_for`), neither folder, file nor search is
    told, nor what they propose; where the face is blind for them, nor what others decided or noted. `gold`: whether its
    answer is known, to who chooses that alone, and never where it is blind for them.
    401 unsigned, 400 not an id, 404 unknown, 503 storage.
    """
    face_id = request.path_params["id"]
    if not _FACE_ID.fullmatch(face_id):
        return refusal(request, 400, message("face_id_malformed", face=face_id))
    try:
        info, hidden, thread, known = await anyio.to_thread.run_sync(
            lambda: workspace.get_store().read(lambda db: _load(db, face_id, annotator))
        )
    except MoueError as e:
        return refusal(request, 503, e.message)
    if info is None:
        return refusal(request, 404, message("face_not_here"))
    locale = reader_locale(request)
    answer = {**_describe(info, locale), "notes": notes.describe(thread), "gold": known}
    if hidden:
        answer["proposal"] = None
        image = answer["image"]
        image["source"], answer["provenance"] = _words.translate(locale, _kind(info)), []  # a search names a class, too
        image["location"] = ""  # folder and file may be named after one, too
    return JSONResponse(answer, headers={"Cache-Control": "private, no-store"})


def _load(db: Db, face_id: str, annotator: str) -> tuple[FaceInfo | None, bool, Thread, bool]:
    """What the reader may see, whether suggestions are to be hidden, and whether it is gold, for who chooses that."""
    info, thread = face_info(db, face_id), thread_of(db, face_id)
    if info is None:
        return None, False, thread, False
    if face_id not in blind.blind_for(db, annotator, [face_id]):
        known = roles.may(db, annotator, "gold") and gold.is_gold(db, face_id)
        return info, bool(blind.veiled_for(db, annotator, [face_id])), thread, known
    seen = blind.visible_history(db, annotator, face_id, info.history)
    return replace(info, history=seen), True, blind.visible_thread(db, annotator, face_id, thread), False


def _describe(info: FaceInfo, locale: str) -> dict[str, Any]:
    found = info.face
    sha256 = found.image_sha256
    kept = ("at", "annotator", "verdict", "class_id", "reason", "undone", "confirmed", "off_screen")
    return {
        "id": found.face_id,
        "sha256": sha256,
        "image": {
            "width": info.width,
            "height": info.height,
            "location": info.locations[0],
            "source": vocabulary.source_words(info.source_kind, info.source_location, locale),
            "url": f"{spaces.base_path()}api/image/unified/{sha256}?v=1",
        },
        "box": [found.box.x1, found.box.y1, found.box.x2, found.box.y2],
        "points": found.landmarks.astype(float).round(2).tolist(),
        "crop": [found.crop.x, found.crop.y, found.crop.width, found.crop.height],
        "detector": found.detector,
        "score": found.score,
        "look": _look(found.look, locale),
        "landmarks": _words.translate(locale, vocabulary.LANDMARK_MODEL_WORDS[found.landmark_model]),
        "proposal": info.proposal,
        "angle": found.crop.angle,
        "provenance": [asdict(one) for one in info.provenance],
        "quality": _quality(found.quality, locale),
        "history": [{name: entry[name] for name in kept} for entry in info.history],
    }


def _look(look: str, locale: str) -> str:
    """In words, empty where it is not known."""
    side, _, degrees = look.partition(" turned ")
    if not side:
        return ""
    words = _words.mark("at {side} px, turned by {degrees}°") if degrees else _words.mark("at {side} px")
    return _words.translate(locale, words).format(side=side, degrees=degrees)


def _kind(info: FaceInfo) -> str:
    return vocabulary.SOURCE_KIND_WORDS.get(info.source_kind, info.source_kind)


def _quality(quality: QualityMetrics | None, locale: str) -> list[dict[str, Any]]:
    """Each figure as {"name", "label", "value" (text), "unit", "help"}; nothing where the face was not measured."""
    if quality is None:
        return []
    return [
        {
            "name": metric.name,
            "label": _words.translate(locale, metric.label),
            "value": metric_ranges.format_value(metric, getattr(quality, metric.name)),
            "unit": metric.unit,
            "help": _words.translate(locale, metric.help),
        }
        for metric in METRICS
    ]


route: Final = Route("/api/face/{id}", face, methods=["GET"])
