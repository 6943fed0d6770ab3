"""Small valid zips, tables, lists, saved pages, data sets of other tools, and bodies of requests."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from tests.faults.mutated import photo_samples
from tests.pipeline.photos import head_jpeg

_SHA: Final = "ab" * 32
_FACE: Final = "cd" * 16
_UUID: Final = "6f0a9d0e-6d2c-4a44-9a3f-6b2f3c1e7d10"
_SAVED: Final = "<!-- saved from url=(0070)https://www.google.com/search?q=duck+face&amp;udm=2 -->"
_PAGE: Final = (
    "<html><head><base href='https://www.google.com/'></head><body>"
    "<a href='/imgres?imgurl=https%3A%2F%2Fa.example%2F1.jpg&imgrefurl=https%3A%2F%2Fa.example%2F&h=480&w=640'>"
    "<img src='https://encrypted-tbn0.gstatic.com/images?q=x' width=180 height=140 alt='A smile'></a>"
    "<a class=iusc m='{\"murl\":\"https://b.example/2.png\",\"purl\":\"https://b.example/\",\"t\":\"B\"}'>B</a>"
    "<img srcset='https://c.example/3.webp 320w, https://c.example/3l.webp 960w' width=300 height=300>"
    '<script>x=["https://d.example/4.jpg",480,640],{"2003":[null,"q","https://d.example/p","Title"]}</script>'
    "</body></html>"
)  # fmt: skip

Text = tuple[str, str, bytes, Mapping[str, bytes]]


def texts() -> Mapping[str, Text]:
    """By format: the door, the file's name and bytes, and what else lies in its folder."""
    found: dict[str, Text] = {}
    for door, files in (("lists", _lists()), ("archive", _archives()), ("request", _requests())):
        found |= {name: (door, file, data, {}) for name, (file, data) in files.items()}
    found |= {name: ("video", file, data, {}) for name, (file, data) in photo_samples.clips().items()}
    return {**found, **{name: ("data-set", *files) for name, files in _data_sets().items()}}


def _lists() -> dict[str, tuple[str, bytes]]:
    mail = (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://www.bing.com/images/search?q=smile\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/related; type="text/html"; boundary="----B"\r\n\r\n'
        "------B\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
        "Content-Location: https://www.bing.com/images/search?q=smile\r\n\r\n"
        f"{_PAGE.replace('=', '=3D')}\r\n------B--\r\n"
    )
    decisions = (
        f"face_id,sha256,verdict,label,reason\n{_FACE},,accept,smile,\n,{_SHA},reject,,blurred\n{_FACE},,unsure,,\n"
    )
    return {
        "decisions-csv": ("x.csv", decisions.encode()),
        "decisions-tsv": ("x.tsv", decisions.replace(",", "\t").encode("utf-16")),
        "persons-csv": ("p.csv", "location;person\na/b.jpg;Ann\n;\nhttps://a.example/1.jpg;王芳\n".encode("gb18030")),
        "predictions-csv": ("q.csv", f"face_id;class;confidence\n{_FACE};smile;0,9\n{_FACE};pout;1\n".encode()),
        "addresses-csv": ("u.csv", b'sep=;\nurl;class;author\n"https://a.example/1.jpg";smile;"A; B"\n'),
        "addresses-txt": ("u.txt", "https://a.example/1.jpg\tsmile\n# note\n<https://b.example/2.jpg>\n".encode("utf-16")),
        "addresses-jsonl": ("u.jsonl", b'{"url": "https://a.example/1.jpg", "class": "smile", "title": "A"}\n' * 2),
        "keywords-txt": ("k.txt", "微笑\tsmile\nduck face\tpout\n张嘴\n".encode("gb18030")),
        "keywords-csv": ("k.csv", b"keyword,class\nduck face,pout\nsmile,smile\n"),
        "keywords-json": ("k.json", json.dumps([{"keyword": "duck face", "class": "pout"}, "smile"]).encode()),
        "page-html": ("s.html", f"<!DOCTYPE html>\n{_SAVED}\n{_PAGE}".encode()),
        "page-mhtml": ("s.mhtml", mail.encode()),
    }  # fmt: skip


def _archives() -> dict[str, tuple[str, bytes]]:
    found = {}
    for name, method in (
        ("zip-stored", zipfile.ZIP_STORED), ("zip-deflated", zipfile.ZIP_DEFLATED), ("zip-lzma", zipfile.ZIP_LZMA),
        ("zip-bzip2", zipfile.ZIP_BZIP2),
    ):  # fmt: skip
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", method) as archive:
            for member in ("smile/a.jpg", "pout/嘴.jpg", "__MACOSX/._a.jpg", "notes.txt"):
                archive.writestr(member, member.encode() * 40)
        found[name] = ("x.zip", stream.getvalue())
    return found


def _data_sets() -> dict[str, tuple[str, bytes, Mapping[str, bytes]]]:
    """The file that is damaged, its bytes, and what lies beside it."""
    picture = {"images/train/a.jpg": b"x", "a.jpg": b"x", "images/a.jpg": b"x"}
    coco = {
        "categories": [{"id": 1, "name": "smile"}], "images": [{"id": 1, "file_name": "a.jpg"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "face_id": _FACE}],
    }  # fmt: skip
    cvat = (
        '<?xml version="1.0" encoding="utf-8"?><annotations><image id="0" name="a.jpg" subset="train">'
        '<box label="smile" xtl="1" ytl="1" xbr="4" ybr="5"><attribute name="face_id">cdcd</attribute></box>'
        '<tag label="pout"/></image></annotations>'
    )
    voc = (
        "<annotation><filename>a.jpg</filename><size><width>9</width><height>9</height></size><object><name>smile</name>"
        "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>4</xmax><ymax>5</ymax></bndbox></object></annotation>"
    )
    box = {"x": 1, "y": 2.5, "width": 30, "height": 40, "rectanglelabels": ["smile"]}
    results = [{"type": "rectanglelabels", "value": box}, {"type": "choices", "value": {"choices": ["smile"]}}]
    task = {"id": 1, "data": {"image": "/data/local-files/?d=images/a.jpg"}, "annotations": [{"result": results}]}
    found = {"detections": [{"label": "smile", "bounding_box": [0.1, 0.1, 0.5, 0.5]}]}
    samples = {"samples": [{"filepath": "a.jpg", "tags": ["train"], "ground_truth": found}]}
    classes = {"classes": ["smile", "pout"], "labels": {"a": 0, "b": 1}}
    yolo = {**picture, "labels/train/a.txt": b"0 .5 .5 .2 .2\n"}
    rows = [{"image": {"bytes": b"x", "path": "a.jpg"}, "label": "smile"}]
    return {
        "coco": ("annotations/train.json", json.dumps(coco).encode(), picture),
        "cvat": ("annotations.xml", cvat.encode(), picture),
        "voc": ("Annotations/a.xml", voc.encode(), picture),
        "label-studio": ("tasks.json", json.dumps([task]).encode(), picture),
        "fiftyone": ("samples.json", json.dumps(samples).encode(), picture),
        "fiftyone-classes": ("labels.json", json.dumps(classes).encode(), {"data/a.jpg": b"x", "data/b.jpg": b"x"}),
        "yolo-yaml": ("data.yaml", b"names:\n  0: smile\n  1: pout\nnc: 2\n", yolo),
        "yolo-labels": ("labels/train/a.txt", b"0 .5 .5 .2 .2\n" * 3, {**yolo, "data.yaml": b"names: [smile]\n"}),
        "webdataset": ("train-000000.tar", _shard(), {"classes.txt": b"smile\npout\n"}),
        "metadata-csv": ("metadata.csv", b"file_name,label,split\na.jpg,smile,train\n", picture),
        "metadata-jsonl": ("metadata.jsonl", b'{"file_name": "a.jpg", "label": "smile"}\n', picture),
        "parquet": ("train-00000-of-00001.parquet", _parquet(rows), {}),
        "table-csv": ("t.csv", b"file,class,split\na.jpg,smile,train\n", picture),
        "table-parquet": ("t.parquet", _parquet([{"file": "a.jpg", "class": "smile"}]), picture),
    }  # fmt: skip


def _parquet(rows: list[dict[str, object]]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), stream)
    return stream.getvalue()


def _shard() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, data in (
            ("s/1.jpg", head_jpeg()[:300]),
            ("s/1.json", b'{"class": "smile"}'),
            ("s/2.png", b"x"),
            ("s/2.cls", b"1"),
        ):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return stream.getvalue()


def _requests() -> dict[str, tuple[str, bytes]]:
    """The name is that of the reader in `requests.READERS`."""
    decision = {
        "uuid": _UUID,
        "op": "decide",
        "step": _UUID,
        "face_id": _FACE,
        "sha256": _SHA,
        "verdict": "accept",
        "class_id": 1,
    }
    group = {
        "seq": 1,
        "op": "keep",
        "uuid": _UUID,
        "members": [_SHA, "cd" * 32],
        "sha256": _SHA,
        "pairs": [[_SHA, "cd" * 32]],
        "faces": [[_FACE, _SHA]],
        "seen": {_FACE: ""},
        "took_ms": 5,
    }
    bodies = {
        "ops": {
            "ops": [decision, {**decision, "took_ms": 900, "kind": "adjudication"}, {"uuid": _UUID, "op": "undo"}]
        },
        "groups": {"ops": [group, {**group, "op": "apart"}]},
        "claim": {"query": {"state": "todo", "classes": "1"}, "size": 20},
        "note": {"face_id": _FACE, "id": _UUID, "text": "看一下", "resolved": "yes"},
        "sign-in": {"name": "Ann"},
        "v1-decisions": {
            "decisions": [{"face_id": _FACE, "verdict": "accept", "label": "smile", "uuid": _UUID}], "overrule": True
        },
        "v1-predictions": {
            "suggester": "model", "predictions": [{"face_id": _FACE, "label": "smile", "confidence": 0.9}]
        },
        "v1-export": {"name": "v1"},
    }  # fmt: skip
    return {f"body-{name}": (name, json.dumps(body, ensure_ascii=False).encode()) for name, body in bodies.items()}
