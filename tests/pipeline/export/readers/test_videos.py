"""Which video a picture is a frame of, as each format tells it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.core.errors import UsageError
from pipeline.export.readers import registry
from tests.pipeline.export.readers.test_variants import BOX, BOX_OF_CVAT, FRAMES, TRACK, VIDEO, cvat_of, read, tar_of


def task_of(**data: str | int) -> str:
    return json.dumps([{"id": 3, "data": {"image": "a.jpg", **data}, "annotations": [{"id": 1, "result": BOX}]}])


def coco_of(annotation: dict[str, Any] | None = None, /, **image: int) -> str:
    return json.dumps({
        "categories": [{"id": 1, "name": "smile"}], "images": [{"id": 1, "file_name": "a.jpg", **image}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4],
                         **(annotation or {})}],
    })  # fmt: skip


def metadata(**cells: object) -> dict[str, str | bytes]:
    return {"a.jpg": "x", "metadata.jsonl": json.dumps({"file_name": "a.jpg", "label": "smile", **cells})}


def samples(**fields: object) -> dict[str, str | bytes]:
    sample = {"filepath": "data/a.jpg", "ground_truth": {"_cls": "Classification", "label": "smile"}, **fields}
    return {"samples.json": json.dumps({"samples": [sample]}), "data/a.jpg": "x"}


def parquet_of(**cells: object) -> bytes:
    data = io.BytesIO()
    columns = {"image": {"bytes": b"picture", "path": "a.jpg"}, "label": "smile", **cells}
    pq.write_table(pa.table({name: pa.array([cell]) for name, cell in columns.items()}), data)
    return data.getvalue()


def meta(*tasks: tuple[str, str]) -> str:
    inner = "".join(
        f"<task><id>{number}</id><mode>{mode}</mode><segments><segment><id>9{number}</id></segment></segments></task>"
        for number, mode in tasks
    )
    return f"<meta>{inner}</meta>"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"annotations.xml": VIDEO, **FRAMES}, {"task "}),  # one task, of which one track tells its subset
        ({**cvat_of("", meta(("7", "interpolation")) + TRACK), **FRAMES}, {"task 7"}),
        ({**cvat_of("", meta(("7", "annotation")) + TRACK), **FRAMES}, {""}),  # single pictures with tracks
        ({**cvat_of("", TRACK), **FRAMES}, {"subset "}),
        (
            {**cvat_of("", meta(("1", "interpolation"), ("2", "interpolation"))
                       + TRACK.replace("<track", '<track task_id="1"')
                       + TRACK.replace("<track", '<track task_id="2"')), **FRAMES},
            {"task 1", "task 2"},
        ),
        (cvat_of(BOX_OF_CVAT, meta(("7", "interpolation"))), {"task 7"}),  # "for images", of a video
        (cvat_of(BOX_OF_CVAT, meta(("7", "annotation"))), {""}),
        (cvat_of(BOX_OF_CVAT), {""}),
        ({"tasks.json": task_of(video="talk.mp4"), "a.jpg": "x"}, {"talk.mp4"}),
        ({"tasks.json": task_of(video_id=12, video="/data/1.mp4"), "a.jpg": "x"}, {"12"}),
        ({"tasks.json": task_of(), "a.jpg": "x"}, {""}),
        ({"annotations/instances_val.json": coco_of(video_id=4), "images/a.jpg": "x"}, {"instances_val 4"}),
        ({"annotations/instances_val.json": coco_of(), "images/a.jpg": "x"}, {""}),
        ({"t.csv": "file,class,video\na.jpg,smile,talk\n", "a.jpg": "x"}, {"talk"}),
        ({"t.csv": "file,class,video_id,group\na.jpg,smile,3,x\n", "a.jpg": "x"}, {"3"}),
        ({"t.csv": "file,class,group\na.jpg,smile,x\n", "a.jpg": "x"}, {""}),  # somebody else's column
        # one way to say it in every format with columns or fields
        ({"t.csv": "file,class,Video ID,video\na.jpg,smile,3,x\n", "a.jpg": "x"}, {"3"}),
        ({"metadata.csv": "file_name,label,video_id\na.jpg,smile,7\n", "a.jpg": "x"}, {"7"}),
        ({"metadata.csv": "file_name,label,Video-ID\na.jpg,smile,7\n", "a.jpg": "x"}, {"7"}),
        ({"metadata.csv": "file_name,label,video\na.jpg,smile,\n", "a.jpg": "x"}, {""}),
        (metadata(video_id=7.0, video="talk"), {"7"}),
        (metadata(video_id=None, video="talk"), {"talk"}),
        (metadata(video={"path": "talk.mp4", "bytes": None}), {"talk.mp4"}),
        (metadata(label=None, objects={"bbox": [[1, 2, 3, 4]] * 2, "categories": ["smile"] * 2}, video_id=4), {"4"}),
        ({"data/train-00000-of-00001.parquet": parquet_of(video_id=7)}, {"7"}),
        ({"one.parquet": parquet_of(Video="talk")}, {"talk"}),
        ({"000.tar": tar_of(("a.jpg", b"x"), ("a.json", b'{"label": "smile", "video": "talk"}'))}, {"talk"}),
        ({"000.tar": tar_of(("a.jpg", b"x"), ("a.cls", b"smile"), ("a.json", b'{"video_id": 7}'))}, {"7"}),
        ({"000.tar": tar_of(("a.jpg", b"x"), ("a.cls", b"smile"))}, {""}),
        (samples(sample_id="6a", frame_number=1), {"sample 6a"}),  # what `to_frames` writes, old and new
        (samples(_sample_id={"$oid": "6a"}, frame_number=1), {"sample 6a"}),
        (samples(video="talk"), {"talk"}),
        (samples(), {""}),
        # a track is of a video, also where nothing else names it
        ({"annotations/i.json": coco_of({"attributes": {"track_id": 3}}), "images/a.jpg": "x"}, {"i track 3"}),
        ({"annotations/i.json": coco_of({"track_id": 3}), "images/a.jpg": "x"}, {"i track 3"}),
        ({"annotations/i.json": coco_of({"track_id": 3}, video_id=4), "images/a.jpg": "x"}, {"i 4"}),
        # a row of a release of Moue that came without its manifest
        ({"t.csv": f"file,class,group,image_sha256,face_id\na.jpg,smile,g,{'a' * 64},f\n", "a.jpg": "x"}, {"g"}),
        (metadata(group="g", image_sha256="a" * 64, face_id="f"), {"g"}),
        (metadata(group="g"), {""}),
    ],
)  # fmt: skip
def test_which_video_a_picture_is_of(tmp_path: Path, files: dict[str, str | bytes], expected: set[str]) -> None:
    name = read(tmp_path, files)[0]
    assert {one.together for one in registry.read(tmp_path / "set", name, tmp_path / "scratch2")} == expected


@pytest.mark.parametrize(
    "files",
    [
        metadata(video_id=True),
        metadata(video=["talk"]),
        samples(sample_id=1.5),
        samples(_sample_id={"id": "6a"}),
        {"000.tar": tar_of(("a.jpg", b"x"), ("a.json", b'{"label": "smile", "video": {}}'))},
    ],
)
def test_a_video_that_is_told_otherwise_is_refused_not_passed_over(
    tmp_path: Path, files: dict[str, str | bytes]
) -> None:
    with pytest.raises(UsageError) as refused:
        read(tmp_path, files)
    assert refused.value.message.code == "import_wrong_type"
