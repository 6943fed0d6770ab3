"""Faces made by hand: joins the work of `pipeline.faces.manual` with the files and the database.

Pixels come from the original; where that is gone or has changed, from the unified JPEG made of it.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from db.images import faces
from db.reads import counts
from db.store.store import Store
from pages import _ui
from pages._server import workspace
from pages._words import t
from pipeline.core.errors import DecodeError, IntegrityError, MoueError, StorageError, UsageError
from pipeline.core.records import Bgr, BoundingBox, CropBox, Settings
from pipeline.faces.manual import DRAWN, face_from_box, recrop, same_face
from pipeline.files.blobs import BlobStore
from pipeline.files.remote import original_place
from pipeline.pixels.decode import load_upright

# The detector's net holds one input size at a time, and two crops of one face must not cross.
_one_at_a_time: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class FaceChange:
    """What was done: the image and the face it is about, and a sentence for the person."""

    sha256: str
    face_id: str
    message: str


def draw_face(store: Store, blobs: BlobStore, sha256: str, box: BoundingBox) -> FaceChange:
    """Make and store the face in a box drawn by hand (upright original pixels); it then waits for review.

    Raises UsageError (no such image, a box too small, a face that is there already), IntegrityError and StorageError.
    """
    with _one_at_a_time:
        image = store.read(lambda db: counts.image_info(db, sha256))
        if image is None:
            raise UsageError(t("this photo is not in the workspace any more: reload the page"))
        chosen = Settings.of_processing(image.processing, image.margin)
        face, png = face_from_box(upright(image), sha256, box, replace(chosen, detector=DRAWN))
        twin = same_face(face, image.faces)
        if twin is not None and twin.face_id == face.face_id:
            raise UsageError(t("this very box is drawn already: nothing was added"))
        if twin is not None:
            raise UsageError(t("there is a face here already: nothing was added. Move its crop if that is off"))
        face = replace(face, rank=len(image.faces))
        blobs.put("crops", face.face_id, "png", png)
        store.write(lambda db: faces.add_face(db, face, crop_version(png), "drawn"))
    if face.score is not None:
        told = t("Face added; its landmarks are placed. It waits in Review.")
    else:
        told = t("Face added; no face was recognised in it, so check the crop. It waits in Review.")
    return FaceChange(sha256, face.face_id, told)


def move_crop(store: Store, blobs: BlobStore, face_id: str, crop: CropBox) -> FaceChange:
    """Cut a face's crop at another place; the face, its landmarks and its decisions stay.

    Raises UsageError (no such face, a crop that shows nothing), IntegrityError and StorageError.
    """
    with _one_at_a_time:
        info = store.read(lambda db: counts.face_info(db, face_id))
        if info is None or info.removed:
            raise UsageError(t("this face is not in the workspace any more: reload the page"))
        sha256 = info.face.image_sha256
        image = store.read(lambda db: counts.image_info(db, sha256))
        if image is None:
            raise IntegrityError(f"the face {face_id} belongs to no image: `python -m pipeline verify` tells more")
        moved, png = recrop(upright(image), info.face, crop)
        before = _bytes_of(blobs, face_id)
        blobs.put("crops", face_id, "png", png)
        try:
            store.write(lambda db: faces.replace_crop(db, face_id, crop, None, crop_version(png), moved.quality))
        except BaseException:
            if before is not None:
                blobs.put("crops", face_id, "png", before)
            raise
    return FaceChange(sha256, face_id, t("The crop is moved; its decisions are kept."))


def upright(image: counts.ImageInfo) -> Bgr:
    """The full-resolution upright pixels. Raises IntegrityError where no file with these pixels is left."""
    original = original_place(workspace.root(), image.original)
    with suppress(DecodeError):
        decoded, sha256 = load_upright(original, Settings())
        if sha256 == image.sha256:
            return decoded.bgr
    with suppress(DecodeError):
        decoded, _ = load_upright(workspace.blobs().path("images", image.sha256, "jpg"), Settings())
        return decoded.bgr
    raise IntegrityError(f"{original} is gone or has changed since it was collected: put it back and try again")


def crop_version(png: bytes) -> str:
    """The first 16 hex digits of the crop's SHA-256: what its address carries."""
    return hashlib.sha256(png).hexdigest()[:16]


def answer(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Do what the photo editor asked for: {"token", "do": "draw", "sha", "box": [x1, y1, x2, y2]} or
    {"token", "do": "move", "face", "crop": [x, y, side]}; the answer carries the token and a sentence."""
    store, blobs = workspace.get_store(), workspace.blobs()
    said = {"token": str(asked.get("token", "")), "sha": "", "face": ""}
    try:
        if asked.get("do") == "draw":
            done = draw_face(store, blobs, str(asked.get("sha")), BoundingBox(*_numbers(asked.get("box"), 4)))
        elif asked.get("do") == "move":
            x, y, side = (round(v) for v in _numbers(asked.get("crop"), 3))
            done = move_crop(store, blobs, str(asked.get("face")), CropBox(x, y, side, side))
        else:
            raise UsageError(t("the page asked for something unknown: reload it"))
    except MoueError as e:
        return {**said, "ok": False, "message": _ui.sentence(str(e))}
    return {**said, "ok": True, "message": done.message, "sha": done.sha256, "face": done.face_id}


def _numbers(given: object, wanted: int) -> list[float]:
    if (
        not isinstance(given, list)
        or len(given) != wanted
        or not all(isinstance(v, int | float) and abs(v) < 1e6 for v in given)
    ):  # also refuses NaN
        raise UsageError(t("the page sent a place that is none: reload it"))
    return [float(v) for v in given]


def _bytes_of(blobs: BlobStore, face_id: str) -> bytes | None:
    with suppress(StorageError):
        return blobs.read("crops", face_id, "png")
    return None
