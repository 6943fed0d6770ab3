"""Class folders and other data sets as archives hold them: in one folder or two, with splits by other names."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.export.readers import registry
from pipeline.export.readers.wrapped import start_of
from tests.pipeline.export.readers.read import COCO, LINE, NAMES, Files, coco
from tests.pipeline.export.readers.test_voc import SMILE, xml

Found = set[tuple[str, str, str]]


def read(root: Path, files: Files) -> tuple[str, Found]:
    """The format, and of each label the picture, the class and the split."""
    for name, data in files.items():
        path = root / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(data)
    start = start_of(root / "set", lambda name: name in ("smile", "none"))
    kind = registry.recognise(start)
    found = registry.read(start, kind, root / "scratch")
    return kind, {(one.path.name, one.label, one.split) for one in found if one.left is None}


@pytest.mark.parametrize(
    "folders",
    [
        ("train/happy", "test/sad"), ("fer/train/happy", "fer/test/sad"), ("fer/fer/train/happy", "fer/fer/test/sad"),
        ("training_set/happy", "test_set/sad"), ("seg_train/seg_train/happy", "seg_test/seg_test/sad"),
        ("Training/happy", "PrivateTest/sad"), ("train/images/happy", "test/images/sad"), ("happy/train", "sad/test"),
        ("archive/train2017/happy", "archive/test2017/sad"), ("Train Set/train/happy", "Test Set/test/sad"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("note", ["README.md", "LICENSE", ".DS_Store", "__MACOSX/fer/._a.jpg"])
def test_class_folders(tmp_path: Path, folders: tuple[str, str], note: str) -> None:
    """No folder around becomes a class, and no split is lost."""
    first, second = folders
    kind, found = read(tmp_path, {f"{first}/a.jpg": "x", f"{second}/b.jpg": "x", note: "x"})
    assert (kind, found) == ("folders", {("a.jpg", "happy", "train"), ("b.jpg", "sad", "test")})


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        # a known class with a folder for each person
        ({"smile/ann/a.jpg": "x", "smile/bob/b.jpg": "x"}, {("a.jpg", "smile", ""), ("b.jpg", "smile", "")}),
        # pictures of its own: a class
        ({"happy/a.jpg": "x", "happy/more/b.jpg": "x"}, {("a.jpg", "happy", ""), ("b.jpg", "happy", "")}),
        ({"test_set/a.jpg": "x", "none/b.jpg": "x"}, {("a.jpg", "test_set", ""), ("b.jpg", "none", "")}),
        # only one split, and the classes in it
        ({"train/happy/a.jpg": "x"}, {("a.jpg", "happy", "train")}),
        ({"images/happy/a.jpg": "x"}, {("a.jpg", "happy", "")}),
        # a split of one name in another split is a class, as strange as it is
        ({"train/test/a.jpg": "x", "train/none/b.jpg": "x"}, {("a.jpg", "test", "train"), ("b.jpg", "none", "train")}),
    ],
)
def test_what_is_no_folder_around(tmp_path: Path, files: Files, expected: Found) -> None:
    assert read(tmp_path, files) == ("folders", expected)


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({COCO: coco(), "images/a.jpg": "x"}, "coco"),
        ({"data.yaml": NAMES, "images/a.jpg": "x", "labels/a.txt": LINE}, "yolo"),
        ({"obj.names": "none\nsmile\n", "obj/a.jpg": "x", "obj/a.txt": LINE}, "yolo"),
        ({"Annotations/a.xml": xml(SMILE), "JPEGImages/a.jpg": "x", "ImageSets/Main/val.txt": "a\n"}, "voc"),
        ({"labels.csv": "file,class,split\nimages/a.jpg,smile,val\n", "images/a.jpg": "x"}, "table"),
        ({"metadata.csv": "file_name,label,split\nimages/a.jpg,smile,val\n", "images/a.jpg": "x"}, "huggingface"),
    ],
)
@pytest.mark.parametrize("around", ["", "mouths", "data", "VOCdevkit/VOC2012"])
def test_other_formats(tmp_path: Path, files: Files, kind: str, around: str) -> None:
    told = {f"{around}/{name}".lstrip("/"): text for name, text in files.items()}
    split = "val" if "val" in "".join((*files, *files.values())) else ""
    assert read(tmp_path, told) == (kind, {("a.jpg", "smile", split)})


def test_two_folders_are_not_one_around(tmp_path: Path) -> None:
    root = tmp_path / "set"
    for name in ("one/train/happy", "two/train/happy"):
        (root / name).mkdir(parents=True)
    assert start_of(root, lambda _: False) == root


def test_a_link_is_no_folder_around(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "elsewhere/train/happy").mkdir(parents=True)
    (tmp_path / "set/link").symlink_to(tmp_path / "elsewhere")
    assert start_of(tmp_path / "set", lambda _: False) == tmp_path / "set"
