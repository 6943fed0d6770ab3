"""A folder that is no data set as a whole, or could be read in two ways: what is meant is taken, or asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.actions.imports.candidates import begin_of
from pipeline.core.errors import UsageError
from pipeline.core.messages import Message
from tests.pipeline.export.readers.read import COCO, coco, task

TABLE = "file,class\npics/a.jpg,smile\n"
OTHER = "name,age\nann,7\n"
PICTURE = {"pics/a.jpg": "x"}
TASKS = json.dumps([{"id": 1, "data": {"image": "a.jpg"}, "annotations": []}])


def laid_out(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "set" / name).write_text(text)
    return root / "set"


def begun(root: Path, files: dict[str, str]) -> str:
    found = begin_of(laid_out(root, files), "the set", lambda name: name in ("smile", "none"))
    return found.relative_to(root).as_posix()


def refused(root: Path, files: dict[str, str]) -> Message:
    with pytest.raises(UsageError) as told:
        begun(root, files)
    return told.value.message


@pytest.mark.parametrize(
    ("files", "taken"),
    [
        ({**PICTURE, "a.csv": TABLE, "b.csv": OTHER}, "set/a.csv"),
        ({**PICTURE, "a.csv": TABLE, "b.tsv": OTHER, "c.csv": OTHER}, "set/a.csv"),
        ({"a.jpg": "x", "a.csv": TABLE, "b.csv": OTHER}, "set/a.csv"),
        ({**PICTURE, "one.csv": OTHER, "two.csv": OTHER, "tasks-1.json": TASKS, "x.json": "{}"}, "set"),
        ({"smile/a.jpg": "x", "a.csv": TABLE, "b.csv": TABLE}, "set"),  # folders that are classes say it themselves
        ({COCO: coco(), "images/a.jpg": "x", "a.csv": OTHER, "b.csv": OTHER}, "set"),
    ],
)
def test_the_only_file_that_is_a_data_set_is_taken(tmp_path: Path, files: dict[str, str], taken: str) -> None:
    assert begun(tmp_path, files) == taken


@pytest.mark.parametrize(
    ("files", "code", "named"),
    [
        ({"a.jpg": "x", "a.csv": TABLE, "b.csv": TABLE, "c.csv": OTHER}, "import_several_files", ("a.csv", "b.csv")),
        ({**PICTURE, "train.csv": TABLE, "val.csv": TABLE}, "import_several_files", ("train.csv", "val.csv")),
        ({"a.jpg": "x", "1.json": TASKS, "2.json": TASKS}, "import_several_files", ("1.json", "2.json")),
        ({"a.jpg": "x", "a.csv": OTHER, "b.csv": OTHER}, "import_none_of_files", ("a.csv", "b.csv")),
        ({"a.jpg": "x", "a.json": "{}", "b.json": "[]"}, "import_none_of_files", ("a.json", "b.json")),
    ],
)
def test_files_that_were_looked_at_are_named(
    tmp_path: Path, files: dict[str, str], code: str, named: tuple[str, ...]
) -> None:
    told = refused(tmp_path, files)
    assert (told.code, told.params["files"], told.params["place"]) == (code, named, "the set")


def test_a_folder_of_pictures_alone_is_none(tmp_path: Path) -> None:
    assert refused(tmp_path, {"a.jpg": "x"}).code == "import_no_format"


@pytest.mark.parametrize(
    "files",
    [
        {"happy/ann/a.jpg": "x"},
        {"happy/ann/a.jpg": "x", "happy/bob/b.jpg": "x"},
        {"Open Mouth/ann/a.jpg": "x"},
        {"2smile/ann/a.jpg": "x"},
    ],
)
def test_folders_of_persons_in_a_class_are_no_classes(tmp_path: Path, files: dict[str, str]) -> None:
    """With --make-classes the class `ann` was made."""
    assert begun(tmp_path, files) == "set"


@pytest.mark.parametrize(
    ("files", "start"),
    [
        ({"fer/happy/a.jpg": "x", "fer/sad/b.jpg": "x"}, "set/fer"),
        ({"fer/ann/a.jpg": "x", "fer/bob/b.jpg": "x"}, "set/fer"),  # who knows what these are
        ({"fer/happy/a.jpg": "x"}, "set/fer"),
        ({"happy/sad/a.jpg": "x"}, "set/happy"),
        ({"ann/a.jpg": "x"}, "set"),
    ],
)
def test_folders_around_classes_are_passed_through(tmp_path: Path, files: dict[str, str], start: str) -> None:
    assert begun(tmp_path, files) == start


def test_one_folder_in_one_may_be_either(tmp_path: Path) -> None:
    told = refused(tmp_path, {"grumpy/ann/a.jpg": "x"})
    assert (told.code, told.params) == ("import_class_unclear", {"outer": "grumpy", "inner": "ann"})


def test_the_folder_that_is_given_is_called_like_a_class(tmp_path: Path) -> None:
    laid_out(tmp_path, {"ann/a.jpg": "x", "bob/b.jpg": "x"}).rename(tmp_path / "happy")
    with pytest.raises(UsageError) as told:
        begin_of(tmp_path / "happy", "happy", lambda _: False)
    assert told.value.message.params == {"outer": "happy", "inner": "ann"}


def test_a_task_s_file_is_named_by_itself(tmp_path: Path) -> None:
    assert begun(tmp_path, {"pics/a.jpg": "x", "one.json": task({"image": "pics/a.jpg"}), "b.csv": OTHER}) == "set"
