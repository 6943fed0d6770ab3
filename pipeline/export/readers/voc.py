"""Pascal VOC: an XML file a picture, in `Annotations` with the pictures in `JPEGImages`, or beside its picture.

Splits are lists of names in `ImageSets/Main`, or folders. Source: VOC2012's development kit, what LabelImg writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.geometry import BoundingBox
from pipeline.core.messages import message
from pipeline.core.system.regular import open_regular
from pipeline.export.readers.folders import walked
from pipeline.export.readers.labelled import PICTURES, LabelledPicture, box_of, decoded, split_of
from pipeline.export.readers.syntax.named_files import first_inside, inside
from pipeline.export.readers.syntax.xml_stream import parse
from pipeline.files.passing.names import passed_file, passed_folder

_ROOT: Final = re.compile(rb"<(?:[\w.-]+:)?annotation[\s>]")
_HEAD: Final = 4096
_BESIDE: Final = ("JPEGImages", "images", "Images", "imgs")
_CORNERS: Final = ("xmin", "ymin", "xmax", "ymax")


def find(root: Path) -> list[Path]:
    """The files, in the order of their names."""
    if root.is_file():
        return [root] if _is_one(root) else []
    return sorted(_below(root))


def recognise(root: Path) -> bool:
    return _is_one(root) if root.is_file() else next(_below(root), None) is not None


def read(root: Path) -> Iterator[LabelledPicture]:
    """Objects without a box are told as such; parts of an object (a head, a hand) are not read. Raises UsageError."""
    folder = root if root.is_dir() else root.parent
    splits = dict(_listed(folder))
    for file in find(root):
        told = _Told(file)
        parse(file, told.start, told.end, told.characters)
        if not told.objects:
            continue
        path = _picture(folder, file, told.values)
        words = reversed(file.relative_to(folder).parts[:-1])
        split = splits.get(file.stem, "") or next((found for word in words if (found := split_of(word))), "")
        size = _size(told.values)
        for number, one in enumerate(told.objects, start=1):
            if not one.get("name"):
                raise _wrong(file, f"object {number}", "name")
            box = _box(one, file, number)
            left = None if box is not None else message("import_left_empty")
            yield LabelledPicture(path, one["name"], split, box, drawn_on=size, left=left)


@dataclass(slots=True)
class _Told:
    """Takes the elements as they come. values: of the picture, by path (`size/width`). objects: by path, each."""

    file: Path
    values: dict[str, str] = field(default_factory=dict)
    objects: list[dict[str, str]] = field(default_factory=list)
    _path: list[str] = field(default_factory=list)
    _text: str = ""

    def start(self, name: str, _given: dict[str, str]) -> None:
        self._path.append(name)
        self._text = ""
        if self._path == ["annotation", "object"]:
            self.objects.append({})

    def characters(self, text: str) -> None:
        if len(self._text) < 4096:
            self._text += text

    def end(self, _name: str) -> None:
        path, text = self._path[1:], self._text.strip()
        if text and path[:1] == ["object"]:
            self._put(self.objects[-1], "/".join(path[1:]), text)
        elif text:
            self._put(self.values, "/".join(path), text)
        self._path.pop()
        self._text = ""

    def _put(self, where: dict[str, str], name: str, text: str) -> None:
        if name in ("name", "filename", *(f"bndbox/{corner}" for corner in _CORNERS)) and name in where:
            raise UsageError(message("import_id_twice", file=self.file, id=name))
        where[name] = text


def _is_one(file: Path) -> bool:
    if file.suffix.lower() != ".xml":
        return False
    try:
        with open_regular(file) as stream:
            return _ROOT.search(stream.read(_HEAD).replace(b"\0", b"")) is not None
    except OSError:
        return False


def _below(root: Path) -> Iterator[Path]:
    for here, folders, files in walked(root):
        folders[:] = sorted(name for name in folders if passed_folder(name) is None)
        for name in sorted(files):
            path = Path(here, name)
            if passed_file(name) is None and _is_one(path):
                yield path


def _listed(root: Path) -> Iterator[tuple[str, str]]:
    """Stem and split of `ImageSets/Main/train.txt` and its like."""
    for file in sorted((root / "ImageSets" / "Main").glob("*.txt")):
        if split := split_of(file.stem):
            yield from ((_stem(words[0]), split) for line in decoded(file).splitlines() if (words := line.split()))


def _stem(name: str) -> str:
    """Some lists have the picture's name with its ending."""
    path = Path(name)
    return path.stem if path.suffix.lower() in PICTURES else name


def _picture(root: Path, file: Path, values: dict[str, str]) -> Path:
    """The picture that the file names, and that is called like the file where both are there: a name that was copied
    along from another file would give its labels to another picture. Raises UsageError."""
    name = (values.get("filename") or values.get("path") or file.stem).replace("\\", "/").rpartition("/")[2]
    folders = [folder for folder in (file.parent, *(file.parent.parent / one for one in _BESIDE), root)]
    folders += [root / one for one in _BESIDE]
    folders = [folder for folder in folders if folder.is_relative_to(root)]
    own = [path for folder in dict.fromkeys(folders) for path in _called(folder, file.stem)]
    if name == file.stem or Path(name).suffix.lower() not in PICTURES:
        named = next((path for folder in dict.fromkeys(folders) for path in _called(folder, name)), None)
        if named is None:
            raise UsageError(message("import_picture_missing", file=file, name=name[:200]))
    elif own and not _is_there(folders, name, file):
        named = own[0]  # its picture was renamed with it, or saved as another kind
    else:
        named = first_inside(folders, name, file)
    if own and named not in own:
        raise UsageError(message("import_picture_unclear", file=file, name=name[:200], other=own[0].name))
    return named


def _is_there(folders: list[Path], name: str, file: Path) -> bool:
    try:
        first_inside(folders, name, file)
    except UsageError:
        return False
    return True


def _called(folder: Path, stem: str) -> list[Path]:
    """The pictures of this stem in a folder, by their usual extensions, in small letters or capitals."""
    names = [f"{stem}{suffix}" for one in sorted(PICTURES) for suffix in (one, one.upper())]
    return [inside(folder, name, folder) for name in names if (folder / name).is_file()]


def _size(values: dict[str, str]) -> tuple[float, float] | None:
    told = [values.get(f"size/{name}", "").removesuffix(".0") for name in ("width", "height")]
    good = all(text.isascii() and text.isdigit() and len(text) < 9 and int(text) for text in told)
    return (float(told[0]), float(told[1])) if good else None


def _box(one: dict[str, str], file: Path, number: int) -> BoundingBox | None:
    if not any(f"bndbox/{corner}" in one for corner in _CORNERS):
        return None
    try:
        x1, y1, x2, y2 = (float(one[f"bndbox/{corner}"]) for corner in _CORNERS)
    except (KeyError, ValueError) as e:
        raise _wrong(file, f"object {number}", "bndbox") from e
    return box_of(x1, y1, x2 - x1, y2 - y1)


def _wrong(file: Path, entry: str, name: str) -> UsageError:
    return UsageError(message("import_wrong_type", file=file, entry=entry, field=name))
