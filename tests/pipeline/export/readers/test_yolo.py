"""YOLO as it is met in the wild: lines, names and splits that are told otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import UsageError
from pipeline.export.readers import registry
from tests.pipeline.export.readers.read import BOX, LINE, NAMES, Files, labels, pictures, refusal


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (LINE, BOX),
        (LINE + "\r\n", BOX),
        ("1.0 .25 .4 .3 .4", BOX),
        (LINE + " 0.87", BOX),  # as a detector says how sure it is
        ("1 .1 .2 .4 .2 .4 .6", BOX),  # an outline
        ("1 .1 .4 .25 .2 .4 .4 .25 .6", BOX),  # a turned box
        ("1 160 120 40 40", "import_row"),
        ("7 .25 .4 .3 .4", "import_class_number"),
        ("1_0 .25 .4 .3 .4", "import_row"),
        ("1 .25 .4 .3", "import_row"),
        ("1 .25 .4 0 .4", "import_row"),
    ],
)
def test_yolo_s_lines(tmp_path: Path, line: str, expected: Any) -> None:
    files = {"data.yaml": NAMES, "images/a.jpg": "x", "labels/a.txt": line}
    if isinstance(expected, str):
        assert refusal(tmp_path, files) == expected
    else:
        assert labels(tmp_path, files) == [("images/a.jpg", "smile", expected)]


def test_points_behind_a_box(tmp_path: Path) -> None:
    """Two points of two numbers: without `kpt_shape` the eight numbers would be an outline's."""
    files = {"data.yaml": NAMES + "kpt_shape: [2, 2]\n", "images/a.jpg": "x", "labels/a.txt": LINE + " .9 .9 .8 .7"}
    assert labels(tmp_path, files) == [("images/a.jpg", "smile", BOX)]
    (tmp_path / "set/labels/a.txt").write_text(LINE + " .9 .9")
    with pytest.raises(UsageError):
        registry.read(tmp_path / "set", "yolo", tmp_path / "scratch")


@pytest.mark.parametrize(
    "text",
    [
        "names: [none, smile]", "names: ['none', \"smile\"]  # two", "names: [none,\n        smile]",
        "names: [\n  'none',\n  'smile'\n]", "names:\n- none\n- smile", "names:\n  - none # a # b\n\n  - smile\nnc: 2",
        "names:\n  0: none\n  1: smile\n", "names: {0: none, 1: 'smile'}", "names: {1: smile, 0: none}",
        "nc: 2\r\nnames:\r\n  0: none\r\n  1: smile\r\n", "\ufeffnames: [none, smile]",
        "names:\n  '0': none\n  '1': smile",
        "names: ['none, or closed', smile]", "names: ['none: closed', smile]", "names: ['none # 1', smile]",
        "train: images\nnames: [ none , smile ]\nval: images",
    ],
)  # fmt: skip
def test_yolo_s_names(tmp_path: Path, text: str) -> None:
    files = {"data.yaml": text, "images/a.jpg": "x", "labels/a.txt": LINE}
    assert labels(tmp_path, files) == [("images/a.jpg", "smile", BOX)]


@pytest.mark.parametrize(
    "files",
    [
        {"classes.txt": "none\nsmile\n", "a.jpg": "x", "a.txt": LINE},  # as LabelImg leaves it
        {"mouths.yaml": NAMES, "notes.yaml": "a: b", "train/images/a.jpg": "x", "train/labels/a.txt": LINE},
        {"data.yaml": NAMES, "train/a.jpg": "x", "train/a.txt": LINE},
        {"data.yaml": NAMES, "images/a.jpg": "x", "images/a.txt": LINE},
    ],
)
def test_where_yolo_s_lines_lie(tmp_path: Path, files: Files) -> None:
    assert [(name.rpartition("/")[2], label, box) for name, label, box in labels(tmp_path, files)] == [
        ("a.jpg", "smile", BOX)
    ]


@pytest.mark.parametrize("folder", ["{}", "{}/train"])
def test_yolo_without_names_is_no_set_of_class_folders(tmp_path: Path, folder: str) -> None:
    """Else a class would be called `images`."""
    files = {f"{folder.format('images')}/a.jpg": "x", f"{folder.format('labels')}/a.txt": "0 .5 .5 .2 .2"}
    assert refusal(tmp_path, files) == "import_yolo_names"


def test_yolo_s_splits_that_only_its_file_tells(tmp_path: Path) -> None:
    files = {"data.yaml": NAMES + "train: ../images/first\nval: second.txt\n", "second.txt": "./images/other/b.jpg\n"}
    files |= {f"images/{name}.jpg": "x" for name in ("first/a", "other/b", "other/c")}
    files |= {f"labels/{name}.txt": LINE for name in ("first/a", "other/b", "other/c")}
    assert {one.path.stem: one.split for one in pictures(tmp_path, files)} == {"a": "train", "b": "val", "c": ""}
