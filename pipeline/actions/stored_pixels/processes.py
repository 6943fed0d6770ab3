"""Decodes stored photos and crops in a few programs beside this process: for servers, which decode nothing themselves.

Each has limits on memory, CPU and time; one that dies or hangs costs its own request, and another takes its place.
"""

from __future__ import annotations

import atexit
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from pipeline.actions.stored_pixels.requests import ImageFiles, Made, StoredImage, face_to_json, made_of, told_to_json
from pipeline.core.border import Border
from pipeline.core.errors import WorkerError
from pipeline.core.geometry import BoundingBox, CropBox, Told
from pipeline.core.messages import message
from pipeline.core.records import Face, Settings
from pipeline.run.programs import Answer, ProgramPool

SECONDS: Final = 60.0
"""By the clock: a photo of the largest size takes two or three where nothing else runs."""
AT_ONCE: Final = 2
PHOTO_QUALITY: Final = 90
"""Of JPEGs, as their encoder counts."""
THUMB_QUALITY: Final = 82
_PROGRAM: Final = "pipeline.actions.stored_pixels.program"
# A hostile photo must not hold up the crops of those who label, and one process alone keeps the models.
_crops: Final = ProgramPool(_PROGRAM, AT_ONCE, SECONDS)
_photos: Final = ProgramPool(_PROGRAM, AT_ONCE, SECONDS)
_faces: Final = ProgramPool(_PROGRAM, 1, SECONDS)


def end_all() -> None:
    """At the server's end."""
    for pool in (_crops, _photos, _faces):
        pool.end()


atexit.register(end_all)


def crop_picture(file: Path, side: int | None) -> bytes:
    """`crop_picture.crop_picture`; raises also what `ProgramPool.ask` does, as all of these."""
    return _crops.ask({"do": "crop", "file": str(file), "side": side}).data


def photo(root: Path, image: StoredImage, longest: int, *, original: bool, quality: int) -> bytes:
    """`picture.photo`."""
    told = {"longest": longest, "original": original, "quality": quality}
    return _photos.ask({"do": "photo", **_files(root, image), **told}).data


def overlay(root: Path, image: StoredImage, longest: int, faces: Sequence[Face], emphasised: str | None) -> bytes:
    """`picture.overlay`."""
    told: dict[str, Any] = {"longest": longest, "emphasised": emphasised, "quality": PHOTO_QUALITY}
    told["faces"] = [face_to_json(one) for one in faces]
    return _photos.ask({"do": "overlay", **_files(root, image), **told}).data


class Elsewhere:
    """`manual.FaceMaker` in a process of its own."""

    def drawn(self, root: Path, image: StoredImage, box: BoundingBox, settings: Settings) -> Made:
        told = {"box": [box.x1, box.y1, box.x2, box.y2], "settings": asdict(settings)}
        return _made(_faces.ask({"do": "draw", **_files(root, image), **told}))

    def whole(self, root: Path, image: StoredImage, settings: Settings, told: Told) -> Made:
        return self._of_told("whole", root, image, settings, told)

    def told(self, root: Path, image: StoredImage, settings: Settings, told: Told) -> Made:
        return self._of_told("told", root, image, settings, told)

    def _of_told(self, do: str, root: Path, image: StoredImage, settings: Settings, told: Told) -> Made:
        asked = {"told": told_to_json(told), "settings": asdict(settings)}
        return _made(_faces.ask({"do": do, **_files(root, image), **asked}))

    def measured(self, root: Path, image: StoredImage, face: Face, border: Border) -> Made:
        return _made(_faces.ask({"do": "measure", **_files(root, image), "face": face_to_json(face), "border": border}))

    def moved(self, root: Path, image: StoredImage, face: Face, crop: CropBox, border: Border) -> Made:
        told = {"face": face_to_json(face), "crop": asdict(crop), "border": border}
        return _made(_faces.ask({"do": "move", **_files(root, image), **told}))


def _files(root: Path, image: StoredImage) -> Mapping[str, Any]:
    return {"root": str(root), "image": asdict(ImageFiles.of(image))}


def _made(answer: Answer) -> Made:
    try:
        return made_of(answer)
    except (KeyError, TypeError, ValueError) as e:
        raise WorkerError(message("decoder_failed", why=e)) from e
