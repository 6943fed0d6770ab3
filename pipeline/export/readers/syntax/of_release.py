"""What a row of a release of Moue tells of its face, in columns of `formats.columns`: box, crop and landmarks, all in
pixels of the upright photo, and the group that no split parts."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pipeline.core.geometry import BoundingBox, CropBox
from pipeline.export.readers.labelled import Fields, LabelledPicture, box_of, crop_of
from pipeline.export.readers.syntax import points

_BOX: Final = ("box_x1", "box_y1", "box_x2", "box_y2")
_CROP: Final = ("crop_x", "crop_y", "crop_width", "crop_height", "crop_angle")


def told(one: LabelledPicture, row: Fields) -> LabelledPicture:
    """The picture with what its row says, where that names photo and face."""
    if not (one.sha256 and one.face_id):
        return one
    found = points.of_flat(row.every_number("landmarks")) if _is_list(row, "landmarks") else b""
    together = one.together or (row.text("group") if row.is_text("group") else "")
    return replace(
        one, in_photo=_box(row), crop=_crop(row), points=found, points_in_photo=bool(found), together=together
    )


def _box(row: Fields) -> BoundingBox | None:
    if not all(_is_number(row, field) for field in _BOX):
        return None
    x1, y1, x2, y2 = (row.number(field) for field in _BOX)
    return box_of(x1, y1, x2 - x1, y2 - y1)


def _crop(row: Fields) -> CropBox | None:
    return crop_of(*map(row.number, _CROP)) if all(_is_number(row, field) for field in _CROP) else None


def _is_number(row: Fields, field: str) -> bool:
    return row.has(field) and not row.is_text(field)


def _is_list(row: Fields, field: str) -> bool:
    return row.has(field) and row.is_list(field)
