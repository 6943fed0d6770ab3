"""The pictures of a release for formats that keep boxes in a file beside them: one picture, and the mouths in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Final

from pipeline.core.durable import make_below
from pipeline.core.geometry import BoundingBox, Points
from pipeline.export.formats.content import ExportRow, Picture, ReleaseContent, picture_name
from pipeline.export.split import Split

IMAGES: Final = "images"


@dataclass(frozen=True, slots=True, eq=False)
class Mouth:
    """A mouth in a picture: box and landmarks in the picture's pixels. name: its class as it is written; number: from 0
    on, as `ImageFolder` numbers it."""

    row: ExportRow
    name: str
    number: int
    box: BoundingBox
    landmarks: Points | None


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture and the mouths in it. name: of its file, unique in the release. number: from 1 on."""

    number: int
    split: Split
    name: str
    picture: Picture
    mouths: tuple[Mouth, ...]


def frames(release: ReleaseContent, split: Split, numbers: Iterator[int]) -> Iterator[Frame]:
    """One picture of the split after the other, by name. A whole photo comes once, with all its mouths."""
    names = release.written_names
    class_numbers = {name: number for number, name in enumerate(release.numbered)}
    for file_name, rows in sorted(_rows_by_name(release, split).items()):
        pictures = [release.picture(row) for row in rows]
        mouths = []
        for row, picture in zip(rows, pictures, strict=True):
            name = names[row.item.label]
            mouths.append(Mouth(row, name, class_numbers[name], inside(picture.box, picture), picture.landmarks))
        yield Frame(next(numbers), split, file_name, pictures[0], tuple(mouths))


def _rows_by_name(release: ReleaseContent, split: Split) -> dict[str, list[ExportRow]]:
    found: dict[str, list[ExportRow]] = defaultdict(list)
    for row in release.rows:
        if row.split == split:
            found[frame_name(release, row)].append(row)
    return found


def frame_name(release: ReleaseContent, row: ExportRow) -> str:
    """The name of the file that shows the row; a whole photo's is that of the photo."""
    return picture_name(row.item, PurePosixPath(row.file).suffix, once=True) if release.shows == "photo" else row.name


def image_path(split: Split, _: str, file: str) -> str:
    """Where formats with one folder a split have a picture; see `content.class_path`."""
    return f"{IMAGES}/{split}/{file}"


def inside(box: BoundingBox, picture: Picture) -> BoundingBox:
    """The part of the box that lies in the picture: readers refuse boxes that stick out, or drop their labels.

    Of a mouth that was placed beside the picture the nearest pixel: a box without an area they refuse, too.
    """
    (x1, x2), (y1, y2) = _within(box.x1, box.x2, picture.width), _within(box.y1, box.y2, picture.height)
    return BoundingBox(x1, y1, x2, y2)


def _within(start: float, end: float, side: int) -> tuple[float, float]:
    start = min(max(0.0, start), side - 1.0)
    return start, min(max(start + 1.0, end), float(side))


def visible(points: Points, picture: Picture) -> list[bool]:
    """Of each landmark whether it lies in the picture."""
    size = (picture.width, picture.height)
    return [all(0 <= value < side for value, side in zip(point, size, strict=True)) for point in points.tolist()]


def write_images(release: ReleaseContent, root: Path, folder: str = IMAGES) -> Iterator[tuple[Split, Iterator[Frame]]]:
    """For each split its pictures, numbered throughout; each is written to `folder/split/name` before it comes.

    Take the pictures of one split before the next one. Every split has its folder.
    """
    numbers = count(1)
    for split in release.splits:
        make_below(root, root / folder / split)
        yield split, _written(release, frames(release, split, numbers), root / folder / split)


def _written(release: ReleaseContent, found: Iterator[Frame], folder: Path) -> Iterator[Frame]:
    for frame in found:
        release.put(folder / frame.name, frame.picture.data)
        yield frame
