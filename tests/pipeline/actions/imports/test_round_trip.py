"""What an export wrote, imported into an empty workspace and exported again, is the same: pictures, classes, splits and
the mouths' boxes."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest

from pipeline.__main__ import main
from tests.pipeline.actions.imports.importing import CLASSES, run

FORMATS: Final = (
    "imagefolder", "table", "huggingface", "webdataset", "coco", "yolo", "cvat", "label-studio", "fiftyone",
)  # fmt: skip
_Told = tuple[str, str, str, Any]
"""Of a picture: the hash of its bytes, its split, its class, and its box as the format writes it."""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen crops of no photo, no two alike; a quarter of each class in val."""
    root = tmp_path_factory.mktemp("crops")
    rng = np.random.default_rng(0)
    for number in range(16):
        folder = root / "set" / ("val" if number % 4 == 3 else "train") / CLASSES[number // 4]
        folder.mkdir(parents=True, exist_ok=True)
        small = rng.integers(0, 255, (6, 6, 3)).astype(np.uint8)
        side = 72 + number
        picture = cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC)
        (folder / f"{number}.png").write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    assert run(root / "w", root / "set", "--mouths", annotator="Ada") == 0
    return root / "w"


def hash_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def of_tree(root: Path, splits: str = "") -> Iterator[_Told]:
    for path in (root / splits).rglob("*/*/*.png"):
        yield hash_of(path.read_bytes()), path.parts[-3], path.parts[-2], None


def of_table(root: Path) -> Iterator[_Told]:
    yield from of_tree(root, "pictures")


def of_parquet(root: Path) -> Iterator[_Told]:
    for file in root.glob("data/*.parquet"):
        for row in pq.read_table(file).to_pylist():
            yield hash_of(row["image"]["bytes"]), file.name.partition("-")[0], sorted(CLASSES)[row["label"]], None


def of_shards(root: Path) -> Iterator[_Told]:
    for file in root.glob("*.tar"):
        with tarfile.open(file) as tar:
            members = {one.name: io.BytesIO(tar.extractfile(one).read()).getvalue() for one in tar}  # type: ignore[union-attr]
        for name, data in members.items():
            if name.endswith(".png"):
                number = int(members[name.replace(".png", ".cls")])
                yield hash_of(data), file.name.partition("-")[0], sorted(CLASSES)[number], None


def of_coco(root: Path) -> Iterator[_Told]:
    for file in root.glob("annotations/*.json"):
        told = json.loads(file.read_bytes())
        names = {one["id"]: one["name"] for one in told["categories"]}
        files = {one["id"]: one["file_name"] for one in told["images"]}
        for one in told["annotations"]:
            data = (root / "images" / files[one["image_id"]]).read_bytes()
            yield hash_of(data), file.stem, names[one["category_id"]], tuple(one["bbox"])


def of_yolo(root: Path) -> Iterator[_Told]:
    for file in root.glob("labels/*/*.txt"):
        number, *box = file.read_text().split()
        data = (root / "images" / file.parent.name / file.name).with_suffix(".png").read_bytes()
        yield hash_of(data), file.parent.name, sorted(CLASSES)[int(number)], tuple(box)


def of_cvat(root: Path) -> Iterator[_Told]:
    for image in ElementTree.parse(root / "annotations.xml").iter("image"):
        box = image.find("box")
        assert box is not None
        data = (root / "images" / image.attrib["subset"] / image.attrib["name"]).read_bytes()
        corners = tuple(box.attrib[key] for key in ("xtl", "ytl", "xbr", "ybr"))
        yield hash_of(data), image.attrib["subset"], box.attrib["label"], corners


def of_label_studio(root: Path) -> Iterator[_Told]:
    for task in json.loads((root / "tasks.json").read_bytes()):
        value = task["annotations"][0]["result"][0]["value"]
        data = (root / task["data"]["image"].partition("d=")[2]).read_bytes()
        box = tuple(value[key] for key in ("x", "y", "width", "height"))
        yield hash_of(data), task["data"]["split"], value["rectanglelabels"][0], box


def of_fiftyone(root: Path) -> Iterator[_Told]:
    for sample in json.loads((root / "samples.json").read_bytes())["samples"]:
        one = sample["mouths"]["detections"][0]
        yield (
            hash_of((root / sample["filepath"]).read_bytes()),
            sample["tags"][0],
            one["label"],
            tuple(one["bounding_box"]),
        )


READ: Final[dict[str, Callable[[Path], Iterator[_Told]]]] = {
    "imagefolder": of_tree, "table": of_table, "huggingface": of_parquet, "webdataset": of_shards, "coco": of_coco,
    "yolo": of_yolo, "cvat": of_cvat, "label-studio": of_label_studio, "fiftyone": of_fiftyone,
}  # fmt: skip


def export(workspace: Path, out: Path, *formats: str) -> None:
    words = ["--workspace", str(workspace), "--out", str(out), "--name", "set", "--val", "0.25"]
    assert main(["export", *words, *(word for name in formats for word in ("--format", name))]) == 0


@pytest.fixture(scope="module")
def exported(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each format in a folder of its name."""
    root = tmp_path_factory.mktemp("exported") / "all"
    export(workspace, root, *FORMATS)
    return root


@pytest.mark.parametrize("name", FORMATS)
def test_what_an_export_wrote_is_the_same_after_an_import(name: str, exported: Path, tmp_path: Path) -> None:
    before = sorted(READ[name](exported / name))
    assert len({sha for sha, *_ in before}) == 16
    assert [split for _, split, *_ in before].count("val") == 4
    assert run(tmp_path / "other", exported / name, "--line", "set", annotator="Bob") == 0
    export(tmp_path / "other", tmp_path / "again", name)
    assert sorted(READ[name](tmp_path / "again")) == before
