"""Data sets as they are met in the wild: what is laid out otherwise is read alike, and nothing is given to another
picture or box than is meant."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import Any

import pytest

from pipeline.export.readers.syntax.points import of_pairs
from tests.pipeline.export.readers.read import (
    BOX,
    COCO,
    RECTANGLE,
    coco,
    labels,
    pictures,
    refusal,
    region,
    task,
)


@pytest.mark.parametrize(
    ("image", "annotation", "expected"),
    [
        ({"id": "photo-7"}, {"image_id": "photo-7"}, (1, 2, 4, 6)),
        ({"id": 7.0}, {"image_id": "7", "category_id": "0"}, (1, 2, 4, 6)),
        ({}, {"id": None}, (1, 2, 4, 6)),
        ({"file_name": "./a.jpg"}, {}, (1, 2, 4, 6)),
        ({"file_name": "images\\a.jpg"}, {}, (1, 2, 4, 6)),
        ({}, {"bbox": None, "segmentation": [[5, 6, 9, 6, 9, 12], [7, 20, 8, 20]]}, (5, 6, 9, 20)),
        ({}, {"bbox": [], "segmentation": [[5, 6, 9, 6, 9, 12]]}, (5, 6, 9, 12)),
        ({}, {"bbox": None}, None),
        ({}, {"iscrowd": 0}, (1, 2, 4, 6)),
        ({}, {"iscrowd": 1}, "import_left_crowd"),
        ({}, {"bbox": [0, 0, 0, 0]}, "import_left_empty"),
        ({}, {"bbox": None, "segmentation": {"counts": "a0", "size": [9, 9]}}, "import_left_empty"),
    ],
)
def test_coco(tmp_path: Path, image: dict[str, Any], annotation: dict[str, Any], expected: Any) -> None:
    files = {"images/a.jpg": "x", COCO: coco(image, **annotation)}
    assert labels(tmp_path, files) == [("images/a.jpg", "smile", expected)]


@pytest.mark.parametrize(
    ("there", "named"),
    [("my photo.jpg", "my%20photo.jpg"), ("50%20.jpg", "50%20.jpg"), ("gähnen.jpg", "ga\u0308hnen.jpg"),
     ("ga\u0308hnen.jpg", "gähnen.jpg")],
)  # fmt: skip
def test_names_of_files_spelt_otherwise(tmp_path: Path, there: str, named: str) -> None:
    files = {f"images/{there}": "x", COCO: coco({"file_name": named})}
    assert [one.path.name for one in pictures(tmp_path, files)] == [there]


def test_a_name_that_leads_out_once_it_is_decoded(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("x")
    files = {"images/b.jpg": "x", COCO: coco({"file_name": "%2e%2e/%2e%2e/a.jpg"})}
    assert refusal(tmp_path, files) == "import_path_outside"


def test_coco_s_splits_with_pictures_of_one_name(tmp_path: Path) -> None:
    """Each split's own picture, also where a picture of the name lies in the folder around them."""
    files = {f"images/{place}a.jpg": place for place in ("train2017/", "val2017/", "")}
    files |= {f"annotations/instances_{split}2017.json": coco() for split in ("train", "val")}
    found = [(one.path.read_text(), one.split) for one in pictures(tmp_path, files)]
    assert found == [("train2017/", "train"), ("val2017/", "val")]


def test_coco_tells_the_size_that_its_boxes_are_of(tmp_path: Path) -> None:
    found = pictures(tmp_path, {"images/a.jpg": "x", COCO: coco({"width": 640, "height": 480})})
    assert [one.drawn_on for one in found] == [(640, 480)]


def test_fiftyone_s_pictures_of_one_name(tmp_path: Path) -> None:
    """By their folders; where those are not told, none is taken for the other."""
    data = {"data/x/a.jpg": "first", "data/y/a.jpg": "second"}
    told = {"classes": ["none", "smile"], "labels": {"x/a": 0, "y/a.jpg": 1}}
    found = pictures(tmp_path / "by folder", {**data, "labels.json": json.dumps(told)})
    assert [(one.path.read_text(), one.label) for one in found] == [("first", "none"), ("second", "smile")]
    told["labels"] = {"a": 0}
    assert refusal(tmp_path / "by name", {**data, "labels.json": json.dumps(told)}) == "import_picture_twice"


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([region("rectanglelabels", {**RECTANGLE, "rectanglelabels": ["smile"]})], BOX),
        # 60 by 40 pixels from (20, 20), turned by a quarter around that corner: from (-20, 20) to (20, 80)
        ([region("rectanglelabels", {**RECTANGLE, "rotation": 90, "rectanglelabels": ["smile"]})],
         (-0.1, 0.2, 0.1, 0.8)),
        ([region("rectanglelabels", {**RECTANGLE, "rectanglelabels": ["smile"]}, image_rotation=90)],
         "import_left_turned"),
        ([region("polygonlabels", {"points": [[10, 20], [40, 20], [40, 60]], "polygonlabels": ["smile"]})], BOX),
        ([region("brushlabels", {"rle": [1], "brushlabels": ["smile"]})], "import_left_outline"),
        # the class of a box as a choice of its own
        ([region("rectanglelabels", {**RECTANGLE, "rectanglelabels": ["face"]}, id="r1"),
          {"type": "choices", "id": "r1", "value": {"choices": ["smile"]}}], BOX),
        ([region("rectangle", RECTANGLE, id="r1"),
          {"type": "choices", "id": "r1", "value": {"choices": ["smile"]}}], BOX),
        ([{"type": "choices", "id": "c1", "value": {"choices": ["smile"]}}], None),
    ],
)  # fmt: skip
def test_label_studio(tmp_path: Path, results: list[dict[str, Any]], expected: Any) -> None:
    assert labels(tmp_path, {"a.jpg": "x", "tasks.json": task(*results)}) == [("a.jpg", "smile", expected)]


def test_label_studio_s_newest_annotation_is_not_always_the_last(tmp_path: Path) -> None:
    made = [
        {"id": number, "updated_at": f"2026-01-0{day}T00:00:00Z",
         "result": [{"type": "choices", "value": {"choices": [label]}}]}
        for number, day, label in ((2, 5, "smile"), (1, 3, "none"))
    ]  # fmt: skip
    tasks = [{"id": 3, "data": {"image": "a.jpg"}, "annotations": made}]
    assert labels(tmp_path, {"a.jpg": "x", "tasks.json": json.dumps(tasks)}) == [("a.jpg", "smile", None)]


def test_cvat_s_subsets_with_pictures_of_one_name(tmp_path: Path) -> None:
    image = '<image id="{}" name="a.jpg" subset="{}" width="640" height="480"><tag label="smile"/></image>'
    told = "".join(image.format(number, split) for number, split in enumerate(("train", "val")))
    files = {f"images/{place}a.jpg": place for place in ("train/", "val/", "")}
    found = pictures(tmp_path, {**files, "annotations.xml": f"<annotations>{told}</annotations>"})
    assert [(one.path.read_text(), one.split, one.drawn_on) for one in found] == [
        ("train/", "train", (640, 480)),
        ("val/", "val", (640, 480)),
    ]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ('<polygon label="smile" points="1.0,2.0;4.0,3.0;2.0,6.0"/>', (1, 2, 4, 6)),
        ('<polygon label="smile" points="1.0,2.0;4.0,2.0"/>', "import_left_empty"),
        ('<skeleton label="smile"><points label="nose" points="1.0,2.0"/></skeleton>', "import_left_outline"),
        ('<mask label="smile" rle="3, 5" left="1" top="2" width="4" height="2"/>', "import_left_outline"),
        ('<points label="nose" points="1.0,2.0"/><box label="smile" xtl="1" ytl="2" xbr="4" ybr="6"/>', (1, 2, 4, 6)),
    ],
)
def test_cvat_s_shapes(tmp_path: Path, shape: str, expected: Any) -> None:
    told = f'<annotations><image id="0" name="a.jpg">{shape}</image></annotations>'
    assert labels(tmp_path, {"images/a.jpg": "x", "annotations.xml": told}) == [("images/a.jpg", "smile", expected)]


POINTS = [(float(at), at / 2) for at in range(68)]


@pytest.mark.parametrize("first", ["box", "points"])
def test_cvat_s_points_are_of_the_box_in_their_group(tmp_path: Path, first: str) -> None:
    pairs = ";".join(f"{x},{y}" for x, y in POINTS)
    shapes = [
        '<box label="smile" group_id="3" xtl="1" ytl="2" xbr="4" ybr="6"/>',
        f'<points label="face" group_id="3" points="{pairs}"/>',
    ]
    told = '<box label="none" group_id="2" xtl="5" ytl="5" xbr="9" ybr="9"/>'
    told += "".join(shapes if first == "box" else shapes[::-1])
    files = {
        "images/a.jpg": "x",
        "annotations.xml": f'<annotations><image id="0" name="a.jpg">{told}</image></annotations>',
    }
    assert {one.label: one.points for one in pictures(tmp_path, files)} == {"none": b"", "smile": of_pairs(POINTS)}


@pytest.mark.parametrize("gone", ["NaN", "null", "[NaN, NaN]", "[null, null]"])
def test_fiftyone_s_points_that_are_not_labelled(tmp_path: Path, gone: str) -> None:
    """Nobody's data set is refused for them, nor for a field of that name that holds something else."""
    text = json.dumps([list(one) for one in POINTS[:67]])[:-1] + f", {gone}]"
    sample = (
        '{"samples": [{"filepath": "data/a.jpg", "tags": [], "detections": {"detections": [{"label": "smile",'
        ' "bounding_box": [0.1, 0.2, 0.3, 0.4]}]}, "landmarks": LANDMARKS}]}'
    )
    told = sample.replace("LANDMARKS", f'{{"keypoints": [{{"points": {text}}}]}}')
    (one,) = pictures(tmp_path / "points", {"data/a.jpg": "x", "samples.json": told})
    assert one.points[: 67 * 8] == of_pairs(POINTS)[: 67 * 8]
    assert all(map(math.isnan, struct.unpack("<2f", one.points[67 * 8 :])))
    told = sample.replace("LANDMARKS", '["eyes"]')
    assert [one.points for one in pictures(tmp_path / "other", {"data/a.jpg": "x", "samples.json": told})] == [b""]


def test_class_folders_among_others(tmp_path: Path) -> None:
    """Thumbnails are no photos, and what is around class folders is no class."""
    names = ["images/train/smile/a.jpg", "images/train/smile/@eaDir/a.jpg/SYNOPHOTO_THUMB_M.jpg", "val/data/none/b.jpg",
             "smile/.ipynb_checkpoints/c.jpg", "$RECYCLE.BIN/d.jpg", "labels/e.png", "photos/f.jpg"]  # fmt: skip
    found = pictures(tmp_path, dict.fromkeys(names, "x"))
    assert [(one.path.name, one.label, one.split) for one in found] == [
        ("a.jpg", "smile", "train"),
        ("b.jpg", "none", "val"),
    ]
