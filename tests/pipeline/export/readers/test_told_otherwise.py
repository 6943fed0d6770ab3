"""What data sets tell in other ways than usual: nothing of it is lost in silence, or given to another box or split."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline.export.readers.read import (
    BOX,
    COCO,
    LINE,
    NAMES,
    RECTANGLE,
    Files,
    coco,
    labels,
    pictures,
    refusal,
    region,
    task,
)
from tests.pipeline.export.readers.test_voc import A_SMILE, SMILE, xml


def splits(root: Path, files: Files) -> list[tuple[str, str]]:
    return sorted((one.path.name, one.split) for one in pictures(root, files))


@pytest.mark.parametrize("encoding", ["gbk", "gb2312", "GB18030", "big5", "shift_jis", "euc-jp"])
def test_xml_in_an_encoding_of_several_bytes(tmp_path: Path, encoding: str) -> None:
    """As LabelImg of a Chinese or Japanese Windows writes it; expat reads none of them."""
    name = "口.jpg"
    text = f'<?xml version="1.0" encoding="{encoding}"?>{xml(SMILE, filename=name)}'
    (tmp_path / "set").mkdir()
    (tmp_path / "set/口.xml").write_bytes(text.encode(encoding))
    assert labels(tmp_path, {name: "x"}) == [(name, *A_SMILE)]


@pytest.mark.parametrize("encoding", ["gbk", "utf-7", "iso-2022-jp"])
def test_xml_that_is_not_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set/a.xml").write_bytes(f'<?xml version="1.0" encoding="{encoding}"?>{xml(SMILE)}'.encode() + b"\xff")
    assert refusal(tmp_path, {"a.jpg": "x"}) == "import_broken"


def cvat(inner: str, subset: str = "") -> str:
    return f'<annotations><image id="0" name="a.jpg" subset="{subset}">{inner}</image></annotations>'


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        # 20 by 10 around (20, 15): a quarter makes it 10 by 20
        ("90", (15, 5, 25, 25)),
        ("270.0", (15, 5, 25, 25)),
        ("180", (10, 10, 30, 20)),
        ("0.00", (10, 10, 30, 20)),
        # by 30 degrees: 20 cos + 10 sin = 22.321 wide, 20 sin + 10 cos = 18.660 high
        ("30", (8.84, 5.67, 31.16, 24.33)),
    ],
)
def test_cvat_s_turned_boxes(tmp_path: Path, turn: str, expected: Any) -> None:
    box = f'<box label="smile" xtl="10" ytl="10" xbr="30" ybr="20" rotation="{turn}"/>'
    ((_, _, found),) = labels(tmp_path, {"images/a.jpg": "x", "annotations.xml": cvat(box)})
    assert found == pytest.approx(expected, abs=0.006)


def test_a_turn_that_is_no_number(tmp_path: Path) -> None:
    box = '<box label="smile" xtl="10" ytl="10" xbr="30" ybr="20" rotation="nan"/>'
    assert refusal(tmp_path, {"images/a.jpg": "x", "annotations.xml": cvat(box)}) == "import_wrong_type"


@pytest.mark.parametrize("subset", ["default", "mine", "Validation"])
def test_cvat_s_subsets_are_folders_whatever_they_are_called(tmp_path: Path, subset: str) -> None:
    files = {f"images/{subset}/a.jpg": "x", "annotations.xml": cvat('<tag label="smile"/>', subset)}
    assert labels(tmp_path, files) == [(f"images/{subset}/a.jpg", "smile", None)]


@pytest.mark.parametrize("subset", ["..", "../..", "/", "a/../.."])
def test_a_subset_leads_nowhere(tmp_path: Path, subset: str) -> None:
    (tmp_path / "a.jpg").write_text("not of the data set")
    (tmp_path / "set/images").mkdir(parents=True)
    files = {"annotations.xml": cvat('<tag label="smile"/>', subset)}
    assert refusal(tmp_path, files) in ("import_picture_missing", "import_path_outside")


def choice(*names: str, **more: Any) -> dict[str, Any]:
    return {"type": "choices", "value": {"choices": list(names)}, **more}


RECTANGLE_OF_FACE = region("rectanglelabels", {**RECTANGLE, "rectanglelabels": ["face"]}, id="r1")


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([choice("smile", "none")], [("smile", None), ("none", None)]),
        ([region("rectanglelabels", {**RECTANGLE, "rectanglelabels": ["smile", "none"]})],
         [("smile", BOX), ("none", BOX)]),
        ([RECTANGLE_OF_FACE, choice("smile", "none", id="r1")], [("smile", BOX), ("none", BOX)]),
        ([RECTANGLE_OF_FACE, choice("smile", id="c1")], [("face", BOX), ("smile", None)]),
    ],
)  # fmt: skip
def test_label_studio_s_several_labels_are_all_told(tmp_path: Path, results: list[Any], expected: Any) -> None:
    """Two of one face contradict each other, and are told so; the first alone would be as good as guessed."""
    found = labels(tmp_path, {"a.jpg": "x", "tasks.json": task(*results)})
    assert [(label, box) for _, label, box in found] == expected


@pytest.mark.parametrize(
    ("address", "there"),
    [
        ("/data/local-files/?d=images/a+b.jpg", "images/a+b.jpg"),
        ("/data/local-files/?d=images/a+b.jpg", "images/a b.jpg"),
        ("/data/local-files/?d=images/a&b.jpg", "images/a&b.jpg"),
        ("/data/local-files/?d=images/a#1.jpg", "images/a#1.jpg"),
        ("/data/local-files/?d=images%2Fa%20b.jpg", "images/a b.jpg"),
        ("/labels/data/upload/7/0123abcd-a.jpg", "images/a.jpg"),
    ],
)
def test_label_studio_s_addresses(tmp_path: Path, address: str, there: str) -> None:
    told = [{"id": "7", "data": {"photo": address, "note": "x"}, "annotations": [{"result": [choice("smile")]}]}]
    assert labels(tmp_path, {there: "x", "tasks.json": json.dumps(told)}) == [(there, "smile", None)]


def test_label_studio_s_times_may_be_null(tmp_path: Path) -> None:
    told = task(choice("smile"), created_at=None, updated_at=None)
    assert labels(tmp_path, {"a.jpg": "x", "tasks.json": told}) == [("a.jpg", "smile", None)]


@pytest.mark.parametrize("before", ["/home/me/set/", "D:\\me\\set\\", "../set/", "./"])
def test_yolo_s_lists_that_were_written_elsewhere(tmp_path: Path, before: str) -> None:
    files = {"data.yaml": NAMES + "train: train.txt\nval: val.txt\n"}
    files |= {f"{split}.txt": f"{before}images/{name}.jpg\r\n" for split, name in (("train", "a"), ("val", "b"))}
    files |= {"images/a.jpg": "x", "labels/a.txt": LINE, "images/b.jpg": "x", "labels/b.txt": LINE}
    assert splits(tmp_path, files) == [("a.jpg", "train"), ("b.jpg", "val")]


def test_yolo_s_pictures_behind_links_are_told(tmp_path: Path) -> None:
    """A link saves space in many a set; what is not followed is not lost in silence."""
    (tmp_path / "set/images").mkdir(parents=True)
    (tmp_path / "elsewhere.jpg").write_text("x")
    (tmp_path / "set/images/b.jpg").symlink_to(tmp_path / "elsewhere.jpg")
    (tmp_path / "set/images/c.jpg").symlink_to(tmp_path / "nowhere.jpg")
    files = {"data.yaml": NAMES, "images/a.jpg": "x", **{f"labels/{name}.txt": LINE for name in "abc"}}
    assert labels(tmp_path, files) == [
        ("images/a.jpg", "smile", BOX), ("images/b.jpg", "smile", "import_left_link"),
        ("images/c.jpg", "smile", "import_left_link"),
    ]  # fmt: skip


def test_a_picture_on_two_of_yolo_s_lists_is_told_in_both(tmp_path: Path) -> None:
    files = {"data.yaml": NAMES + "train: train.txt\nval: val.txt\n", "images/a.jpg": "x", "labels/a.txt": LINE}
    files |= {"train.txt": "images/a.jpg\n", "val.txt": f"images/a.jpg\n{'x' * 5000}\n"}
    assert splits(tmp_path, files) == [("a.jpg", "train"), ("a.jpg", "val")]


@pytest.mark.parametrize("names", ["names:\n  none: 0\n  smile: 1\n", "names: {smile: 1, 'none': 0}\n"])
def test_yolo_s_names_before_their_numbers(tmp_path: Path, names: str) -> None:
    files = {"data.yaml": names, "images/a.jpg": "x", "labels/a.txt": LINE}
    assert labels(tmp_path, files) == [("images/a.jpg", "smile", BOX)]


@pytest.mark.parametrize(("told", "expected"), [(False, (1, 2, 4, 6)), (True, "import_left_crowd")])
def test_coco_s_crowd_as_true_or_false(tmp_path: Path, told: bool, expected: Any) -> None:
    assert labels(tmp_path, {"images/a.jpg": "x", COCO: coco(iscrowd=told)}) == [("images/a.jpg", "smile", expected)]


@pytest.mark.parametrize("name", ["train_annotations", "annotations.train", "train2017-boxes"])
def test_coco_s_split_is_its_pictures_folder(tmp_path: Path, name: str) -> None:
    files = {"Training/a.jpg": "x", "val/a.jpg": "y", f"annotations/{name}.json": coco()}
    assert [(one.path.read_text(), one.split) for one in pictures(tmp_path, files)] == [("x", "train")]


def test_an_id_that_comes_twice_is_told_in_words(tmp_path: Path) -> None:
    told = json.loads(coco())
    told["images"] *= 2
    (tmp_path / "set").mkdir()
    with pytest.raises(Exception, match="has the id image 7 twice"):
        pictures(tmp_path, {"images/a.jpg": "x", COCO: json.dumps(told)})


def test_voc_s_lists_may_name_pictures(tmp_path: Path) -> None:
    files = {"Annotations/a.b.xml": xml(SMILE, filename="a.b.jpg"), "JPEGImages/a.b.jpg": "x"}
    files |= {"ImageSets/Main/val.txt": "a.b.JPG 1\n"}
    assert splits(tmp_path, files) == [("a.b.jpg", "val")]


def fiftyone(**sample: Any) -> Files:
    return {"data/a.jpg": "x", "samples.json": json.dumps({"samples": [{"filepath": "data/a.jpg", **sample}]})}


DETECTION = {"label": "smile", "bounding_box": [0.1, 0.2, 0.3, 0.4]}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"detections": {"detections": [{"label": None, "bounding_box": None}, DETECTION]}}, [("smile", BOX)]),
        ({"mouth": {"_cls": "Classification", "label": "smile"}, "pred": {"_cls": "Classification", "label": "x"}},
         [("smile", None)]),
        ({"ground_truth": {"_cls": "Classifications", "classifications": [{"label": "smile"}, {"label": "none"}]}},
         [("smile", None), ("none", None)]),
    ],
)  # fmt: skip
def test_fiftyone_s_fields(tmp_path: Path, fields: dict[str, Any], expected: Any) -> None:
    assert [(label, box) for _, label, box in labels(tmp_path, fiftyone(**fields))] == expected


def test_a_sample_with_the_tags_of_two_splits(tmp_path: Path) -> None:
    sample = fiftyone(tags=["val", "mine", "train"], ground_truth={"label": "smile"})
    assert splits(tmp_path, sample) == [("a.jpg", "train"), ("a.jpg", "val")]


@pytest.mark.parametrize(
    "text",
    [
        "file_name;label\na.jpg;smile\n", "file_name\tlabel\na.jpg\tsmile\n", "File_Name, Label\na.jpg, smile\n",
        "# made by hand\n# in May\nfile_name,label\na.jpg,smile\n", "sep=;\nfile_name;label\na.jpg;smile\n",
        "file_name,label\n\n,\na.jpg,smile,\n", '\ufeff"file_name","label"\r\n"a.jpg","smile"\r\n',
        "file_name,note,label\na.jpg,\"two\nlines, and a comma\",smile\n",
    ],
)  # fmt: skip
def test_metadata_is_read_as_other_tables_are(tmp_path: Path, text: str) -> None:
    assert labels(tmp_path, {"a.jpg": "x", "metadata.csv": text}) == [("a.jpg", "smile", None)]


@pytest.mark.parametrize(
    ("told", "split"), [("Training", "train"), ("test set", "test"), ("PublicTest", "test"), (" ", "")]
)
def test_a_split_s_name_in_a_table(tmp_path: Path, told: str, split: str) -> None:
    assert splits(tmp_path, {"a.jpg": "x", "x.csv": f"file,class,split\na.jpg,smile,{told}\n"}) == [("a.jpg", split)]


ROW = {"file_name": "a.jpg", "label": "smile", "split": "holdout"}
TASK = [{"data": {"image": "a.jpg", "split": "holdout"}, "annotations": [{"result": [choice("smile")]}]}]


@pytest.mark.parametrize(
    "files",
    [
        {"x.csv": "file,class,split\na.jpg,smile,holdout\n"},
        {"metadata.csv": "file_name,label,split\na.jpg,smile,holdout\n"},
        {"metadata.jsonl": json.dumps(ROW)},
        {"tasks.json": json.dumps(TASK)},
    ],
)
def test_a_split_that_is_not_known_is_not_lost(tmp_path: Path, files: Files) -> None:
    assert refusal(tmp_path, {"a.jpg": "x", **files}) == "import_split_unknown"


@pytest.mark.parametrize("column", ["bbox", "Bounding Box", "bounding_box", "polygon"])
def test_boxes_in_one_column_are_not_passed_over(tmp_path: Path, column: str) -> None:
    """Else the label would be the whole picture's, which may show another face."""
    text = f'file,class,{column}\na.jpg,smile,"[1, 2, 3, 4]"\n'
    assert refusal(tmp_path, {"a.jpg": "x", "x.csv": text}) == "import_box_column"


def test_decimal_commas_of_a_table_with_semicolons(tmp_path: Path) -> None:
    text = "file;class;x1;y1;x2;y2\na.jpg;smile;1,5;-2,25;9;8,0\n"
    assert labels(tmp_path, {"a.jpg": "x", "x.csv": text}) == [("a.jpg", "smile", (1.5, -2.25, 9, 8))]


MIN = {"image": "a.jpg", "id": 1, "choice": "smile", "annotator": 1, "annotation_id": 1, "lead_time": 2.5}
REGION = [{"x": 1, "y": 2, "width": 3, "height": 4, "rectanglelabels": ["smile"]}]


@pytest.mark.parametrize(
    "files",
    [
        {"p.json": json.dumps([MIN])},
        {"p.csv": "image,id,choice,annotator,annotation_id,lead_time\na.jpg,1,smile,1,1,2.5\n"},
        {"p.csv": "image,id,label,annotator,annotation_id,lead_time\n"
         f"a.jpg,1,\"{json.dumps(REGION).replace(chr(34), chr(34) * 2)}\",1,1,2.5\n"},
    ],
)  # fmt: skip
def test_label_studio_s_lesser_exports_are_called_so(tmp_path: Path, files: Files) -> None:
    """Its CSV has boxes and choices as JSON in a cell, which would be a class's name."""
    assert refusal(tmp_path, {"a.jpg": "x", **files}) == "import_label_studio_csv"
