"""What the photo list asks for: a face drawn or a crop moved; its request read, the answer put into words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from db.store.store import Store
from pages import _ui
from pages._server import workspace
from pages._words import recorded, t
from pipeline.actions.manual_faces import FaceChange, draw_face, move_crop
from pipeline.core.errors import MoueError, UsageError
from pipeline.core.geometry import BoundingBox, CropBox


def answer(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Do what the photo editor asked for: {"token", "do": "draw", "sha", "box": [x1, y1, x2, y2]} or
    {"token", "do": "move", "face", "crop": [x, y, side]}; the answer carries the token and a sentence."""
    reply = {"token": str(asked.get("token", "")), "sha": "", "face": ""}
    try:
        done, message = _carry_out(workspace.get_store(), asked)
    except MoueError as e:
        return {**reply, "ok": False, "message": _ui.sentence(recorded.translate(e.message))}
    return {**reply, "ok": True, "message": message, "sha": done.sha256, "face": done.face_id}


def _carry_out(store: Store, asked: Mapping[str, Any]) -> tuple[FaceChange, str]:
    """The change and a sentence about it. Raises MoueError."""
    if asked.get("do") == "draw":
        done = draw_face(store, str(asked.get("sha")), BoundingBox(*_numbers(asked.get("box"), 4)))
        if done.recognised:
            return done, t("Face added; its landmarks are placed. It waits in Review.")
        return done, t("Face added; no face was recognised in it, so check the crop. It waits in Review.")
    if asked.get("do") == "move":
        x, y, side = (round(v) for v in _numbers(asked.get("crop"), 3))
        done = move_crop(store, str(asked.get("face")), CropBox(x, y, side, side))
        return done, t("The crop is moved; its decisions are kept.")
    raise UsageError(t("the page asked for something unknown: reload it"))


def _numbers(given: object, wanted: int) -> list[float]:
    if (
        not isinstance(given, list)
        or len(given) != wanted
        or not all(isinstance(v, int | float) and abs(v) < 1e6 for v in given)
    ):  # also refuses NaN
        raise UsageError(t("the page sent a place that is none: reload it"))
    return [float(v) for v in given]
