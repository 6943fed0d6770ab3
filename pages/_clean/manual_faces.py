"""What the photo list asks for: a face drawn or a crop moved; its request read, the answer put into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from db.store.store import Store
from pages._server import permission, workspace
from pages._words import recorded, t
from pipeline.actions.manual_faces import FaceChange, draw_face, move_crop
from pipeline.actions.stored_pixels.processes import Elsewhere
from pipeline.core.errors import MoueError, UsageError
from pipeline.core.geometry import BoundingBox, CropBox


@dataclass(frozen=True, slots=True)
class DrawRequest:
    """A box drawn by hand in an image, upright original pixels."""

    sha256: str
    box: BoundingBox


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """Another place for a face's crop, upright original pixels."""

    face_id: str
    crop: CropBox


def answer(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Do what the photo editor asked for: {"token", "do": "draw", "sha", "box": [x1, y1, x2, y2]} or
    {"token", "do": "move", "face", "crop": [x, y, side]}; the answer carries the token and a sentence."""
    reply = {"token": str(asked.get("token", "")), "sha": "", "face": ""}
    try:
        permission.require("clean")
        request = _request_of(asked)
        done, message = _carry_out(workspace.get_store(), request)
    except MoueError as e:
        return {**reply, "ok": False, "message": recorded.sentence(e.message)}
    return {**reply, "ok": True, "message": message, "sha": done.sha256, "face": done.face_id}


def _request_of(asked: Mapping[str, Any]) -> DrawRequest | MoveRequest:
    """What the page sent, checked. Raises UsageError."""
    if asked.get("do") == "draw":
        return DrawRequest(str(asked.get("sha")), BoundingBox(*_numbers(asked.get("box"), 4)))
    if asked.get("do") == "move":
        x, y, side = (round(v) for v in _numbers(asked.get("crop"), 3))
        return MoveRequest(str(asked.get("face")), CropBox(x, y, side, side))
    raise UsageError(t("the page asked for something unknown: reload it"))


def _numbers(given: object, wanted: int) -> list[float]:
    if (
        not isinstance(given, list)
        or len(given) != wanted
        or not all(isinstance(v, int | float) and abs(v) < 1e6 for v in given)
    ):  # also refuses NaN
        raise UsageError(t("the page sent a place that is none: reload it"))
    return [float(v) for v in given]


def _carry_out(store: Store, request: DrawRequest | MoveRequest) -> tuple[FaceChange, str]:
    """The change and a sentence about it. Raises MoueError."""
    if isinstance(request, MoveRequest):
        moved = move_crop(store, request.face_id, request.crop, Elsewhere())
        if moved.pushed:
            return moved, t("The crop stuck out of the photo and is pushed inside; its decisions are kept.")
        return moved, t("The crop is moved; its decisions are kept.")
    done = draw_face(store, request.sha256, request.box, Elsewhere())
    if done.recognised:
        return done, t("Face added; its landmarks are placed. It waits in Review.")
    return done, t("Face added; no face was recognised in it, so check the crop. It waits in Review.")
