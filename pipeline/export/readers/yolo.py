"""YOLO: `data.yaml` with the names, `images/…` with the pictures, `labels/…` with a line a box, in shares.

Both `images/train` and `train/images` are met, and lines that lie beside their picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.geometry import BoundingBox
from pipeline.core.messages import message
from pipeline.export.readers.folders import pictures_below
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
    places = dict(_places(root, told))
    for path in pictures_below(root):
        labels = _lines_of(root, path)
        if labels is None:
            continue
        words = (word for part in reversed(path.relative_to(root).parts[:-1]) for word in (part, *part.split("_")))
        split = next((found for word in words if (found := split_of(word))), "") or _told_split(path, root, places)
        yield from _of_picture(path, labels, split, told)


def _has_names(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
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
        if labels.is_file() and not labels.is_symlink():
            return labels
    return path.with_suffix(".txt") if _beside(path) else None


def _beside(path: Path) -> bool:
    lines = path.with_suffix(".txt")
    return lines.is_file() and not lines.is_symlink()


def _places(root: Path, told: About) -> Iterator[tuple[Path, str]]:
    """The folders and pictures that are said to be a split's. `..` before a name leads from where a trainer runs."""
    for split, names in told.places.items():
        for name in names:
            place = root.joinpath(*(part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")))
            if place.suffix.lower() != ".txt":
                yield place, split
            elif place.is_file() and not place.is_symlink():
                for line in decoded(place).splitlines():
                    parts = [part for part in line.strip().replace("\\", "/").split("/") if part not in ("", ".", "..")]
                    yield root.joinpath(*parts), split


def _told_split(path: Path, root: Path, places: dict[Path, str]) -> str:
    return next((places[one] for one in (path, *path.parents) if one in places and one != root), "")


def _of_picture(path: Path, labels: Path, split: str, told: About) -> Iterator[LabelledPicture]:
    for number, line in enumerate(decoded(labels).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            kind, *numbers = line.split()
            found = _CLASS.fullmatch(kind)
            label = told.names[int(found[1])] if found else ""
            box = _box([float(text) for text in numbers], told.points)
        except (ValueError, KeyError) as e:
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
