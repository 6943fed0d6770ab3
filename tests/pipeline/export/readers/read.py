"""Data sets that a test writes down, as the readers tell them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import UsageError
from pipeline.export.readers import registry
from pipeline.export.readers.labelled import LabelledPicture

Files = dict[str, str]
NAMES = "names: [none, smile]\n"
BOX = (0.1, 0.2, 0.4, 0.6)
LINE = "1 .25 .4 .3 .4"
COCO = "annotations/instances_default.json"


def pictures(root: Path, files: Files) -> list[LabelledPicture]:
    for name, data in files.items():
        path = root / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(data, encoding="utf-8", newline="")
    return registry.read(root / "set", registry.recognise(root / "set"), root / "scratch")


def labels(root: Path, files: Files) -> list[tuple[str, str, Any]]:
    """Of each label the picture, the class, and the box or why there is none."""
    found = []
    for one in pictures(root, files):
        box = one.box and tuple(round(v, 3) for v in (one.box.x1, one.box.y1, one.box.x2, one.box.y2))
        found.append((one.path.relative_to(root / "set").as_posix(), one.label, one.left.code if one.left else box))
    return found


def refusal(root: Path, files: Files) -> str:
    with pytest.raises(UsageError) as refused:
        pictures(root, files)
    return refused.value.message.code


def coco(image: dict[str, Any] | None = None, **annotation: Any) -> str:
    one = {"id": 1, "image_id": 7, "category_id": 0, "bbox": [1, 2, 3, 4], **annotation}
    images = [{"id": 7, "file_name": "a.jpg", **(image or {})}]
    return json.dumps({
        "images": images, "categories": [{"id": 0, "name": "smile"}],
        "annotations": [{name: value for name, value in one.items() if value is not None}],
    })  # fmt: skip


def task(*results: dict[str, Any], **more: Any) -> str:
    made = [{"id": 1, "result": list(results), **more}]
    return json.dumps([{"id": 3, "data": {"image": "a.jpg"}, "annotations": made}])


def region(kind: str, value: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": kind, "value": value, "original_width": 200, "original_height": 100, **more}


RECTANGLE = {"x": 10, "y": 20, "width": 30, "height": 40}
