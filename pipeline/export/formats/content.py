"""What a format writes: the rows of a release, and how to get at the picture and the facts of each."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pipeline.core.geometry import BoundingBox, Points
from pipeline.core.metrics import FaceFacts
from pipeline.core.records import ExportItem
from pipeline.export.pictures.options import Shows, Suffix
from pipeline.export.split import Split

_BLOCK: Final = 500


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One picture of a release; `file` is relative to its root, with forward slashes. Of a format that has many
    pictures in one file it is what class folders would have. Several faces of one photo may have one file."""

    file: str
    split: Split
    item: ExportItem

    @property
    def name(self) -> str:
        """Of its picture, unique in the release."""
        return picture_name(self.item, posixpath.splitext(self.file)[1])


def picture_name(item: ExportItem, suffix: str, *, once: bool = False) -> str:
    """once: of the photo that all its faces share."""
    photo = item.image_sha256[:16]
    return f"{photo}{suffix}" if once else f"{photo}_{item.face_id[:8]}{suffix}"


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One encoded picture. width, height: its pixels. box: the mouth in it. landmarks: float32 (68, 2) in its pixels,
    where some are known; those of a crop may lie outside of it."""

    data: bytes
    suffix: Suffix
    width: int
    height: int
    box: BoundingBox
    landmarks: Points | None = None


def _write(target: Path | str, data: bytes) -> None:
    Path(target).write_bytes(data)


@dataclass(frozen=True, slots=True, eq=False)
class ReleaseContent:
    """A release to be written. rows: sorted by file. class_names: as they are in the workspace and in its order.
    splits: in the order in which they are shown. picture: of one row, made when it is asked for. facts: of some rows,
    in their order. course_order: the classes that are written with their number in it before them, none for names as
    they are. put: writes a file, whose folder is there."""

    rows: Sequence[ExportRow]
    class_names: tuple[str, ...]
    splits: tuple[Split, ...]
    picture: Callable[[ExportRow], Picture]
    facts: Callable[[Sequence[ExportRow]], Sequence[FaceFacts]]
    shows: Shows = "mouth"
    course_order: tuple[str, ...] = ()
    put: Callable[[Path | str, bytes], object] = _write
    written_names: Mapping[str, str] = field(init=False)
    """The name of each class in files, see the function."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "written_names", written_names(self.class_names, self.course_order))

    @property
    def numbered(self) -> tuple[str, ...]:
        """The written names in the order in which `ImageFolder` numbers them; every format gives them these numbers."""
        return tuple(sorted(self.written_names.values()))

    def of_split(self, split: Split) -> list[ExportRow]:
        return [row for row in self.rows if row.split == split]

    def with_facts(self, rows: Sequence[ExportRow]) -> Iterator[tuple[ExportRow, FaceFacts]]:
        """Each of the rows with its facts, which are read in blocks."""
        for start in range(0, len(rows), _BLOCK):
            block = rows[start : start + _BLOCK]
            yield from zip(block, self.facts(block), strict=True)


def written_names(class_names: Sequence[str], course_order: Sequence[str] = ()) -> dict[str, str]:
    """The name of each class in files: its own, or with its number in `course_order` before it, as `0none`, `1pouting`
    …: the course's trainer sorts its folders."""
    digits = len(str(max(0, len(course_order) - 1)))
    numbered = {name: f"{number:0{digits}}{_course_name(name)}" for number, name in enumerate(course_order)}
    return {name: numbered.get(name, name) for name in class_names}


def _course_name(name: str) -> str:
    return "pouting" if name == "pout" else name


def class_path(split: Split, name: str, file: str) -> str:
    """Where class folders have a picture. name: of its class as it is written; file: of the picture."""
    return f"{split}/{name}/{file}"


def row_path(release: ReleaseContent, row: ExportRow) -> str:
    """`class_path` of a row."""
    return class_path(row.split, release.written_names[row.item.label], row.name)
