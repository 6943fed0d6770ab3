"""What the files of an export tell, format by format, read by hand: for tests that compare two of them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import pyarrow.parquet as pq

from tests.pipeline.actions.imports.importing import CLASSES

Told = tuple[str, str, str, Any]
"""Of a face: the hash of its picture's bytes, its split, its class, and its place as the format writes it."""
_PLACE: Final = ("box_x1", "box_y1", "box_x2", "box_y2", "crop_x", "crop_y", "crop_width", "crop_height", "landmarks")


def hash_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def of_tree(root: Path) -> Iterator[Told]:
    for path in root.rglob("*/*/*.png"):
        yield hash_of(path.read_bytes()), path.parts[-3], path.parts[-2], None


def of_table(root: Path) -> Iterator[Told]:
    with (root / "faces.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            place = str([row.get(name) for name in _PLACE])
            yield hash_of((root / row["file"]).read_bytes()), row["split"], row["class"], place


def of_parquet(root: Path) -> Iterator[Told]:
    for file in root.glob("data/*.parquet"):
        for row in pq.read_table(file).to_pylist():
            place = str([row.get(name) for name in _PLACE])
            yield hash_of(row["image"]["bytes"]), file.name.partition("-")[0], sorted(CLASSES)[row["label"]], place


def of_shards(root: Path) -> Iterator[Told]:
    for file in root.glob("*.tar"):
        with tarfile.open(file) as tar:
            members = {one.name: io.BytesIO(tar.extractfile(one).read()).getvalue() for one in tar}  # type: ignore[union-attr]
        for name, data in members.items():
            if name.endswith(".png"):
                number = int(members[name.replace(".png", ".cls")])
                row = json.loads(members[name.replace(".png", ".json")])
                place = str([row.get(name) for name in _PLACE])
                yield hash_of(data), file.name.partition("-")[0], sorted(CLASSES)[number], place


def of_coco(root: Path) -> Iterator[Told]:
    for file in root.glob("annotations/*.json"):
        told = json.loads(file.read_bytes())
        names = {one["id"]: one["name"] for one in told["categories"]}
        files = {one["id"]: one["file_name"] for one in told["images"]}
        for one in told["annotations"]:
            data = (root / "images" / files[one["image_id"]]).read_bytes()
            place = (*one["bbox"], *one["keypoints"])
            yield hash_of(data), file.stem, names[one["category_id"]], place


def of_yolo(root: Path) -> Iterator[Told]:
    for file in root.glob("labels/*/*.txt"):
        for line in file.read_text().splitlines():
            number, *box = line.split()
            data = (root / "images" / file.parent.name / file.name).with_suffix(".png").read_bytes()
            yield hash_of(data), file.parent.name, sorted(CLASSES)[int(number)], tuple(box)


def of_cvat(root: Path) -> Iterator[Told]:
    for image in ElementTree.parse(root / "annotations.xml").iter("image"):
        data = (root / "images" / image.attrib["subset"] / image.attrib["name"]).read_bytes()
        points = {one.attrib["group_id"]: one.attrib["points"] for one in image.findall("points")}
        for box in image.findall("box"):
            place = (*(box.attrib[key] for key in ("xtl", "ytl", "xbr", "ybr")), points[box.attrib["group_id"]])
            yield hash_of(data), image.attrib["subset"], box.attrib["label"], place


def of_label_studio(root: Path) -> Iterator[Told]:
    for task in json.loads((root / "tasks.json").read_bytes()):
        data = (root / task["data"]["image"].partition("d=")[2]).read_bytes()
        for one in task["annotations"][0]["result"]:
            if one["type"] == "rectanglelabels":
                value = one["value"]
                box = tuple(value[key] for key in ("x", "y", "width", "height"))
                yield hash_of(data), task["data"]["split"], value["rectanglelabels"][0], box


def of_fiftyone(root: Path) -> Iterator[Told]:
    for sample in json.loads((root / "samples.json").read_bytes())["samples"]:
        data = (root / sample["filepath"]).read_bytes()
        points = [one["points"] for one in sample["landmarks"]["keypoints"]]
        for one, its in zip(sample["mouths"]["detections"], points, strict=True):
            yield hash_of(data), sample["tags"][0], one["label"], (tuple(one["bounding_box"]), str(its))


READ: Final[dict[str, Callable[[Path], Iterator[Told]]]] = {
    "imagefolder": of_tree, "table": of_table, "huggingface": of_parquet, "webdataset": of_shards, "coco": of_coco,
    "yolo": of_yolo, "cvat": of_cvat, "label-studio": of_label_studio, "fiftyone": of_fiftyone,
}  # fmt: skip
