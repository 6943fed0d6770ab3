"""Whatever a data set holds: it is read, or refused in words; no path leads out, and nothing is left behind."""

from __future__ import annotations

import io
import json
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import UsageError
from pipeline.export.readers import registry

NAMES: Final = (
    "a.jpg",
    "../out.jpg",
    "/etc/passwd",
    "images/a.jpg",
    "C:\\a.jpg",
    "",
    "a\0.jpg",
    "link.jpg",
    "..",
    "smile",
)
WORDS: Final = (
    "images", "annotations", "categories", "id", "file_name", "name", "bbox", "image_id", "category_id", "samples",
    "filepath", "tags", "ground_truth", "label", "detections", "bounding_box", "data", "image", "result", "type",
    "value", "rectanglelabels", "choices", "x", "y", "width", "height", "classes", "labels", "objects", "face_id",
    "image_sha256",
)  # fmt: skip
LEAVES: Final = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(NAMES), st.text(max_size=8),
    st.sampled_from(("rectanglelabels", "smile", "train", [1, 2, 3, 4], [{"id": 1, "file_name": "a.jpg"}])),
)  # fmt: skip
JSON: Final = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=8),
    max_leaves=40,
)
JSON_FILES: Final = ("annotations/train.json", "samples.json", "labels.json", "tasks.json", "result.json")
TEXT_FILES: Final = (
    "annotations.xml", "a.xml", "metadata.csv", "metadata.jsonl", "x.csv", "data.yaml", "classes.txt", "labels/a.txt",
    "obj.names", "train-00000-of-00001.parquet", "a.tar", "manifest.csv",
)  # fmt: skip
LINES: Final = (
    "file,class,split", "file_name,label", "a.jpg,smile", "../x.jpg,smile", "names: [smile]", "0 .5 .5 .2 .2",
    "0 nan 1 1 1",
    '<annotations><image id="0" name="a.jpg">', '<box label="smile" xtl="1" ytl="1" xbr="4" ybr="5"/>', "</image>",
    "</annotations>", "<annotation>", "<object><name>a</name>", "<bndbox><xmin>", "</annotation>",
    '<!DOCTYPE a [<!ENTITY b "bb">]>', '{"file_name": "a.jpg", "label": 1e999}', "PAR1", "-" * 20,
)  # fmt: skip


@contextmanager
def data_set() -> Iterator[tuple[Path, Path]]:
    """A folder with two pictures and a symlink that leads out of it, and one for what is unpacked."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for path in ("set/a.jpg", "set/images/a.jpg", "out.jpg"):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(b"x")
        (root / "set" / "link.jpg").symlink_to(root / "out.jpg")
        (root / "scratch").mkdir()
        yield root / "set", root / "scratch"


def read_as_any(files: dict[str, bytes]) -> int:
    """Have every reader read it; how many did."""
    taken = 0
    with data_set() as (root, scratch):
        for path, data in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        before = sorted(p for p in root.parent.rglob("*") if scratch not in p.parents and p != scratch)
        for name in registry.READERS:
            try:
                found = registry.read(root, name, scratch / name)
            except UsageError:
                continue
            taken += 1
            for one in found:
                assert one.label
                assert one.path.resolve().is_relative_to(root.resolve()) or scratch in one.path.parents
                assert one.box is None or (one.box.width > 0 and one.box.height > 0)
        with suppress(UsageError):
            assert registry.recognise(root) in registry.READERS
        after = sorted(p for p in root.parent.rglob("*") if scratch not in p.parents and p != scratch)
        assert after == before
    return taken


@given(st.dictionaries(st.sampled_from(JSON_FILES), JSON, min_size=1, max_size=2))
def test_any_json(files: dict[str, Any]) -> None:
    read_as_any({name: json.dumps(value).encode() for name, value in files.items()})


@given(
    st.dictionaries(
        st.sampled_from(TEXT_FILES),
        st.lists(st.sampled_from(LINES), max_size=6).map(lambda lines: "\n".join(lines).encode())
        | st.binary(max_size=64),
        min_size=1,
        max_size=3,
    )
)
def test_any_text(files: dict[str, bytes]) -> None:
    read_as_any(files)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("a.jpg", "../a.jpg", "/a.jpg", "a.cls", "a.json", "..", "b/a.txt", "a.b.jpg")),
            st.sampled_from((b"smile", b"1", b'{"class": "smile"}', b"{", b"\xff\xfe", b"")),
            st.sampled_from((tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE)),
        ),
        max_size=5,
    ),
    st.integers(0, 600),
)
def test_any_shard(members: list[tuple[str, bytes, bytes]], cut: int) -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, content, kind in members:
            entry = tarfile.TarInfo(name)
            entry.type, entry.size, entry.linkname = kind, len(content) if kind == tarfile.REGTYPE else 0, "/etc/passwd"
            tar.addfile(entry, io.BytesIO(content))
    read_as_any({"train.tar": data.getvalue()[: len(data.getvalue()) - cut * 16]})


def test_something_is_taken_at_all() -> None:
    """Else the tests above would hold of readers that refuse everything."""
    images = {"images": [{"id": 1, "file_name": "a.jpg"}], "categories": [{"id": 1, "name": "smile"}]}
    label = {"annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]}]}
    assert read_as_any({"annotations/train.json": json.dumps({**images, **label}).encode()}) >= 1
