"""Each reader of a labelled data set: what it reads, and what it refuses in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import UsageError
from pipeline.export.readers import registry

CATEGORIES = [{"id": 1, "name": "smile"}]
IMAGES = [{"id": 1, "file_name": "a.jpg"}]
COCO = "annotations/train.json"
BOX = {"id": 1, "image_id": 1, "category_id": 1}
CVAT = """<annotations><image id="0" name="a.jpg" subset="train"><box label="smile" xtl="1" ytl="1" xbr="4" ybr="5"/>
</image></annotations>"""


def coco(bbox: Any, images: Any = IMAGES) -> str:
    return json.dumps({"categories": CATEGORIES, "images": images, "annotations": [{**BOX, "bbox": bbox}]})


def task(image: str, result: Any) -> str:
    data = {"image": image, "split": "val"}
    return json.dumps([{"id": 1, "data": data, "annotations": [{"result": result}]}])


CHOICE = [{"type": "choices", "value": {"choices": ["smile"]}}]
SAMPLE = {"filepath": "a.jpg", "tags": ["test"], "ground_truth": {"label": "smile"}}
YOLO = {"images/train/a.jpg": "x", "labels/train/a.txt": "0 .5 .5 .2 .2\n"}


def read(root: Path, files: dict[str, str | bytes]) -> list[tuple[str, str, str, Any]]:
    for name, data in files.items():
        path = root / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    name = registry.recognise(root / "set")
    boxes = [(name, one.label, one.split, one.box) for one in registry.read(root / "set", name, root / "scratch")]
    return [
        (n, label, split, box and tuple(round(v, 3) for v in (box.x1, box.y1, box.x2, box.y2)))
        for n, label, split, box in boxes
    ]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"images/a.jpg": "x", COCO: coco([1, 2, 3, 4])}, ("coco", "smile", "train", (1, 2, 4, 6))),
        ({**YOLO, "data.yaml": "names:\n  0: smile\n"}, ("yolo", "smile", "train", (0.4, 0.4, 0.6, 0.6))),
        ({"images/train/a.jpg": "x", "annotations.xml": CVAT}, ("cvat", "smile", "train", (1, 1, 4, 5))),
        (
            {"images/a.jpg": "x", "tasks.json": task("/data/local-files/?d=images/a.jpg", CHOICE)},
            ("label-studio", "smile", "val", None),
        ),
        ({"a.jpg": "x", "samples.json": json.dumps({"samples": [SAMPLE]})}, ("fiftyone", "smile", "test", None)),
        ({"a.jpg": "x", "x.csv": "file,label,split\na.jpg,smile,valid\n"}, ("table", "smile", "val", None)),
        ({"fold2/smile/a.jpg": "x"}, ("folders", "smile", "fold2", None)),
    ],
)
def test_what_is_read(tmp_path: Path, files: dict[str, str | bytes], expected: tuple[Any, ...]) -> None:
    assert read(tmp_path, files) == [expected]


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({COCO: coco([1, 2, 3, 4], [{"id": 1, "file_name": "../a.jpg"}])}, "import_path_outside"),
        ({"images/a.jpg": "x", COCO: coco([1, 2, 3, 4], IMAGES * 2)}, "import_id_twice"),
        ({"images/a.jpg": "x", COCO: coco("x")}, "import_wrong_type"),
        ({"images/a.jpg": "x", COCO: coco([float("nan"), 1, 1, 1])}, "import_wrong_type"),
        ({COCO: '{"categories": [{"id": ' + "9" * 5000 + "}]}"}, "import_broken"),
        ({COCO: "[" * 200_000}, "import_too_deep"),
        ({COCO: b"\xff\xfe\x00"}, "import_no_utf8"),
        ({COCO: "[]"}, "import_wrong_type"),
        ({**YOLO, "data.yaml": "names: [smile]\n", "labels/train/a.txt": "7 .5 .5 .2 .2\n"}, "import_class_number"),
        ({"annotations.xml": '<!DOCTYPE a [<!ENTITY b "bb">]><annotations/>'}, "import_xml_entities"),
        ({"annotations.xml": "<a>" * 1000}, "import_too_deep"),
        ({"tasks.json": task("http://example.org/a.jpg", [])}, "import_path_outside"),
        ({"samples.json": json.dumps({"samples": [{"filepath": "/etc/passwd"}]})}, "import_path_elsewhere"),
        ({"x.csv": "file,label\n../a.jpg,smile\n"}, "import_path_outside"),
        ({"x.parquet": b"PAR1xxxxPAR1"}, "import_broken"),
        ({"readme.txt": "x"}, "import_no_format"),
    ],
)
def test_what_is_refused(tmp_path: Path, files: dict[str, str | bytes], code: str) -> None:
    (tmp_path / "a.jpg").write_bytes(b"outside")
    with pytest.raises(UsageError) as refused:
        read(tmp_path, files)
    assert refused.value.message.code == code
