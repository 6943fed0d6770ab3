"""What a release's README says of its formats: the lines of docs/formats.md, which the real readers run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.export.card.layouts import layout_lines, layout_loaders
from pipeline.export.formats.registry import FORMATS, IMAGEFOLDER

TWO = ("train", "val")
DOCS = (Path(__file__).parents[4] / "docs" / "formats.md").read_text("utf-8")
OTHERS = [name for name in FORMATS if name != IMAGEFOLDER]


def of_docs(name: str) -> str:
    section = DOCS.split(f"\n## {name}\n")[1].split("\n## ")[0]
    code = re.search(r"```python [^\n]*\n(.*?)\n```", section, re.DOTALL)
    assert code is not None
    return code[1]


@pytest.mark.parametrize("name", OTHERS)
def test_each_format_is_loaded_as_its_real_reader_does_in_the_tests(name: str) -> None:
    (one,) = layout_loaders([name], TWO, "release")
    assert one.code == of_docs(name)


@pytest.mark.parametrize("name", OTHERS)
def test_its_files_are_those_that_docs_show(name: str) -> None:
    shown = DOCS.split(f"\n## {name}\n")[1].split("```text\n")[1].split("```")[0]
    (line,) = layout_lines([name], TWO, ".png")
    told = [one.strip("*/") for one in re.findall(r"`([^`]+)`", line) if "." in one or one.endswith("/")]
    assert told
    assert [one for one in told if one not in shown] == []


def test_of_several_formats_each_is_named_in_its_folder() -> None:
    lines = layout_lines([IMAGEFOLDER, "coco"], TWO, ".jpg")
    assert lines[0].startswith("`imagefolder/train/<class>/` and `imagefolder/val/<class>/` hold JPEG")
    assert "`coco/annotations/`" in lines[1]
    codes = "\n".join(one.code for one in layout_loaders([IMAGEFOLDER, "coco"], TWO, "there"))
    assert "ImageFolder('there/imagefolder/train')" in codes
    assert 'COCO("there/coco/annotations/train.json")' in codes
    assert "manifest.csv" not in codes  # it lies at the root, not in a format's folder


def test_the_first_split_is_loaded_and_a_folder_of_any_name() -> None:
    (one,) = layout_loaders(["coco"], ("fold1", "fold2"), 'a "train" set')
    assert 'fold1 = COCO("a \\"train\\" set/annotations/fold1.json")' in one.code
    compile(one.code, "loader", "exec")
