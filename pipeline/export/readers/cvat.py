"""CVAT for images and for video 1.1: `annotations.xml`; boxes are rectangles with the class as label, or tags of whole
pictures.

A polygon stands for the box around it; a label of another shape is no face's. Points in one group with a box are its
face's landmarks, where there are 68 of them. A track of a video has a box, with the track's label, in each frame where
the object is not `outside`; the frames are pictures beside it, `images/frame_000000.png` and so on. Tracks without any
are refused by name. Pictures of a task in the mode `interpolation` are frames of its video.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.geometry import BoundingBox
from pipeline.core.messages import message
from pipeline.export.readers.labelled import PICTURES, LabelledPicture, Unique, around, box_of, split_of
from pipeline.export.readers.syntax import points
from pipeline.export.readers.syntax.named_files import inside
from pipeline.export.readers.syntax.other_machine import NamedFiles
from pipeline.export.readers.syntax.xml_stream import parse

_OTHER_SHAPES: Final = frozenset({"polyline", "ellipse", "mask", "cuboid", "skeleton"})
_SHAPES: Final = _OTHER_SHAPES | {"box", "polygon"}
_META: Final = frozenset({"width", "height", "id", "mode"})
"""Of what `meta` says of a task and its video."""
_LONGEST: Final = 32
_FRAME: Final = "frame_"


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
    parse(file, reader.start, reader.end, reader.characters)
    yield from reader.found


def _size(given: dict[str, str]) -> tuple[float, float] | None:
    """Of the picture that was drawn on, None where it is not told."""
    told = [given.get(name, "") for name in ("width", "height")]
    good = all(text.isascii() and text.isdigit() and len(text) < 9 and int(text) for text in told)
    return (float(told[0]), float(told[1])) if good else None


class _Frames:
    """The pictures of a video's frames, in the first of the folders that has any."""

    def __init__(self, folders: Sequence[Path], file: Path) -> None:
        self._folder, self._file = folders[-1], file
        self._names: dict[str, list[str]] = {}
        for folder in folders:
            if folder.is_dir() and (names := [one.name for one in folder.iterdir() if _is_frame(one)]):
                self._folder = folder
                for name in sorted(names):
                    self._names.setdefault(Path(name).stem, []).append(name)
                return

    def __bool__(self) -> bool:
        return bool(self._names)

    def picture(self, number: int) -> Path:
        """Raises UsageError where there is none, or several."""
        stem = f"{_FRAME}{number:06}"
        names = self._names.get(stem, [stem])
        if len(names) > 1:
            raise UsageError(message("import_picture_twice", file=self._file, name=stem, n=len(names)))
        return inside(self._folder, names[0], self._file)


def _is_frame(path: Path) -> bool:
    return path.name.startswith(_FRAME) and path.suffix.lower() in PICTURES


class _Tasks:
    """Which pictures are of one video, as `meta` tells of the tasks: by id the mode, `annotation` for single pictures
    and `interpolation` for a video."""

    def __init__(self) -> None:
        self._modes: dict[str, str] = {}
        self._told: dict[str, str] | None = None

    def begin(self) -> None:
        self._told = {}

    def tell(self, name: str, text: str) -> None:
        if self._told is not None:
            self._told.setdefault(name, text)  # the first id is the task's own, others are of its parts

    def end(self) -> None:
        if self._told is not None:
            self._modes[self._told.get("id", "")] = self._told.get("mode", "")
        self._told = None

    def video(self, given: dict[str, str], *, track: bool) -> str:
        """The name of the video that a picture or a track is of, "" of a single picture. A track is of one where the
        mode is not told."""
        alone = len(self._modes) == 1
        task = given.get("task_id") or (next(iter(self._modes)) if alone else "")
        mode = self._modes.get(task, "")
        if mode == "interpolation" or (track and not mode):
            return f"task {task}" if task or alone else f"subset {given.get('subset', '')}"
        return ""


class _Reader:
    """Takes the elements as they come."""

    def __init__(self, root: Path, file: Path) -> None:
        self._root, self._file, self.found = root, file, list[LabelledPicture]()
        self._named = NamedFiles(root, file)
        self._path: Path | None = None
        self._size: tuple[float, float] | None = None
        self._split = self._face = ""
        self._first = 0
        self._takes_face = False
        self._groups: dict[str, int] = {}
        self._points: dict[str, bytes] = {}
        self._ids = Unique(file)
        self._track: dict[str, str] | None = None
        self._frames: dict[str, _Frames] = {}
        self._video: dict[str, str] = {}
        self._text: str | None = None
        self._tasks, self._together = _Tasks(), ""

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "image":
            self._ids.add((given.get("task_id", ""), given.get("subset", ""), given.get("id", "")))
            self._split = split_of(given.get("subset", ""))
            self._together = self._tasks.video(given, track=False)
            self._path, self._first = self._picture(given), len(self.found)
            self._size = _size(given)
            self._groups, self._points = {}, {}
        elif name == "track":
            self._track = given
        elif name == "original_size":
            self._video = {}
        elif name == "task":
            self._tasks.begin()
        elif self._track is not None and name in _SHAPES:
            self._in_frame(name, given, self._track)
        elif name in _META:
            self._text = ""
        elif self._path is not None and (name in ("box", "tag", "polygon") or name in _OTHER_SHAPES):
            self._label(name, given)
        elif self._path is not None and name == "points" and given.get("group_id"):
            self._points[given["group_id"]] = points.of_pairs(self._pairs(name, given))
        elif name == "attribute" and given.get("name") == "face_id":
            self._takes_face, self._face = True, ""

    def characters(self, text: str) -> None:
        if self._takes_face and len(self._face) < 64:
            self._face += text
        elif self._text is not None and len(self._text) < _LONGEST:
            self._text += text

    def end(self, name: str) -> None:
        if name == "attribute" and self._takes_face:
            self._takes_face = False
            if len(self.found) > self._first:
                last = self.found[-1]
                self.found[-1] = replace(last, face_id=self._face.strip())
        elif name == "image":
            for group, found in self._points.items():
                if (at := self._groups.get(group)) is not None:
                    self.found[at] = replace(self.found[at], points=found)
            self._path = None
        elif name == "track":
            self._track = None
        elif name == "task":
            self._tasks.end()
        elif name in _META and self._text is not None:
            self._video[name], self._text = self._text.strip(), None
            self._tasks.tell(name, self._video[name])

    def _in_frame(self, name: str, given: dict[str, str], track: dict[str, str]) -> None:
        self._first = len(self.found)  # what an attribute says is of a box that is taken
        if given.get("outside") == "1":
            return
        number, subset = given.get("frame", ""), track.get("subset", "")
        if not (number.isascii() and number.isdigit() and len(number) < 9):
            raise self._wrong("frame")
        if subset not in self._frames:
            self._frames[subset] = _Frames(self._folders(subset), self._file)
        if not self._frames[subset]:
            raise UsageError(message("import_cvat_track", file=self._file, label=track.get("label", "")[:80]))
        self._path, self._split = self._frames[subset].picture(int(number)), split_of(subset)
        self._together = self._tasks.video(track, track=True)
        self._size = _size(self._video)
        told = {key: value for key, value in given.items() if key != "group_id"}  # a track is no group of one frame
        self._label(name, {**told, "label": track.get("label", "")})
        self._path = None

    def _label(self, name: str, given: dict[str, str]) -> None:
        assert self._path is not None
        label = given.get("label", "")
        if not label:
            raise self._wrong(name)
        box: BoundingBox | None = None
        left = None
        if name == "box":
            try:
                x1, y1, x2, y2 = (float(given[key]) for key in ("xtl", "ytl", "xbr", "ybr"))
            except (KeyError, ValueError) as e:
                raise self._wrong(name) from e
            box = box_of(x1, y1, x2 - x1, y2 - y1)
            if box is None:
                raise self._wrong(name)
            box = self._turned(box, given.get("rotation", "0"))
        elif name == "polygon":
            box = around(self._pairs(name, given))
            left = message("import_left_empty") if box is None else None
        elif name in _OTHER_SHAPES:
            left = message("import_left_outline")
        if box is not None and (group := given.get("group_id")):
            self._groups[group] = len(self.found)
        self.found.append(
            LabelledPicture(
                self._path, label, self._split, box, drawn_on=self._size, left=left, together=self._together
            )
        )

    def _turned(self, box: BoundingBox, told: str) -> BoundingBox | None:
        """The box around one that was turned, clockwise around its middle, by so many degrees."""
        try:
            turn = math.radians(float(told))
        except ValueError as e:
            raise self._wrong("rotation") from e
        if not math.isfinite(turn):
            raise self._wrong("rotation")
        if not turn:
            return box
        cos, sin = abs(math.cos(turn)), abs(math.sin(turn))
        width, height = box.x2 - box.x1, box.y2 - box.y1
        across, down = width * cos + height * sin, width * sin + height * cos
        return box_of((box.x1 + box.x2 - across) / 2, (box.y1 + box.y2 - down) / 2, across, down)

    def _pairs(self, name: str, given: dict[str, str]) -> list[tuple[float, float]]:
        try:
            found = [(float(x), float(y)) for x, y in (pair.split(",") for pair in given.get("points", "").split(";"))]
        except ValueError as e:
            raise self._wrong(name) from e
        if not all(math.isfinite(v) for pair in found for v in pair):
            raise self._wrong(name)
        return found

    def _picture(self, given: dict[str, str]) -> Path:
        """Below `images`, where CVAT puts them with or without the subset's folder, or from the root."""
        return self._named.first(self._folders(given.get("subset", "")), given.get("name", ""))

    def _folders(self, subset: str) -> Sequence[Path]:
        images = self._root / "images"
        plain = subset not in ("", ".", "..") and not set(subset) & set("/\\:\0")
        own = (images / subset, self._root / subset) if plain else ()
        return (*own, images, self._root)

    def _wrong(self, field: str) -> UsageError:
        return UsageError(message("import_wrong_type", file=self._file, entry=str(self._path), field=field))
