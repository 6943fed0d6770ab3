"""What holds of every format, whoever reads it."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

import pytest

from pipeline.core.errors import ExportError
from pipeline.export.formats import registry
from pipeline.export.formats.registry import FORMATS
from tests.pipeline.export.formats.made import CLASSES, made_release

ALL = sorted(FORMATS)
METADATA = {"metadata.csv", "metadata.jsonl", "metadata.parquet"}


def files(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


@pytest.mark.parametrize("name", ALL)
def test_the_same_release_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        FORMATS[name].write(made_release(), tmp_path / folder)
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert files(tmp_path / "one")


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("shows", ["mouth", "photo"])
def test_nothing_hidden_and_no_table_that_takes_labels_away(name: str, shows: str, tmp_path: Path) -> None:
    """Hidden folders among classes break torchvision; `metadata.csv` takes their labels in `datasets`."""
    FORMATS[name].write(made_release(shows="photo" if shows == "photo" else "mouth"), tmp_path)
    names = [part for p in tmp_path.rglob("*") for part in p.relative_to(tmp_path).parts]
    assert not [one for one in names if one.startswith(".")]
    assert not METADATA & set(names)
    assert not [one for one in names if one.startswith("tmp")]


@pytest.mark.parametrize("name", ALL)
def test_nobody_is_named_and_no_path_leaves(name: str, tmp_path: Path) -> None:
    FORMATS[name].write(made_release(), tmp_path)
    for file, data in files(tmp_path).items():
        assert b"/home/ann" not in data, file
        assert b"Ann" not in data, file


@pytest.mark.parametrize("name", ALL)
def test_pictures_lie_where_the_registry_says(name: str, tmp_path: Path) -> None:
    release, one = made_release(), FORMATS[name]
    one.write(release, tmp_path)
    places = [one.place(row.split, row.item.label, PurePosixPath(row.file).name) for row in release.rows]
    assert len(set(places)) == len(places)
    assert {(tmp_path / place).is_file() for place in places} == {name not in ("huggingface", "webdataset")}


@pytest.mark.parametrize("name", ALL)
def test_a_split_or_class_without_pictures_does_no_harm(name: str, tmp_path: Path) -> None:
    release = made_release()
    rows = [row for row in release.rows if row.split == "train" and row.item.label == "smile"]
    FORMATS[name].write(made_release(rows=rows), tmp_path)
    assert files(tmp_path)


def test_every_class_has_its_folder_in_every_split(tmp_path: Path) -> None:
    """torchvision numbers the folders that it finds: a missing one gives the classes after it other numbers."""
    release = made_release()
    rows = [row for row in release.rows if not (row.split == "val" and row.item.label == "none")]
    FORMATS["imagefolder"].write(made_release(rows=rows), tmp_path)
    for split in release.splits:
        assert sorted(p.name for p in (tmp_path / split).iterdir()) == sorted(CLASSES)


def test_course_names_sort_as_the_workspace_does(tmp_path: Path) -> None:
    FORMATS["imagefolder"].write(made_release(course_names=True), tmp_path)
    assert sorted(p.name for p in (tmp_path / "train").iterdir()) == ["0none", "1pouting", "2smile", "3openmouth"]


def test_course_names_of_many_classes_sort_as_numbers() -> None:
    names = made_release(tuple(f"c{n}" for n in range(12)), rows=[], course_names=True).numbered
    assert names[:3] == ("00c0", "01c1", "02c2")
    assert names[-1] == "11c11"


def test_other_names_mean_the_layout_that_those_readers_take() -> None:
    for other in ("keras", "tfds", "torchvision", "ultralytics-classify", "fiftyone-tree"):
        assert registry.find(other).name == "imagefolder"


def test_an_unknown_format_is_refused_with_those_there_are() -> None:
    with pytest.raises(ExportError, match=re.escape("'coko'")) as refused:
        registry.find("coko")
    assert "coco" in str(refused.value)


def test_yolo_has_no_folds() -> None:
    with pytest.raises(ExportError, match="yolo"):
        registry.chosen(["yolo"], ("fold1", "fold2"))
    assert [one.name for one in registry.chosen(["coco"], ("fold1", "fold2"))] == ["coco"]


def test_one_format_lies_at_the_root_and_several_in_folders_of_their_names() -> None:
    assert [one.name for one in registry.chosen([], ("train", "val"))] == ["imagefolder"]
    several = registry.chosen(["yolo", "keras", "imagefolder", "coco"], ("train", "val"))
    assert [registry.folder_of(one, several) for one in several] == ["imagefolder", "coco", "yolo"]
    assert registry.folder_of(several[0], several[:1]) == ""
