from __future__ import annotations

import tracemalloc

import pytest

from pipeline.core.errors import ExportError
from pipeline.export.export import plan
from pipeline.export.manifest import manifest_bytes
from pipeline.export.release.compare import ReleaseContent, ReleasedFace, content_of, differences
from pipeline.export.release.release_file import FileDigest, ReleaseFile
from pipeline.export.split import SplitPlan
from tests.pipeline.export_items import NAMES, items


def face(
    number: int, label: str = "smile", split: str = "train", cut: str = "1:2:3:4:0", digest: str = ""
) -> ReleasedFace:
    return ReleasedFace(f"{number:032x}", f"{number:064x}", label, split, f"{split}/{label}/{number}.png", cut, digest)


def release(*faces: ReleasedFace, shape: str = "") -> ReleaseContent:
    return ReleaseContent("r", shape, {one.face_id: one for one in faces})


def test_each_kind_of_change_by_hand() -> None:
    before = release(face(1), face(2), face(3), face(4), face(5))
    after = release(face(1), face(2, "pout"), face(3, split="val"), face(4, cut="1:2:3:5:0"), face(6))
    found = differences(before, after)
    assert [one.face_id for one in found.added] == [face(6).face_id]
    assert [one.face_id for one in found.removed] == [face(5).face_id]
    assert [(one.before.label, one.after.label) for one in found.relabelled] == [("smile", "pout")]
    assert [(one.before.split, one.after.split) for one in found.moved] == [("train", "val")]
    assert [one.after.cut for one in found.recropped] == ["1:2:3:5:0"]
    assert found.counts == {"added": 1, "removed": 1, "relabelled": 1, "moved": 1, "recropped": 1}


def test_a_face_may_have_changed_in_more_than_one_way_and_the_way_back_is_the_mirror() -> None:
    before, after = release(face(1), face(2)), release(face(1, "pout", "val", "0:0:9:9:0"), face(3))
    there, back = differences(before, after), differences(after, before)
    assert there.counts == {"added": 1, "removed": 1, "relabelled": 1, "moved": 1, "recropped": 1}
    assert (there.added, there.removed) == (back.removed, back.added)


@pytest.mark.parametrize(
    ("old", "new", "same_shape", "recropped"),
    [
        (face(1, digest="a"), face(1, digest="a"), True, 0),
        (face(1, digest="a"), face(1, digest="b"), True, 1),  # other pixels at the same place
        (face(1, digest="a"), face(1, digest="b"), False, 0),  # every picture has another size
        (face(1, digest="a"), face(1, digest="b", cut="9:9:9:9:0"), False, 1),
        (face(1, digest="a"), face(1), True, 0),  # one of them does not tell its files' digests
        (face(1), face(1, cut="9:9:9:9:0"), True, 1),
    ],
)
def test_recropped_is_by_bytes_where_they_can_be_compared(
    old: ReleasedFace, new: ReleasedFace, same_shape: bool, recropped: int
) -> None:
    found = differences(release(old, shape="a"), release(new, shape="a" if same_shape else "b"))
    assert len(found.recropped) == recropped


def test_a_manifest_is_read_as_it_was_planned() -> None:
    chosen = plan(items(), NAMES, SplitPlan(val=0.4, seed=3))
    digests = {row.file: FileDigest(f"{n:064x}", n) for n, row in enumerate(chosen.rows)}
    said = ReleaseFile("data", 1, "", {}, {"size": 64}, {}, [], {}, {}, digests)
    found = content_of("data", manifest_bytes(chosen), said)
    assert len(found.faces) == len(chosen.rows) == 15
    for row in chosen.rows:
        one = found.faces[row.item.face_id]
        assert (one.label, one.split, one.file) == (row.item.label, row.split, row.file)
        assert (one.image_sha256, one.cut) == (row.item.image_sha256, "-3:5:20:20:0")
        assert one.digest == digests[row.file].sha256
    assert '"size": 64' in found.shape
    earlier = content_of("data", manifest_bytes(chosen), None)
    assert earlier.shape == ""
    assert set(differences(found, earlier).counts.values()) == {0}


@pytest.mark.parametrize("broken", [b"a,b\n1,2\n", b"\xff\xfe", b'face_id,class\n"' + b"x" * 200_000])
def test_what_is_no_manifest_is_said_so(broken: bytes) -> None:
    with pytest.raises(ExportError, match="cannot be read"):
        content_of("data", broken, None)


def test_a_manifest_is_read_row_by_row() -> None:
    """All rows as dictionaries, or all of it as text, took several times what the faces take."""
    head = manifest_bytes(plan(items(), NAMES)).splitlines(keepends=True)
    row = head[1].decode().replace(head[1].decode().split(",")[3], "{face}")
    manifest = head[0] + "".join(row.format(face=f"{n:032x}") for n in range(3000)).encode()
    content_of("data", manifest, None)  # what is made once
    tracemalloc.start()
    try:
        found = content_of("data", manifest, None)
        held, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(found.faces) == 3000
    assert most - held < len(manifest)


def test_a_row_that_is_cut_off_is_said_so() -> None:
    lines = manifest_bytes(plan(items(), NAMES)).splitlines(keepends=True)
    with pytest.raises(ExportError, match="cannot be read"):
        content_of("data", b"".join([*lines[:3], lines[3][:20]]), None)
