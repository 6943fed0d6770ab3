"""Label Studio: a JSON list of tasks with annotations; boxes in per cent of the picture, classes as choices."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from pipeline.core.errors import UsageError
from pipeline.core.geometry import BoundingBox
from pipeline.core.messages import Message, message
from pipeline.export.readers.labelled import (
    PICTURES,
    Fields,
    LabelledPicture,
    Unique,
    around,
    box_of,
    read_json,
    told_split,
)
from pipeline.export.readers.sniff import files_of, tool_of
from pipeline.export.readers.syntax import video
from pipeline.export.readers.syntax.other_machine import NamedFiles, is_elsewhere

_LABELLED: Final = ("polygonlabels", "ellipselabels", "brushlabels")
_BOXES: Final = ("rectangle", "rectanglelabels", "polygon", *_LABELLED)
"""Kinds of what is drawn. A choice of the same id says the class of it."""
_PICTURE: Final = re.compile(rf"(?:{'|'.join(map(re.escape, sorted(PICTURES)))})(?:[?#]|$)", re.IGNORECASE)
_UPLOADED: Final = re.compile(r"[0-9a-f]{8}-")


def find(root: Path) -> Path | None:
    """`tasks.json`, or the only file of its kind: Label Studio calls its exports after project and time."""
    file = root / "tasks.json"
    if root.is_dir() and file.is_file():
        return file
    found = files_of(root, "label-studio") or files_of(root, "label-studio-min")
    return found[0] if len(found) == 1 else None


def read(root: Path) -> Iterator[LabelledPicture]:
    """Of each task the newest annotation that was not cancelled. Raises UsageError."""
    file = find(root)
    if file is not None and tool_of(file) == "label-studio-min":
        raise UsageError(message("import_label_studio_csv", file=file))
    tasks = None if file is None else read_json(file)
    if file is None or not isinstance(tasks, list):
        raise UsageError(message("import_no_format", place=root))
    ids, named = Unique(file), NamedFiles(root if root.is_dir() else root.parent, file)
    for number, entry in enumerate(tasks):
        task = Fields(entry, file, f"[{number}]")
        if task.has("id"):
            ids.add(task.key("id"))
        yield from _task(named, file, task, f"[{number}]")


def _task(named: NamedFiles, file: Path, task: Fields, entry: str) -> Iterator[LabelledPicture]:
    made = [Fields(one, file, f"{entry}.annotations") for one in task.items("annotations")]
    made = [one for one in made if not one.has("was_cancelled") or one._value["was_cancelled"] is not True]
    if not made:
        return
    data = task.inner("data")
    path = _picture(named, file, data.text(_field_of_picture(data)))
    split = told_split(data.text("split", ""), file, entry)
    sha256, face_id = data.text("image_sha256", ""), data.text("face_id", "")
    together = video.told(data)
    results = [Fields(value, file, f"{entry}.result[{n}]") for n, value in enumerate(_newest(made).items("result"))]
    regions = {one.text("id", "") for one in results if one.text("type", "") in _BOXES}
    of_region, of_all = dict[str, list[str]](), list[str]()
    for one in results:
        if one.text("type", "") == "choices":
            labels = _texts(one.inner("value"), "choices")
            if (region := one.text("id", "")) and region in regions:
                of_region.setdefault(region, []).extend(labels)
            else:
                of_all.extend(labels)
    labelled = [
        one for one in results if one.text("type", "") in ("rectanglelabels", *_LABELLED) or _has(one, of_region)
    ]
    for one in labelled:
        labels = of_region.get(one.text("id", "")) or _texts(one.inner("value"), one.text("type", ""))
        box, left = _box(one)
        for label in labels:  # of several none is taken, and they are told
            yield LabelledPicture(
                path, label, split, box, in_shares=True, sha256=sha256, face_id=face_id or _face_of(one),
                drawn_on=_size(one), left=left, together=together,
            )  # fmt: skip
    for label in of_all:
        yield LabelledPicture(path, label, split, sha256=sha256, face_id=face_id, together=together)


def _field_of_picture(data: Fields) -> str:
    """`image`, or what a project's own template calls it: the only field that tells a picture's address."""
    if data.has("image"):
        return "image"
    own = [name for name in data.names() if data.is_text(name) and _PICTURE.search(data.text(name))]
    return own[0] if len(own) == 1 else "image"


def _has(one: Fields, labels: dict[str, list[str]]) -> bool:
    return one.text("type", "") in _BOXES and one.text("id", "") in labels


def _newest(made: list[Fields]) -> Fields:
    """By the time of its last change where each tells it, else the last in the list."""
    times = [next((one.text(at) for at in ("updated_at", "created_at") if one.has(at)), "") for one in made]
    return made[-1] if not all(times) else max(zip(times, range(len(made)), made, strict=True))[2]


def _size(result: Fields) -> tuple[float, float] | None:
    width, height = "original_width", "original_height"
    return (result.number(width), result.number(height)) if result.has(width) and result.has(height) else None


def _face_of(result: Fields) -> str:
    """A release of Moue names the face in the id of its box."""
    face, _, kind = result.text("id", "").rpartition("-")
    return face if kind == "box" and len(face) == 32 else ""


def _texts(value: Fields, field: str) -> list[str]:
    found: list[Any] = value.items(field)
    if not found or not all(isinstance(one, str) for one in found):
        raise value.wrong(field)
    return list(dict.fromkeys(found))


def _box(result: Fields) -> tuple[BoundingBox | None, Message | None]:
    """In shares of the picture, or why it is no face's. Turned boxes turn around their first corner."""
    value = result.inner("value")
    if result.has("image_rotation") and result.number("image_rotation"):
        return None, message("import_left_turned")
    if value.is_list("points"):
        corners = [Fields({"of": one}, value.file, value.entry).numbers("of", 2) for one in value.items("points")]
        box = around([(x / 100, y / 100) for x, y in corners])
        return box, (None if box is not None else message("import_left_empty"))
    if result.text("type", "") not in ("rectangle", "rectanglelabels"):
        return None, message("import_left_outline")
    x, y, width, height = (value.number(name) / 100 for name in ("x", "y", "width", "height"))
    if box_of(x, y, width, height) is None:
        raise value.wrong("width")
    turn, size = (value.number("rotation") if value.has("rotation") else 0.0), _size(result)
    if not turn:
        return box_of(x, y, width, height), None
    if size is None:
        return None, message("import_left_turned")
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    along, down = width * size[0], height * size[1]
    turned = [(u * cos - v * sin, u * sin + v * cos) for u in (0, along) for v in (0, down)]
    return around([(x + u / size[0], y + v / size[1]) for u, v in turned]), None


def _picture(named: NamedFiles, file: Path, address: str) -> Path:
    """A local file's address (`…?d=images/a.jpg`), an upload's (`/data/upload/1/a.jpg`) by its name, or a path."""
    try:
        parts = urlsplit(address)
    except ValueError as e:
        raise UsageError(message("import_path_outside", file=file, name=address[:200])) from e
    if parts.path.rstrip("/").endswith("/data/local-files"):
        return _local(named, address.partition("?")[2])
    elif "/data/upload/" in parts.path:
        return _upload(named, unquote(parts.path).rpartition("/")[2])
    elif (parts.scheme or parts.netloc) and not is_elsewhere(address):
        raise UsageError(message("import_path_outside", file=file, name=address[:200]))
    return named.find(address)


def _local(named: NamedFiles, query: str) -> Path:
    """The path behind `d=`, coded as addresses are or as it stands: then `+`, `&` and `#` are part of a name. It leads
    from a folder of the server's machine, of which a data set has a part."""
    plain = query.removeprefix("d=")
    coded = parse_qs(query).get("d", [""])[0]
    if is_elsewhere(coded):
        return named.by_end(coded)
    try:
        return named.find(plain)
    except UsageError as e:
        if e.message.code != "import_picture_missing" or not coded:
            raise
    try:
        return named.find(coded)
    except UsageError as e:
        if e.message.code != "import_picture_missing":
            raise
    return named.by_end(coded)


def _upload(named: NamedFiles, name: str) -> Path:
    """Label Studio puts eight digits before the name of what was uploaded; its own folder is not in an export."""
    try:
        return named.first((named.root / "images", named.root), name)
    except UsageError as e:
        own = _UPLOADED.sub("", name, count=1)
        if e.message.code != "import_picture_missing" or own == name:
            raise
    return named.first((named.root / "images", named.root), own)
