"""Label Studio: a JSON list of tasks with annotations; boxes in per cent of the picture, classes as choices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from pipeline.core.errors import UsageError
from pipeline.core.geometry import BoundingBox
from pipeline.core.messages import message
from pipeline.export.readers.labelled import Fields, LabelledPicture, Unique, box_of, inside, read_json, split_of
from pipeline.export.readers.sniff import files_of

_UPLOADED: Final = re.compile(r"[0-9a-f]{8}-")


def find(root: Path) -> Path | None:
    """`tasks.json`, or the only file of its kind: Label Studio calls its exports after project and time."""
    file = root / "tasks.json"
    if root.is_dir() and file.is_file():
        return file
    found = files_of(root, "label-studio")
    return found[0] if len(found) == 1 else None


def read(root: Path) -> Iterator[LabelledPicture]:
    """Of each task the newest annotation that was not cancelled. Raises UsageError."""
    file = find(root)
    tasks = None if file is None else read_json(file)
    if file is None or not isinstance(tasks, list):
        raise UsageError(message("import_no_format", place=root))
    ids = Unique(file)
    for number, entry in enumerate(tasks):
        task = Fields(entry, file, f"[{number}]")
        if task.has("id"):
            ids.add(task.whole("id"))
        yield from _task(root if root.is_dir() else root.parent, file, task, f"[{number}]")


def _task(root: Path, file: Path, task: Fields, entry: str) -> Iterator[LabelledPicture]:
    made = [Fields(one, file, f"{entry}.annotations") for one in task.items("annotations")]
    made = [one for one in made if not one.has("was_cancelled") or one._value["was_cancelled"] is not True]
    if not made:
        return
    data = task.inner("data")
    path = _picture(root, file, data.text("image"))
    split = split_of(data.text("split", ""))
    sha256, face_id = data.text("image_sha256", ""), data.text("face_id", "")
    boxes, choices = [], []
    for number, value in enumerate(made[-1].items("result")):
        result = Fields(value, file, f"{entry}.result[{number}]")
        kind = result.text("type", "")
        if kind == "rectanglelabels":
            boxes.append((_first(result.inner("value"), kind), _box(result.inner("value")), _face_of(result)))
        elif kind == "choices":
            choices.append(_first(result.inner("value"), kind))
    if boxes:
        for label, box, face in boxes:
            yield LabelledPicture(path, label, split, box, in_shares=True, sha256=sha256, face_id=face_id or face)
        return
    for label in choices:
        yield LabelledPicture(path, label, split, sha256=sha256, face_id=face_id)


def _face_of(result: Fields) -> str:
    """A release of Moue names the face in the id of its box."""
    face, _, kind = result.text("id", "").rpartition("-")
    return face if kind == "box" and len(face) == 32 else ""


def _first(value: Fields, field: str) -> str:
    found: list[Any] = value.items(field)
    if not found or not isinstance(found[0], str):
        raise value.wrong(field)
    return found[0]


def _box(value: Fields) -> BoundingBox:
    box = box_of(*(value.number(name) / 100 for name in ("x", "y", "width", "height")))
    if box is None:
        raise value.wrong("width")
    return box


def _picture(root: Path, file: Path, address: str) -> Path:
    """A local file's address (`…?d=images/a.jpg`), an upload's (`/data/upload/1/a.jpg`) by its name, or a path."""
    try:
        parts = urlsplit(address)
    except ValueError as e:
        raise UsageError(message("import_path_outside", file=file, name=address[:200])) from e
    if parts.path.rstrip("/").endswith("/data/local-files"):
        name = parse_qs(parts.query).get("d", [""])[0]
    elif parts.path.startswith("/data/upload/"):
        return _upload(root, file, unquote(parts.path).rpartition("/")[2])
    elif parts.scheme or parts.netloc:
        raise UsageError(message("import_path_outside", file=file, name=address[:200]))
    else:
        name = address
    return inside(root, name, file)


def _upload(root: Path, file: Path, name: str) -> Path:
    """Label Studio puts eight digits before the name of what was uploaded; its own folder is not in an export."""
    own = _UPLOADED.sub("", name, count=1)
    for one in (f"images/{name}", name, f"images/{own}", own):
        try:
            return inside(root, one, file)
        except UsageError as e:
            if e.message.code != "import_picture_missing":
                raise
    raise UsageError(message("import_picture_missing", file=file, name=name[:200]))
