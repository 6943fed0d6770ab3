"""What other tools write in these formats, as their documentation shows it."""

from __future__ import annotations

import io
import json
import math
import struct
import tarfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.core.errors import UsageError
from pipeline.core.geometry import BoundingBox
from pipeline.export.readers import registry
from pipeline.export.readers.labelled import LabelledPicture

COCO = {
    "info": {}, "images": [{"id": 7, "file_name": "a.jpg"}], "categories": [{"id": 3, "name": "smile"}],
    "annotations": [{"id": 1, "image_id": 7, "category_id": 3, "bbox": [1, 2, 3, 4]}],
}  # fmt: skip
BOX = [
    {"type": "rectanglelabels", "value": {"x": 10, "y": 20, "width": 30, "height": 40, "rectanglelabels": ["smile"]}}
]
SHARES = (0.1, 0.2, 0.4, 0.6)


def cvat_of(inside: str, around: str = "") -> dict[str, str | bytes]:
    xml = f'<annotations><version>1.1</version>{around}<image id="0" name="a.jpg">{inside}</image></annotations>'
    return {"annotations.xml": xml, "images/a.jpg": "x"}


BOX_OF_CVAT = '<box label="smile" xtl="1" ytl="2" xbr="4" ybr="6"/>'
VIDEO = """<annotations><version>1.1</version><meta><task><mode>interpolation</mode><original_size><width>1280</width>
<height>720</height></original_size></task></meta>
<track id="0" label="smile" source="manual" subset="Train">
 <box frame="0" keyframe="1" outside="0" occluded="0" xtl="1.5" ytl="2" xbr="4" ybr="6" z_order="0"/>
 <box frame="1" keyframe="0" outside="0" occluded="1" xtl="2" ytl="2" xbr="5" ybr="6" z_order="0"/>
 <box frame="2" keyframe="1" outside="1" occluded="0" xtl="3" ytl="2" xbr="6" ybr="6" z_order="0">
  <attribute name="face_id">of nobody</attribute></box>
</track>
<track id="1" label="none">
 <polygon frame="1" keyframe="1" outside="0" occluded="0" points="10,20;30,20;30,50"/>
 <ellipse frame="2" keyframe="1" outside="0" occluded="0" cx="9" cy="9" rx="2" ry="2"/>
</track></annotations>"""
"""As CVAT's documentation of the format describes it."""
FRAMES: dict[str, str | bytes] = {f"images/frame_00000{n}.PNG": "x" for n in range(3)}
TRACK = '<track id="0" label="smile"><box frame="0" outside="0" xtl="1" ytl="2" xbr="4" ybr="6"/></track>'


def task(image: str) -> str:
    return json.dumps([{"id": 3, "data": {"image": image}, "annotations": [{"id": 1, "result": BOX}]}])


def tar_of(*members: tuple[str, bytes], kind: bytes = tarfile.REGTYPE) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size, entry.type = len(content), kind
            entry.linkname = "/etc/passwd" if kind != tarfile.REGTYPE else ""
            tar.addfile(entry, io.BytesIO(content))
    return data.getvalue()


def parquet_of(names: list[str] | None, label: Any) -> bytes:
    image = pa.array(
        [{"bytes": b"picture", "path": "a.jpg"}], pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    )
    feature = {"label": {"names": names, "_type": "ClassLabel"}} if names else {}
    metadata = {"huggingface": json.dumps({"info": {"features": feature}})}
    table = pa.table({"image": image, "label": pa.array([label])}).replace_schema_metadata(metadata)
    data = io.BytesIO()
    pq.write_table(table, data)
    return data.getvalue()


def read(root: Path, files: dict[str, str | bytes]) -> tuple[str, list[tuple[str, str, str, Any]]]:
    """The format that is recognised; of each label the picture's file, class, split and box."""
    for name, data in files.items():
        path = root / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    name = registry.recognise(root / "set")
    found = registry.read(root / "set", name, root / "scratch")
    corners = [
        one.box and tuple(round(v, 3) for v in (one.box.x1, one.box.y1, one.box.x2, one.box.y2)) for one in found
    ]
    return name, [(one.path.name, one.label, one.split, box) for one, box in zip(found, corners, strict=True)]


A_BOX = (1, 2, 4, 6)
SET = {"train/a.jpg": "x"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        # Label Studio: COCO, YOLO and JSON
        ({"result.json": json.dumps(COCO), "images/a.jpg": "x"}, ("coco", "a.jpg", "smile", "", A_BOX)),
        (
            {"classes.txt": "none\nsmile\n", "notes.json": "{}", "images/a.jpg": "x", "labels/a.txt": "1 .25 .4 .3 .4"},
            ("yolo", "a.jpg", "smile", "", SHARES),
        ),
        (
            {"project-1-at-2026-01-01.json": task("/data/upload/1/0a1b2c3d-a.jpg"), "images/a.jpg": "x"},
            ("label-studio", "a.jpg", "smile", "", SHARES),
        ),
        # CVAT: COCO 1.0 and YOLO 1.1
        (
            {"annotations/instances_train.json": json.dumps(COCO), "images/train/a.jpg": "x"},
            ("coco", "a.jpg", "smile", "train", A_BOX),
        ),
        (
            {"obj.names": "none\nsmile\n", "obj.data": "", "train.txt": "", "obj_train_data/a.jpg": "x",
             "obj_train_data/a.txt": "1 .25 .4 .3 .4"},
            ("yolo", "a.jpg", "smile", "train", SHARES),
        ),
        # Roboflow and FiftyOne
        (
            {"valid/_annotations.coco.json": json.dumps(COCO), "valid/a.jpg": "x"},
            ("coco", "a.jpg", "smile", "val", A_BOX),
        ),
        ({"labels.json": json.dumps(COCO), "data/a.jpg": "x"}, ("coco", "a.jpg", "smile", "", A_BOX)),
        (
            {"labels.json": '{"classes": ["none", "smile"], "labels": {"a": 1, "b": null}}', "data/a.jpg": "x"},
            ("fiftyone", "a.jpg", "smile", "", None),
        ),
        (cvat_of('<tag label="smile"/>'), ("cvat", "a.jpg", "smile", "", None)),
        (cvat_of(BOX_OF_CVAT + '<points label="nose" points="1,2"/>'), ("cvat", "a.jpg", "smile", "", A_BOX)),
        # Hugging Face: metadata in the splits' folders, boxes as objects, Parquet
        (
            {**SET, "train/metadata.csv": "file_name,label\na.jpg,smile\n"},
            ("huggingface", "a.jpg", "smile", "train", None),
        ),
        (
            {**SET, "metadata.jsonl": '{"file_name": "train/a.jpg", "label": "smile"}\n\n'},
            ("huggingface", "a.jpg", "smile", "train", None),
        ),
        (
            {"a.jpg": "x", "metadata.jsonl": json.dumps(
                {"file_name": "a.jpg", "objects": {"bbox": [[1, 2, 3, 4]], "categories": ["smile"]}})},
            ("huggingface", "a.jpg", "smile", "", A_BOX),
        ),
        (
            {"data/validation-00000-of-00001.parquet": parquet_of(["none", "smile"], 1)},
            ("huggingface", "a.jpg", "smile", "val", None),
        ),
        ({"one.parquet": parquet_of(None, "smile")}, ("table", "a.jpg", "smile", "", None)),
        # WebDataset: class as a name, as a number with names beside the shards, in the JSON
        (
            {"pics-train-000000.tar": tar_of(("a.jpg", b"x"), ("a.cls", b"smile"))},
            ("webdataset", "a.jpg", "smile", "train", None),
        ),
        (
            {"000.tar": tar_of(("d/a.jpg", b"x"), ("d/a.cls", b"1")), "classes.txt": "none\nsmile\n"},
            ("webdataset", "a.jpg", "smile", "", None),
        ),
        (
            {"test/000.tar": tar_of(("a.png", b"x"), ("a.json", b'{"label": "smile"}'))},
            ("webdataset", "a.png", "smile", "test", None),
        ),
    ],
)  # fmt: skip
def test_what_tools_write(tmp_path: Path, files: dict[str, str | bytes], expected: tuple[Any, ...]) -> None:
    assert read(tmp_path, files) == (expected[0], [expected[1:]])


def test_tracks_of_a_video_are_a_box_in_each_frame_that_shows_them(tmp_path: Path) -> None:
    assert read(tmp_path, {"annotations.xml": VIDEO, **FRAMES})[0] == "cvat"
    found = registry.read(tmp_path / "set", "cvat", tmp_path / "scratch")
    told = [(one.path.name, one.label, one.split, one.box, one.drawn_on, one.face_id) for one in found]
    size = (1280.0, 720.0)
    assert told == [
        ("frame_000000.PNG", "smile", "train", BoundingBox(1.5, 2, 4, 6), size, ""),
        ("frame_000001.PNG", "smile", "train", BoundingBox(2, 2, 5, 6), size, ""),
        ("frame_000001.PNG", "none", "", BoundingBox(10, 20, 30, 50), size, ""),
        ("frame_000002.PNG", "none", "", None, size, ""),
    ]
    assert [one.left.code if one.left else "" for one in found] == ["", "", "", "import_left_outline"]


def test_tracks_and_pictures_in_one_file_are_both_read(tmp_path: Path) -> None:
    name, found = read(tmp_path, {**cvat_of(BOX_OF_CVAT, TRACK), **FRAMES})
    assert (name, [one[:2] for one in found]) == ("cvat", [("frame_000000.PNG", "smile"), ("a.jpg", "smile")])


@pytest.mark.parametrize(
    ("files", "code"),
    [
        (cvat_of(BOX_OF_CVAT, TRACK), "import_cvat_track"),
        ({"annotations.xml": VIDEO, "images/frame_000000.png": "x"}, "import_picture_missing"),
        ({"annotations.xml": VIDEO, **FRAMES, "images/frame_000001.jpg": "x"}, "import_picture_twice"),
        ({"annotations.xml": VIDEO.replace(' frame="1"', ' frame="-1"'), **FRAMES}, "import_wrong_type"),
        ({"annotations.xml": VIDEO.replace(' frame="1"', ""), **FRAMES}, "import_wrong_type"),
        ({"annotations.xml": VIDEO.replace('label="smile"', ""), **FRAMES}, "import_wrong_type"),
        ({"annotations.xml": VIDEO.replace('xbr="5"', 'xbr="nan"'), **FRAMES}, "import_wrong_type"),
        (cvat_of('<polygon label="smile" points="1,2;nan,4;5,1"/>'), "import_wrong_type"),
        (cvat_of(f'{BOX_OF_CVAT}<points label="x" group_id="1" points="1,two"/>'), "import_wrong_type"),
        ({"data/train-00000-of-00001.parquet": parquet_of(None, 1)}, "import_class_number"),
        ({"data/train-00000-of-00001.parquet": b"PAR1" * 9}, "import_broken"),
        ({"a.tar": tar_of(("a.jpg", b"x"), ("a.cls", b"1"))}, "import_class_number"),
        ({"a.tar": tar_of(("a.jpg", b""), kind=tarfile.SYMTYPE)}, "import_archive_link"),
        ({"a.tar": b"no tar" * 200}, "import_broken"),
        ({"a.tar": tar_of(("a.jpg", b"x"), ("a.json", b"[" * 100_000))}, "import_broken"),
        ({"a.tar": tar_of(("a.jpg", b"x"))}, "import_nothing"),
        ({"metadata.jsonl": '{"file_name": "../../x.jpg", "label": "smile"}'}, "import_path_outside"),
        ({"a.jpg": "x", "metadata.jsonl": '{"file_name": "a.jpg"}'}, "import_wrong_type"),
        ({"a.jpg": "x", "metadata.jsonl": '{"file_name": "a.jpg", "label": "a", "label": "b"}'}, "import_broken"),
    ],
)
def test_what_is_refused(tmp_path: Path, files: dict[str, str | bytes], code: str) -> None:
    with pytest.raises(UsageError) as refused:
        read(tmp_path, files)
    assert refused.value.message.code == code


def test_names_in_a_shard_lead_nowhere(tmp_path: Path) -> None:
    """A member's own path is never a path of ours."""
    shard = tar_of(("../../evil.jpg", b"x"), ("../../evil.cls", b"smile"), ("/b/c.jpg", b"y"), ("/b/c.cls", b"none"))
    _, found = read(tmp_path, {"a.tar": shard})
    assert [(name, label) for name, label, *_ in found] == [("evil.jpg", "smile"), ("c.jpg", "none")]
    written = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert written == {"set/a.tar", "scratch/pictures/a/evil.jpg", "scratch/pictures/a/c.jpg"}
    assert not (tmp_path.parent / "evil.jpg").exists()


def test_two_tags_of_one_picture_are_two_labels(tmp_path: Path) -> None:
    _, found = read(tmp_path, cvat_of('<tag label="smile"/><tag label="none"/>'))
    assert [label for _, label, *_ in found] == ["smile", "none"]


def test_points_that_are_no_68_are_passed_over(tmp_path: Path) -> None:
    coco = json.loads(json.dumps(COCO))
    coco["annotations"][0]["keypoints"] = [5, 6, 2] * 17
    assert [one.points for one in found_in(tmp_path / "a", coco)] == [b""]
    coco["annotations"][0]["keypoints"] = [5, 6, 2] * 67 + [0, 0, 0]
    (one,) = found_in(tmp_path / "b", coco)
    assert struct.unpack("<136f", one.points)[:134] == (5.0, 6.0) * 67
    assert all(map(math.isnan, struct.unpack("<136f", one.points)[134:]))


def found_in(root: Path, coco: dict[str, Any]) -> list[LabelledPicture]:
    read(root, {"result.json": json.dumps(coco), "images/a.jpg": "x"})
    return registry.read(root / "set", "coco", root / "scratch")
