"""What a format writes: the rows of a release, and how to get at the picture and the facts of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final, Literal

from pipeline.core.geometry import BoundingBox, Points
from pipeline.core.records import ExportItem
from pipeline.export.split import Split

Shows = Literal["mouth", "face", "photo"]
Suffix = Literal[".png", ".jpg"]
"""Of the pictures of a release: what every reader knows (Keras knows no WebP)."""
_BLOCK: Final = 500


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One file of a release; `file` is relative to its root, with forward slashes: `split/class/name.suffix`."""

    file: str
    split: Split
    item: ExportItem


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


@dataclass(frozen=True, slots=True, eq=False)
class FaceFacts:
    """landmarks: float32 (68, 2), upright original pixels. metrics: see `metrics.METRICS`. votes: how many people gave
    each answer, sorted. agreement: the share of answers that equal the consensus."""

    landmarks: Points | None = None
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    votes: tuple[tuple[str, int], ...] = ()
    agreement: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ReleaseContent:
    """A release to be written. rows: sorted by file. class_names: as they are in the workspace and in its order.
    splits: in the order in which they are shown. picture: of one row, made when it is asked for. facts: of some rows,
    in their order. course_names: classes are written with their number before them."""

    rows: Sequence[ExportRow]
    class_names: tuple[str, ...]
    splits: tuple[Split, ...]
    picture: Callable[[ExportRow], Picture]
    facts: Callable[[Sequence[ExportRow]], Sequence[FaceFacts]]
    shows: Shows = "mouth"
    course_names: bool = False

    @property
    def written_names(self) -> Mapping[str, str]:
        """The name of each class in files: its own, or `0none`, `1pout` … in the workspace's order."""
        return written_names(self.class_names, course_names=self.course_names)

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


def written_names(class_names: Sequence[str], *, course_names: bool) -> dict[str, str]:
    """The name of each class in files. The course's trainer sorts its folders: a number keeps the workspace's order."""
    if not course_names:
        return {name: name for name in class_names}
    digits = len(str(max(0, len(class_names) - 1)))
    return {name: f"{number:0{digits}}{_course_name(name)}" for number, name in enumerate(class_names)}


def _course_name(name: str) -> str:
    return "pouting" if name == "pout" else name


def class_path(release: ReleaseContent, row: ExportRow) -> str:
    """Where class folders have the row's picture: `split/class/name.suffix`."""
    return f"{row.split}/{release.written_names[row.item.label]}/{PurePosixPath(row.file).name}"
