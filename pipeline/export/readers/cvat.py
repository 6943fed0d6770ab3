"""CVAT for images 1.1: `annotations.xml`; boxes are rectangles with the class as label, or tags of whole pictures.

Read as a stream by expat. A file that declares entities or a document type is refused: that is how a few lines become
gigabytes ("billion laughs").
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.parsers import expat

from pipeline.core.errors import UsageError
from pipeline.core.messages import Message, message
from pipeline.export.readers.labelled import LabelledPicture, Unique, box_of, inside, read_text, split_of

_MOST_DEPTH: Final = 64


def find(root: Path) -> Path | None:
    if root.is_file():
        return root if root.suffix.lower() == ".xml" else None
    file = root / "annotations.xml"
    return file if file.is_file() else None


def read(root: Path) -> Iterator[LabelledPicture]:
    """Raises UsageError."""
    file = find(root)
    if file is None:
        raise UsageError(message("import_no_format", place=root))
    reader = _Reader(root if root.is_dir() else root.parent, file)
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = reader.refuse
    try:
        parser.Parse(read_text(file), True)
    except (expat.ExpatError, LookupError) as e:  # LookupError: an encoding that there is not
        raise UsageError(message("import_broken", file=file, why=str(e)[:200])) from e
    yield from reader.found


class _Reader:
    """Takes the elements as they come."""

    def __init__(self, root: Path, file: Path) -> None:
        self._root, self._file, self.found = root, file, list[LabelledPicture]()
        self._path: Path | None = None
        self._split = self._face = ""
        self._depth = self._first = 0
        self._takes_face = False
        self._ids = Unique(file)

    def refuse(self, *_: object) -> None:
        raise UsageError(message("import_xml_entities", file=self._file))

    def start(self, name: str, given: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise UsageError(message("import_too_deep", file=self._file))
        if name == "image":
            self._ids.add((given.get("task_id", ""), given.get("subset", ""), given.get("id", "")))
            self._split = split_of(given.get("subset", ""))
            self._path, self._first = self._picture(given), len(self.found)
        elif self._path is not None and name in ("box", "tag"):
            self._label(name, given)
        elif name == "attribute" and given.get("name") == "face_id":
            self._takes_face, self._face = True, ""

    def characters(self, text: str) -> None:
        if self._takes_face and len(self._face) < 64:
            self._face += text

    def end(self, name: str) -> None:
        self._depth -= 1
        if name == "attribute" and self._takes_face:
            self._takes_face = False
            if len(self.found) > self._first:
                last = self.found[-1]
                self.found[-1] = LabelledPicture(
                    last.path, last.label, last.split, last.box, face_id=self._face.strip()
                )
        elif name == "image":
            self._path = None

    def _label(self, name: str, given: dict[str, str]) -> None:
        assert self._path is not None
        label = given.get("label", "")
        if not label:
            raise self._wrong(name)
        box = None
        if name == "box":
            try:
                x1, y1, x2, y2 = (float(given[key]) for key in ("xtl", "ytl", "xbr", "ybr"))
            except (KeyError, ValueError) as e:
                raise self._wrong(name) from e
            box = box_of(x1, y1, x2 - x1, y2 - y1)
            if box is None:
                raise self._wrong(name)
        self.found.append(LabelledPicture(self._path, label, self._split, box))

    def _picture(self, given: dict[str, str]) -> Path:
        """Below `images`, where CVAT puts them with or without the subset's folder, or from the root."""
        name, subset = given.get("name", ""), given.get("subset", "")
        tried = [f"images/{subset}/{name}", f"images/{name}", name] if subset else [f"images/{name}", name]
        inside_of: Message | None = None
        for one in tried:
            try:
                return inside(self._root, one, self._file)
            except UsageError as e:
                inside_of = e.message
                if inside_of.code != "import_picture_missing":
                    raise
        raise UsageError(message("import_picture_missing", file=self._file, name=name[:200]))

    def _wrong(self, field: str) -> UsageError:
        return UsageError(message("import_wrong_type", file=self._file, entry=str(self._path), field=field))
