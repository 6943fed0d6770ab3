"""Label Studio's tasks as its SDK and converter read them."""

from __future__ import annotations

import json
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from PIL import Image

from tests.formats.conftest import Written
from tests.formats.lines import run
from tests.pipeline.export.formats.made import BOX, HEIGHT, SPLITS, WIDTH, class_of, expected_counts, made_release

pytestmark = pytest.mark.skipif(
    find_spec("label_studio_sdk") is None, reason="label-studio-sdk is not installed: its tasks are not read"
)


def test_the_lines_of_the_page(written: Written, tmp_path: Path) -> None:
    written("label-studio")
    run("label-studio")
    (converted,) = (tmp_path / "converted").glob("*.json")
    tasks = json.loads(converted.read_text())
    assert len(tasks) == expected_counts().total()


def test_every_task_fits_the_labeling_interface(written: Written) -> None:
    from label_studio_sdk.label_interface import LabelInterface

    root = written("label-studio")
    interface = LabelInterface((root / "label-config.xml").read_text())
    interface.validate()
    tasks = json.loads((root / "tasks.json").read_text())
    assert all(interface.validate_task({"data": task["data"]}) for task in tasks)
    assert all(interface.validate_annotation(one) for task in tasks for one in task["annotations"])
    tasks[0]["annotations"][0]["result"][0]["value"]["rectanglelabels"] = ["grin"]
    assert not interface.validate_annotation(tasks[0]["annotations"][0])


def test_counts_and_pixels_by_the_converter(written: Written, tmp_path: Path) -> None:
    from label_studio_sdk.converter.converter import Converter

    root = written("label-studio")
    converter = Converter(config=str(root / "label-config.xml"), project_dir=None)
    converter.convert_to_json_min(str(root / "tasks.json"), str(tmp_path / "min"), is_dir=False)
    (converted,) = (tmp_path / "min").glob("*.json")
    found: Counter[tuple[str, str]] = Counter()
    for task in json.loads(converted.read_text()):
        (file,) = parse_qs(urlsplit(task["image"]).query)["d"]
        with Image.open(root / file) as picture:
            assert class_of(np.asarray(picture.convert("RGB")).mean(axis=(0, 1))) == task["class"]
        (mouth,) = task["mouth"]
        assert mouth["rectanglelabels"] == [task["class"]]
        assert [mouth[side] for side in ("x", "y", "width", "height")] == pytest.approx(
            [100 * BOX.x1 / WIDTH, 100 * BOX.y1 / HEIGHT, 100 * BOX.width / WIDTH, 100 * BOX.height / HEIGHT]
        )
        found[task["split"], task["class"]] += 1
    assert found == expected_counts()
    assert {split for split, _ in found} == set(SPLITS)


def test_names_that_xml_would_take_for_its_own(written: Written) -> None:
    from label_studio_sdk.label_interface import LabelInterface

    names = ('a "b"', "<c>", "d & e", "张嘴")
    root = written("label-studio", made_release(names))
    interface = LabelInterface((root / "label-config.xml").read_text())
    assert set(interface.get_control("mouth").labels) == set(names)
