"""Data sets whose annotations name pictures by paths of the machine they were drawn on, Windows mostly."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.pipeline.export.readers.read import COCO, coco, labels, refusal


def as_coco(*names: str) -> dict[str, str]:
    images = [{"id": n, "file_name": name} for n, name in enumerate(names)]
    boxes = [{"id": n, "image_id": n, "category_id": 0, "bbox": [1, 2, 3, 4]} for n in range(len(names))]
    categories = [{"id": 0, "name": "smile"}]
    return {COCO: json.dumps({"images": images, "categories": categories, "annotations": boxes})}


def as_tasks(*names: str) -> dict[str, str]:
    made = [{"id": 1, "result": [{"type": "choices", "value": {"choices": ["smile"]}}]}]
    return {"tasks.json": json.dumps([{"id": n, "data": {"image": one}, "annotations": made}
                                      for n, one in enumerate(names)])}  # fmt: skip


def as_table(*names: str) -> dict[str, str]:
    return {"faces.csv": "file,class\n" + "".join(f'"{name}",smile\n' for name in names)}


def as_samples(*names: str) -> dict[str, str]:
    samples = [{"filepath": name, "tags": [], "ground_truth": {"label": "smile"}} for name in names]
    return {"samples.json": json.dumps({"samples": samples})}


def as_lines(*names: str) -> dict[str, str]:
    return {"metadata.jsonl": "".join(json.dumps({"file_name": name, "label": "smile"}) + "\n" for name in names)}


def as_cvat(*names: str) -> dict[str, str]:
    box = '<box label="smile" xtl="1" ytl="1" xbr="4" ybr="5"/>'
    images = "".join(f'<image id="{n}" name="{name}">{box}</image>' for n, name in enumerate(names))
    return {"annotations.xml": f"<annotations>{images}</annotations>"}


EVERY: Final = (as_coco, as_tasks, as_table, as_samples, as_lines, as_cvat)
ELSEWHERE: Final = (
    "C:\\photos\\a.jpg", "d:/photos/a.jpg", "C:a.jpg", "\\\\server\\share\\a.jpg", "//server/share/a.jpg",
    "\\\\?\\C:\\photos\\a.jpg", "file:///C:/photos/a.jpg", "/home/anna/photos/a.jpg", "C:\\Photos\\A.JPG",
)  # fmt: skip


def found(root: Path, files: dict[str, str], *pictures: str) -> list[str]:
    return [name for name, *_ in labels(root, {**dict.fromkeys(pictures, "x"), **files})]


@pytest.mark.parametrize("told_as", EVERY)
@pytest.mark.parametrize("name", ELSEWHERE)
def test_the_picture_of_that_name_is_meant(tmp_path: Path, told_as: Callable[..., dict[str, str]], name: str) -> None:
    assert found(tmp_path, told_as(name), "images/a.jpg", "images/b.jpg") == ["images/a.jpg"]


@pytest.mark.parametrize("told_as", EVERY)
def test_of_several_the_one_with_most_of_its_folders(tmp_path: Path, told_as: Callable[..., dict[str, str]]) -> None:
    told = told_as("C:\\set\\smile\\1\\a.jpg", "C:\\set\\smile\\2\\a.jpg")
    assert found(tmp_path, told, "images/1/a.jpg", "images/2/a.jpg") == ["images/1/a.jpg", "images/2/a.jpg"]


@pytest.mark.parametrize("told_as", EVERY)
@pytest.mark.parametrize(("names", "pictures", "code"), [
    (("C:\\photos\\a.jpg",), ("images/1/a.jpg", "images/2/a.jpg"), "import_path_unclear"),
    (("C:\\1\\a.jpg", "C:\\2\\a.jpg"), ("images/a.jpg",), "import_path_shared"),
    (("images/a.jpg", "C:\\2\\a.jpg"), ("images/a.jpg",), "import_path_shared"),
    (("C:\\2\\a.jpg", "images/a.jpg"), ("images/a.jpg",), "import_path_shared"),
    (("C:\\photos\\b.jpg",), ("images/a.jpg",), "import_path_elsewhere"),
    (("C:\\photos\\..\\a.jpg",), ("images/a.jpg",), "import_path_outside"),
])  # fmt: skip
def test_what_is_not_clear_is_refused(
    tmp_path: Path, told_as: Callable[..., dict[str, str]], names: tuple[str, ...], pictures: tuple[str, ...], code: str
) -> None:
    """Two photos that end on one picture: one of them is not here, and its label would be the other's."""
    assert refusal(tmp_path, {**dict.fromkeys(pictures, "x"), **told_as(*names)}) == code


@pytest.mark.parametrize("name", [
    "/data/local-files/?d=images\\a.jpg", "/data/local-files/?d=images%5Ca.jpg", "/data/local-files/?d=photos\\a.jpg",
    "/data/local-files/?d=photos%5Canna%5Ca.jpg", "/data/local-files/?d=C%3A%5Cphotos%5Ca.jpg",
    "http://localhost:8080/data/local-files/?d=photos\\a.jpg", "images\\a.jpg", "/data/upload/1/a.jpg",
])  # fmt: skip
def test_label_studio_on_windows(tmp_path: Path, name: str) -> None:
    """Its files are told from a folder of the server's machine, of which the data set has the last part."""
    assert found(tmp_path, as_tasks(name), "images/a.jpg", "images/b.jpg") == ["images/a.jpg"]


def test_coco_as_label_studio_writes_it(tmp_path: Path) -> None:
    told = {COCO: coco({"file_name": "/data/local-files/?d=photos\\a.jpg"})}
    assert found(tmp_path, told, "images/a.jpg") == ["images/a.jpg"]


def test_an_address_of_the_web_is_no_path(tmp_path: Path) -> None:
    assert refusal(tmp_path, {"a.jpg": "x", **as_tasks("https://example.org/a.jpg")}) == "import_path_outside"


def test_a_link_that_leads_out_is_not_what_is_meant(tmp_path: Path) -> None:
    (tmp_path / "private.jpg").write_text("x")
    (tmp_path / "set").mkdir()
    (tmp_path / "set/a.jpg").symlink_to(tmp_path / "private.jpg")
    assert refusal(tmp_path, {"b.jpg": "x", **as_coco("C:\\photos\\a.jpg")}) == "import_path_elsewhere"
