"""YOLO: `data.yaml` with the names, `images/…` with the pictures, `labels/…` with a line a box, in shares.

Both `images/train` and `train/images` are met, and lines that lie beside their picture.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.geometry import BoundingBox
from pipeline.core.messages import message
from pipeline.core.system.regular import open_regular
from pipeline.export.readers.folders import links_below, pictures_below
from pipeline.export.readers.labelled import LabelledPicture, around, box_of, decoded, split_of
from pipeline.export.readers.syntax.yolo_names import YAML, About, about

_NAMES: Final = re.compile(rb"^names[ \t]*:", re.MULTILINE)
_CLASS: Final = re.compile(r"(\d{1,6})(?:\.0*)?")
_HEAD: Final = 1 << 16
_BEYOND: Final = 0.01
"""So much of a share may lie outside of the picture: what rounding does."""


def find(root: Path) -> Path | None:
    """`data.yaml`, or the only YAML file with names; `classes.txt` beside `labels` (Label Studio) or beside pictures
    with their lines (LabelImg); `obj.names` (Darknet, and CVAT's YOLO 1.1)."""
    found = [root / name for name in ("data.yaml", "data.yml", "dataset.yaml")]
    if usual := next((one for one in found if one.is_file()), None):
        return usual
    named = [one for one in root.glob("*") if one.suffix.lower() in YAML and one.is_file() and _has_names(one)]
    if len(named) == 1:
        return named[0]
    classes = root / "classes.txt"
    if classes.is_file() and ((root / "labels").is_dir() or any(_beside(one) for one in pictures_below(root))):
        return classes
    return next((one for one in (root / "obj.names", root / "labels" / "classes.txt") if one.is_file()), None)


def recognise(root: Path) -> bool:
    """Also where the names are missing: folders called images and labels are no classes."""
    return root.is_dir() and (find(root) is not None or _has_lines(root))


def read(root: Path) -> Iterator[LabelledPicture]:
    """A picture without a line has no mouth and is left out. Raises UsageError."""
    file = find(root)
    if file is None:
        code = "import_yolo_names" if _has_lines(root) else "import_no_format"
        raise UsageError(message(code, place=root))
    told = about(file)
    places = defaultdict[Path, set[str]](set)
    for place, split in _places(root, told):
        places[place].add(split)
    for path in pictures_below(root):
        labels = _lines_of(root, path)
        if labels is None:
            continue
        words = (word for part in reversed(path.relative_to(root).parts[:-1]) for word in (part, *part.split("_")))
        split = next((found for word in words if (found := split_of(word))), "")
        for one in [split] if split else _told_splits(path, root, places):  # of several none is taken, and it is told
            yield from _of_picture(path, labels, one, told)
    for path in links_below(root):
        if path.is_dir():
            yield from _of_linked_folder(root, path, told)
        elif (labels := _lines_of(root, path)) is not None:
            yield from (replace(one, left=message("import_left_link")) for one in _of_picture(path, labels, "", told))


def _of_linked_folder(root: Path, link: Path, told: About) -> Iterator[LabelledPicture]:
    """The link itself, once for each class that the lines for the pictures behind it name: it is not followed."""
    parts = link.relative_to(root).parts
    at = len(parts) - 1 - parts[::-1].index("images") if "images" in parts else None
    lines = link / "labels" if at is None else root.joinpath(*parts[:at], "labels", *parts[at + 1 :])
    numbers = {kind for file in sorted(lines.rglob("*.txt")) for kind in _kinds(file)}
    for number in sorted(numbers & told.names.keys()):
        yield LabelledPicture(link, told.names[number], left=message("import_left_link"))


def _kinds(file: Path) -> set[int]:
    lines = (line.split(maxsplit=1) for line in decoded(file).splitlines())
    return {int(found[1]) for line in lines if line and (found := _CLASS.fullmatch(line[0]))}


def _has_names(file: Path) -> bool:
    try:
        with open_regular(file) as stream:
            return _NAMES.search(stream.read(_HEAD).removeprefix(b"\xef\xbb\xbf")) is not None
    except OSError:
        return False


def _has_lines(root: Path) -> bool:
    """Whether there are folders `labels` with lines for pictures of the folders `images` beside them."""
    return any(lines.parent != path.parent for path in pictures_below(root) if (lines := _lines_of(root, path)))


def _lines_of(root: Path, path: Path) -> Path | None:
    """The file with a picture's lines: in `labels` where it lies in `images`, else beside it."""
    parts = path.relative_to(root).parts
    if "images" in parts[:-1]:
        at = len(parts) - 2 - parts[-2::-1].index("images")
        labels = root.joinpath(*parts[:at], "labels", *parts[at + 1 :]).with_suffix(".txt")
        if labels.is_file():
            return labels
    return path.with_suffix(".txt") if _beside(path) else None


def _beside(path: Path) -> bool:
    return path.with_suffix(".txt").is_file()


def _places(root: Path, told: About) -> Iterator[tuple[Path, str]]:
    """The folders and pictures that are said to be a split's. `..` before a name leads from where a trainer runs."""
    for split, names in told.places.items():
        for name in names:
            place = _below(root, name)
            if place.suffix.lower() != ".txt":
                yield place, split
            elif place.is_file():
                for line in decoded(place).splitlines():
                    yield _below(root, line.strip()), split


def _below(root: Path, name: str) -> Path:
    """What a name means here: lists mostly tell where pictures lay on another machine, so its longest end that is there
    counts."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    ends = (root.joinpath(*parts[at:]) for at in range(len(parts)))
    return next((one for one in ends if os.path.exists(one)), root.joinpath(*parts))


def _told_splits(path: Path, root: Path, places: Mapping[Path, set[str]]) -> list[str]:
    """Of a folder that several splits name none is told; of a picture on their lists each."""
    told = next((one for one in (path, *path.parents) if one in places and one != root), None)
    return sorted(places[told]) if told is not None and (told == path or len(places[told]) == 1) else [""]


def _of_picture(path: Path, labels: Path, split: str, told: About) -> Iterator[LabelledPicture]:
    for number, line in enumerate(decoded(labels).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            kind, *numbers = line.split()
            found = _CLASS.fullmatch(kind)
            if found and int(found[1]) not in told.names:
                raise UsageError(message("import_class_number", file=f"{labels}, {number}", number=found[1]))
            label = told.names[int(found[1])] if found else ""
            box = _box([float(text) for text in numbers], told.points)
        except ValueError as e:
            raise UsageError(message("import_row", file=labels, line=number)) from e
        if box is None or not label:
            raise UsageError(message("import_row", file=labels, line=number))
        yield LabelledPicture(path, label, split, box, in_shares=True)


def _box(numbers: list[float], points: int | None) -> BoundingBox | None:
    """Middle, width and height, with or without how sure a detector is, or with points behind them; or the corners of
    an outline (a turned box has four). None for what is none of these, or is told in pixels."""
    boxed = len(numbers) in (4, 5) or len(numbers) == 4 + (points or 0)
    if not all(-_BEYOND <= one <= 1 + _BEYOND for one in (numbers[:4] if boxed else numbers)):
        return None
    if boxed:
        x, y, width, height = numbers[:4]
        return box_of(x - width / 2, y - height / 2, width, height)
    if len(numbers) < 6 or len(numbers) % 2 or points is not None:
        return None
    return around(list(zip(numbers[::2], numbers[1::2], strict=True)))
