"""`python -m pipeline.actions.stored_pixels.program`: decodes for a server, see `processes`.

Each request imports what it needs when the first of its kind comes: a crop's needs neither numpy nor OpenCV.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pipeline.run.programs import Answer
from pipeline.run.serving import serve

_Request = Mapping[str, Any]


def _crop(request: _Request) -> Answer:
    from pipeline.actions.stored_pixels.crop_picture import crop_picture

    return Answer({}, crop_picture(Path(request["file"]), request["side"]))


def _photo(request: _Request) -> Answer:
    from pipeline.actions.stored_pixels import picture
    from pipeline.actions.stored_pixels.requests import ImageFiles

    given = {name: request[name] for name in ("longest", "original", "quality")}
    return Answer({}, picture.photo(Path(request["root"]), ImageFiles(**request["image"]), **given))


def _overlay(request: _Request) -> Answer:
    from pipeline.actions.stored_pixels import picture
    from pipeline.actions.stored_pixels.requests import ImageFiles, face_of

    faces = [face_of(one) for one in request["faces"]]
    root, image = Path(request["root"]), ImageFiles(**request["image"])
    given = {name: request[name] for name in ("longest", "emphasised", "quality")}
    return Answer({}, picture.overlay(root, image, faces=faces, **given))


def _draw(request: _Request) -> Answer:
    from pipeline.actions.stored_pixels import manual
    from pipeline.actions.stored_pixels.requests import ImageFiles, made_to_answer, settings_of
    from pipeline.core.geometry import BoundingBox

    box, settings = BoundingBox(*request["box"]), settings_of(request["settings"])
    return made_to_answer(manual.drawn(Path(request["root"]), ImageFiles(**request["image"]), box, settings))


def _whole(request: _Request) -> Answer:
    from pipeline.actions.stored_pixels import manual
    from pipeline.actions.stored_pixels.requests import ImageFiles, made_to_answer, settings_of, told_of

    image, settings = ImageFiles(**request["image"]), settings_of(request["settings"])
    return made_to_answer(manual.whole(Path(request["root"]), image, settings, told_of(request["told"])))


def _told(request: _Request) -> Answer:
    from pipeline.actions.stored_pixels import manual
    from pipeline.actions.stored_pixels.requests import ImageFiles, made_to_answer, settings_of, told_of

    image, settings = ImageFiles(**request["image"]), settings_of(request["settings"])
    return made_to_answer(manual.told(Path(request["root"]), image, settings, told_of(request["told"])))


def _measure(request: _Request) -> Answer:
    from pipeline.actions.stored_pixels import manual
    from pipeline.actions.stored_pixels.requests import ImageFiles, face_of, made_to_answer

    image, face = ImageFiles(**request["image"]), face_of(request["face"])
    return made_to_answer(manual.measured(Path(request["root"]), image, face, request["border"]))


def _move(request: _Request) -> Answer:
    from pipeline.actions.stored_pixels import manual
    from pipeline.actions.stored_pixels.requests import ImageFiles, face_of, made_to_answer
    from pipeline.core.geometry import CropBox

    image, face = ImageFiles(**request["image"]), face_of(request["face"])
    return made_to_answer(
        manual.moved(Path(request["root"]), image, face, CropBox(**request["crop"]), request["border"])
    )


_HANDLERS: Final[Mapping[str, Callable[[_Request], Answer]]] = {
    "crop": _crop,
    "photo": _photo,
    "overlay": _overlay,
    "draw": _draw,
    "whole": _whole,
    "told": _told,
    "measure": _measure,
    "move": _move,
}
_limited: list[bool] = []


def _handle(request: _Request) -> Answer:
    if request["do"] != "crop" and not _limited:
        from pipeline.run.worker import limit_resources

        limit_resources()  # OpenCV's threads: it is imported from here on
        _limited.append(True)
    return _HANDLERS[request["do"]](request)


if __name__ == "__main__":
    serve(_handle)
