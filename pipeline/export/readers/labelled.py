"""What a reader of a labelled data set gives, and the checks that all readers share: nothing is decoded here."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipeline.core.errors import UsageError
from pipeline.core.geometry import BoundingBox, CropBox
from pipeline.core.messages import Message, message
from pipeline.core.names import name_key
from pipeline.core.system.regular import open_regular
from pipeline.files.charset.halves import from_json

SPLITS: Final = {
    "train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "dev": "val",
    "test": "test", "testing": "test",
}  # fmt: skip
"""What others call the splits, in small letters."""
PICTURES: Final = frozenset({
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".heic", ".heif", ".avif",
})  # fmt: skip
MOST_TEXT: Final = 256 << 20
"""Bytes of one file of annotations; a hundred thousand faces with 68 points have about 200 MB."""
_FOLD: Final = re.compile(r"fold[ _-]?([1-9]\d?)")
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_BESIDE_SPLIT: Final = frozenset({
    "set", "data", "dataset", "split", "folder", "seg", "public", "private", "images", "image", "imgs", "img", "photos",
    "pictures",
})  # fmt: skip
"""Words that stand beside a split's own: `training_set`, `seg_train`, FER2013's `PublicTest`."""


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """One picture and the class that it, or a box in it, has.

    path: the picture's file. split: "" where none is told. box: in pixels of the upright picture, or in shares of it
    (`in_shares`); None where the class is the whole picture's. sha256, face_id: of the photo and face that a release of
    Moue names; in_photo: where that face is, in pixels of the upright photo, and crop: where its crop was cut there;
    shows: what pictures of that release show, `mouth`, `face` or `photo`, "" where that is not known; as_photo: they
    have the pixels of the photo. drawn_on: width and height of the picture that the box was drawn on, None where that
    is not told. left: why the label cannot be any face's, None where it may be. points: 68 landmarks as
    `syntax.points` packs them, in the box's units, or in pixels of the photo (`points_in_photo`); b"" where none are
    told. together: the data set's own name for what this is one of several pictures of, a video mostly; "" where none
    is told.
    """

    path: Path
    label: str
    split: str = ""
    box: BoundingBox | None = None
    in_shares: bool = False
    sha256: str = ""
    face_id: str = ""
    in_photo: BoundingBox | None = None
    shows: str = ""
    drawn_on: tuple[float, float] | None = None
    left: Message | None = None
    as_photo: bool = False
    crop: CropBox | None = None
    points: bytes = b""
    points_in_photo: bool = False
    together: str = ""


def split_of(name: str) -> str:
    """The split that is meant by a name, "" where none is."""
    text = name_key(name)
    fold = _FOLD.fullmatch(text)
    return f"fold{fold[1]}" if fold else SPLITS.get(text, "")


def split_in(name: str) -> str:
    """The split that is meant by a name of several words, "" where one of them means something else."""
    if found := split_of(name):
        return found
    words = _WORD.findall(name)
    splits = {found for word in words if (found := split_of(word))}
    others = [word for word in words if not split_of(word) and not word.isdigit() and word.lower() not in _BESIDE_SPLIT]
    return splits.pop() if len(splits) == 1 and not others else ""


def told_split(text: str, file: Path, entry: str) -> str:
    """The split of a cell, "" of an empty one. Raises UsageError for one that is not known: it would be lost."""
    found = split_in(text.strip())
    if text.strip() and not found:
        raise UsageError(message("import_split_unknown", file=file, entry=entry[:80], name=text.strip()[:80]))
    return found


def read_text(path: Path) -> bytes:
    """A file of annotations, capped. Raises UsageError."""
    try:
        with open_regular(path) as stream:
            size = min(MOST_TEXT, os.fstat(stream.fileno()).st_size)
            data = stream.read(size + 1)  # a buffer of the cap would cost more than the file
            if len(data) > size:  # it grew meanwhile
                data += stream.read(MOST_TEXT + 1 - len(data))
    except OSError as e:
        raise UsageError(message("import_unreadable", file=path, why=e.strerror or e)) from e
    if len(data) > MOST_TEXT:
        raise UsageError(message("import_too_large", file=path, most=MOST_TEXT >> 20))
    return data


def decoded(path: Path) -> str:
    """A file of annotations as text. Raises UsageError."""
    try:
        return read_text(path).decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise UsageError(message("import_no_utf8", file=path)) from e


def read_json(path: Path) -> Any:
    """Raises UsageError: also for what is nested too deep, and for names that an object has twice."""
    try:
        return from_json(decoded(path), object_pairs_hook=once)
    except RecursionError as e:
        raise UsageError(message("import_too_deep", file=path)) from e
    except ValueError as e:
        raise UsageError(message("import_broken", file=path, why=e)) from e


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """For `from_json`: an object whose names are all different. Raises ValueError."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(message("json_name_twice"))
    return found


class Fields:
    """An object of annotations, read by type. Raises UsageError that names the file and the entry."""

    def __init__(self, value: Any, file: Path, entry: str) -> None:
        self.file, self.entry = file, entry
        if not isinstance(value, dict):
            raise self.wrong("object")
        self._value: dict[str, Any] = value

    def wrong(self, field: str) -> UsageError:
        return UsageError(message("import_wrong_type", file=self.file, entry=self.entry[:80], field=field))

    def names(self) -> list[str]:
        return list(self._value)

    def has(self, field: str) -> bool:
        return self._value.get(field) is not None

    def is_text(self, field: str) -> bool:
        return isinstance(self._value.get(field), str)

    def text(self, field: str, default: str | None = None) -> str:
        found = self._value.get(field, default)
        if not isinstance(found, str):
            raise self.wrong(field)
        return found

    def whole(self, field: str) -> int:
        found = self._value.get(field)
        if not isinstance(found, int) or isinstance(found, bool):
            raise self.wrong(field)
        return found

    def truth(self, field: str) -> bool:
        """Told as true or 1; not, where it is missing."""
        return self.has(field) and (
            self._value[field] is True or (self._value[field] is not False and self.number(field) != 0)
        )

    def key(self, field: str) -> str:
        """An id: a whole number, also as 7.0 or "7", or a text."""
        found = self._value.get(field)
        if isinstance(found, float) and found.is_integer():
            found = int(found)
        if isinstance(found, bool) or not isinstance(found, int | str):
            raise self.wrong(field)
        return str(found)

    def size(self) -> tuple[float, float] | None:
        """`width` and `height`, None where they are not told."""
        told = [self._value.get(name) for name in ("width", "height")]
        good = all(isinstance(one, int | float) and not isinstance(one, bool) and 0 < one < 1e9 for one in told)
        return (self.number("width"), self.number("height")) if good else None

    def items(self, field: str) -> list[Any]:
        found = self._value.get(field)
        if found is None:
            return []
        if not isinstance(found, list):
            raise self.wrong(field)
        return found

    def inner(self, field: str) -> Fields:
        return Fields(self._value.get(field), self.file, f"{self.entry}.{field}")

    def is_object(self, field: str) -> bool:
        return isinstance(self._value.get(field), dict)

    def is_list(self, field: str) -> bool:
        return isinstance(self._value.get(field), list)

    def every_number(self, field: str) -> list[float]:
        return [self._number(value, field) for value in self.items(field)]

    def numbers(self, field: str, n: int) -> list[float]:
        found = self.items(field)
        if len(found) != n:
            raise self.wrong(field)
        return [self._number(value, field) for value in found]

    def number(self, field: str) -> float:
        return self._number(self._value.get(field), field)

    def _number(self, value: Any, field: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e9:
            raise self.wrong(field)
        return float(value)


def box_of(x: float, y: float, width: float, height: float) -> BoundingBox | None:
    """None for a box without an area."""
    good = all(map(math.isfinite, (x, y, width, height))) and width > 0 and height > 0
    return BoundingBox(x, y, x + width, y + height) if good else None


def crop_of(x: float, y: float, width: float, height: float, angle: float) -> CropBox | None:
    """None for one without an area, or of parts of pixels."""
    sides = (x, y, width, height)
    good = all(math.isfinite(v) and v == round(v) for v in sides) and math.isfinite(angle) and width > 0 and height > 0
    return CropBox(round(x), round(y), round(width), round(height), angle) if good else None


def around(corners: Sequence[tuple[float, float]]) -> BoundingBox | None:
    """The box around an outline, None where it has no area."""
    if not corners:
        return None
    x, y = zip(*corners, strict=True)
    return box_of(min(x), min(y), max(x) - min(x), max(y) - min(y))


class Unique:
    """Ids that must not come twice. Raises UsageError."""

    def __init__(self, file: Path) -> None:
        self._file, self._seen = file, set[object]()

    def add(self, key: object) -> None:
        if key in self._seen:
            told = " ".join(filter(None, key)) if isinstance(key, tuple) else str(key)
            raise UsageError(message("import_id_twice", file=self._file, id=told[:80]))
        self._seen.add(key)
