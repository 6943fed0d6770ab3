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
SAME_FACE: Final = 0.5
"""IoU of two boxes of one face, as for faces that are detected anew."""
OF_CROP: Final = 0.4
"""Least share of a crop's width that its mouth has; with the usual margin two thirds. In a face it has a third."""
LIPS_INSIDE: Final = 0.8
LIPS_WIDTH: Final = 0.3
"""Least shares of a box of lips that lies in the crop around them, and of the crop's width that it has."""
WHOLE: Final = 0.96
"""Share of a picture that a box has which means all of it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One label of the data set. place: how it is told to people. sha256: of its picture's file."""

    picture: LabelledPicture
    place: str
    sha256: str


def is_crop(entry: Entry, size: tuple[int, int], *, mouths: bool) -> bool:
    """Whether the picture is a mouth's crop as it is: the caller says so, or the release that it is of; or it names the
    face in it, and the mouth is as wide as in a crop or another photo is behind it."""
    one = entry.picture
    if mouths or not one.face_id:
        return mouths
    if one.shows:
        return one.shows == "mouth"
    if one.box is not None:
        return box_in_pixels(one, size).width >= OF_CROP * size[0]
    return one.sha256 != entry.sha256


def part_in(entry: Entry, size: tuple[int, int]) -> BoundingBox | None:
    """The told box in pixels; None where none is told, or one of the whole picture, or of another one."""
    one = entry.picture
    unknown = one.box is None or drawn_on_another(one, size) or covers(one, size)
    return None if unknown else box_in_pixels(one, size)


def chosen_face(entry: Entry, faces: Sequence[KnownFace], size: tuple[int, int]) -> KnownFace | Message:
    """The face that is meant, or why none is."""
    one = entry.picture
    if not faces:
        return message("import_without_face", place=entry.place)
    if drawn_on_another(one, size):
        assert one.drawn_on is not None
        drawn, here = (f"{w:.0f} × {h:.0f}" for w, h in (one.drawn_on, size))
        return message("import_other_size", place=entry.place, drawn=drawn, here=here)
    if one.box is None or covers(one, size):
        if len(faces) == 1:
            return faces[0]
        return message("import_one_of_faces", place=entry.place, n=len(faces))
    box = box_in_pixels(one, size)
    best = max(faces, key=lambda face: overlap(face, box))
    return best if overlap(best, box) >= LEAST_OVERLAP else message("import_no_face_there", place=entry.place)


def box_in_pixels(one: LabelledPicture, size: tuple[int, int]) -> BoundingBox:
    """Of the picture as it is here: it may have been drawn on a larger or smaller copy."""
    assert one.box is not None
    x, y = pixels_a_unit(one, size)
    return BoundingBox(one.box.x1 * x, one.box.y1 * y, one.box.x2 * x, one.box.y2 * y)


def pixels_a_unit(one: LabelledPicture, size: tuple[int, int]) -> tuple[float, float]:
    """Of the coordinates that are told, along and down."""
    drawn = one.drawn_on or size
    return size if one.in_shares else (size[0] / drawn[0], size[1] / drawn[1])


def drawn_on_another(one: LabelledPicture, size: tuple[int, int]) -> bool:
    """Whether the box was drawn on a picture of another shape: one that a camera's note turns, mostly, and a tool did
    not; or another picture."""
    if one.box is None or one.drawn_on is None:
        return False
    (width, height), (w, h) = one.drawn_on, size
    return abs(width * h - height * w) > width + height + w + h


@dataclass(frozen=True, slots=True)
class Named:
    """What a release's own words lead to: a face, or why to none. sure: it is the face that is meant. told: what is to
    be known about it, None where the ids are the same."""

    face: KnownFace | Message
    sure: bool = True
    told: Message | None = None


def known_by_release(entry: Entry, by_image: Mapping[str, Sequence[KnownFace]]) -> Named | None:
    """The face that a release means, where the workspace has its photo; None where it has not, or nothing is named.

    By its id; else by its place in the photo, where the release tells it, as a photo that was processed otherwise has
    other ids; else the photo's only face, which may be another one.
    """
    one = entry.picture
    faces = by_image.get(one.sha256, ())
    if not one.face_id or not faces:
        return None
    if (same := next((face for face in faces if face.face_id == one.face_id), None)) is not None:
        return Named(same)
    place, other = entry.place, one.face_id[:8]
    if one.in_photo is not None:
        there = one.in_photo
        best = max(faces, key=lambda face: face.box.iou(there))
        if best.box.iou(there) >= SAME_FACE:
            return Named(best, told=message("import_other_id", place=place, named=other, face=best.face_id[:8]))
        return Named(message("import_face_elsewhere", place=place, named=other))
    if len(faces) == 1:
        return Named(faces[0], False, message("import_only_face", place=place, named=other, face=faces[0].face_id[:8]))
    return Named(message("import_face_unknown", place=place, named=other, n=len(faces)))


def told_together(entries: Sequence[Entry], by_image: Mapping[str, Sequence[KnownFace]]) -> dict[str, set[str]]:
    """The photos (SHA-256) of each thing that the data set names as what they are of, also where a label is not
    taken."""
    found: dict[str, set[str]] = {}
    for entry in entries:
        if entry.picture.together:
            here = known_by_release(entry, by_image) is not None
            found.setdefault(entry.picture.together, set()).add(entry.picture.sha256 if here else entry.sha256)
    return found


def overlap(face: KnownFace, box: BoundingBox) -> float:
    """IoU; a tight box of lips, which has little of it, counts where most of it lies in the crop."""
    crop = face.crop
    width = min(box.x2, crop.x2) - max(box.x1, crop.x1)
    height = min(box.y2, crop.y2) - max(box.y1, crop.y1)
    inside = max(0.0, width) * max(0.0, height) / box.area
    lips = inside >= LIPS_INSIDE and box.width >= LIPS_WIDTH * crop.width
    return max(face.box.iou(box), crop.iou(box), LEAST_OVERLAP if lips else 0.0)


def covers(one: LabelledPicture, size: tuple[int, int]) -> bool:
    """Whether its box means all of the picture: one far larger that only touches it does not."""
    box = box_in_pixels(one, size)
    inside = BoundingBox(max(0, box.x1), max(0, box.y1), min(size[0], box.x2), min(size[1], box.y2))
    return inside.area >= WHOLE * size[0] * size[1]
