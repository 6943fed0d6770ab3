"""Which face of the workspace a labelled picture means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from db.reads.imports import KnownFace
from pipeline.core.geometry import BoundingBox
from pipeline.core.messages import Message, message
from pipeline.export.readers.labelled import LabelledPicture

LEAST_OVERLAP: Final = 0.2
"""IoU of a box with the face's box or its crop: a box of the lips alone has .3 of the crop around them."""
WHOLE: Final = 0.96
"""Share of a picture that a box has which means all of it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One label of the data set. place: how it is told to people. sha256: of its picture's file."""

    picture: LabelledPicture
    place: str
    sha256: str


def is_crop(entry: Entry, size: tuple[int, int] | None, *, mouths: bool) -> bool:
    """Whether the picture is a mouth's crop as it is: a release names the photo behind it, or the caller says so."""
    one = entry.picture
    if one.box is not None and not (size is not None and _covers(one, size)):
        return False
    return mouths or bool(one.face_id and one.sha256 != entry.sha256)


def chosen_face(entry: Entry, faces: Sequence[KnownFace], size: tuple[int, int]) -> KnownFace | Message:
    """The face that is meant, or why none is."""
    one = entry.picture
    if not faces:
        return message("import_without_face", place=entry.place)
    if one.box is None or _covers(one, size):
        if len(faces) == 1:
            return faces[0]
        return message("import_one_of_faces", place=entry.place, n=len(faces))
    box = box_in_pixels(one, size)
    best = max(faces, key=lambda face: _overlap(face, box))
    return best if _overlap(best, box) >= LEAST_OVERLAP else message("import_no_face_there", place=entry.place)


def box_in_pixels(one: LabelledPicture, size: tuple[int, int]) -> BoundingBox:
    assert one.box is not None
    x, y = size if one.in_shares else (1, 1)
    return BoundingBox(one.box.x1 * x, one.box.y1 * y, one.box.x2 * x, one.box.y2 * y)


def known_by_release(entry: Entry, by_image: Mapping[str, Sequence[KnownFace]]) -> KnownFace | None:
    """The face that a release names, where the workspace has it, or the photo with no other one."""
    faces = by_image.get(entry.picture.sha256, ())
    named = next((face for face in faces if face.face_id == entry.picture.face_id), None)
    return named or (faces[0] if len(faces) == 1 and entry.picture.face_id else None)


def _overlap(face: KnownFace, box: BoundingBox) -> float:
    return max(face.box.iou(box), face.crop.iou(box))


def _covers(one: LabelledPicture, size: tuple[int, int]) -> bool:
    return box_in_pixels(one, size).area >= WHOLE * size[0] * size[1]
