from __future__ import annotations

import errno
import hashlib
import os
import time
from pathlib import Path

import pytest

from pipeline.core.errors import StorageError
from pipeline.files import blobs
from pipeline.files.blobs import Blob, BlobStore, OtherBytesError

SHA = "ab" + "0" * 62
PHOTO = hashlib.sha256(b"photo").hexdigest()
FACE = "cd" + "1" * 30


def test_put_read_exists_remove(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    assert not store.exists("crops", FACE, "png")
    assert store.put("crops", FACE, "png", b"one") == tmp_path / "crops" / "cd" / f"{FACE}.png"
    assert store.read("crops", FACE, "png") == b"one"
    store.put("crops", FACE, "png", b"two")
    assert store.read("crops", FACE, "png") == b"two"
    assert [p.name for p in (tmp_path / "crops" / "cd").iterdir()] == [f"{FACE}.png"]
    store.remove("crops", FACE, "png")
    store.remove("crops", FACE, "png")
    with pytest.raises(StorageError, match="verify"):
        store.read("crops", FACE, "png")


@pytest.mark.parametrize("before", [b"one", None])
def test_a_replaced_file_is_what_it_was_where_the_work_fails(tmp_path: Path, before: bytes | None) -> None:
    store = BlobStore(tmp_path)
    if before is not None:
        store.put("crops", FACE, "png", before)
    with pytest.raises(KeyError, match="two"), store.replaced("crops", FACE, "png", b"two"):
        {}[store.read("crops", FACE, "png")]  # fails, naming the bytes
    left = store.read("crops", FACE, "png") if store.exists("crops", FACE, "png") else None
    assert left == before
    with store.replaced("crops", FACE, "png", b"three"):
        pass
    assert store.read("crops", FACE, "png") == b"three"


@pytest.mark.parametrize(
    ("blob_id", "ext"),
    [
        *((wrong, "png") for wrong in ("../../etc/passwd", SHA.upper(), SHA[:-1], SHA + "\n", "")),
        *((SHA, wrong) for wrong in ("../x", "", ".png", "PNG", "png/x")),
    ],
)
def test_no_id_leads_out_of_the_workspace(tmp_path: Path, blob_id: str, ext: str) -> None:
    with pytest.raises(ValueError, match="not a blob name"):
        BlobStore(tmp_path).path("images", blob_id, ext)


def test_many_at_once(tmp_path: Path) -> None:
    ids = [f"{n:032x}" for n in range(40)]
    BlobStore(tmp_path).put_many(Blob("crops", i, "png", i.encode()) for i in ids)
    assert all(BlobStore(tmp_path).read("crops", i, "png") == i.encode() for i in ids)


def test_nothing_is_looked_up_where_a_folders_parent_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To ask for each folder first costs calls that are nearly always spared; both are flushed all the same."""
    store = BlobStore(tmp_path)
    store.put("crops", "ab" * 16, "png", b"x")
    flushed: list[Path] = []
    monkeypatch.setattr(blobs, "sync_folder", flushed.append)
    monkeypatch.setattr(blobs, "missing_folders", lambda folder: pytest.fail(f"asked for {folder}"))
    store.put("crops", "cd" * 16, "png", b"x")
    assert sorted(flushed) == [tmp_path / "crops", tmp_path / "crops" / "cd"]
    flushed.clear()
    store.put("crops", "cd" + "ef" * 15, "png", b"x")
    assert flushed == [tmp_path / "crops" / "cd"]


def test_a_file_in_a_folders_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "crops").mkdir()
    (tmp_path / "crops" / "ab").write_bytes(b"x")
    with pytest.raises(StorageError, match="crops"):
        BlobStore(tmp_path).put("crops", "ab" * 16, "png", b"x")
    assert (tmp_path / "crops" / "ab").read_bytes() == b"x"


def test_the_order_of_durability(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is flushed before it gets its name, and its folder afterwards."""
    events: list[str] = []
    fsync, replace = os.fsync, os.replace

    def note_fsync(descriptor: int) -> None:
        events.append("folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file")
        fsync(descriptor)

    def note_replace(old: str, new: Path) -> None:
        events.append("rename")
        replace(old, new)

    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("needs /proc to tell files from folders")
    monkeypatch.setattr(blobs.os, "fsync", note_fsync)
    monkeypatch.setattr(blobs.os, "replace", note_replace)
    BlobStore(tmp_path).put("images", SHA, "jpg", b"x")
    assert events[:2] == ["file", "rename"]
    assert set(events[2:]) == {"folder"}
    events.clear()
    BlobStore(tmp_path).put_many([Blob("thumbs", SHA, "jpg", b"x", durable=False)])
    assert events == ["rename"]  # can be made again


@pytest.mark.parametrize(("number", "words"), [(errno.ENOSPC, "disk is full"), (errno.EDQUOT, "disk is full"),
                                               (errno.EACCES, "permissions")])  # fmt: skip
def test_a_failed_write_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    store = BlobStore(tmp_path)
    store.put("images", SHA, "jpg", b"old")

    def fail(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(blobs.os, "fsync", fail)
    with pytest.raises(StorageError, match=words):
        store.put("images", SHA, "jpg", b"new")
    assert [p.read_bytes() for p in (tmp_path / "images" / "ab").iterdir()] == [b"old"]


@pytest.mark.parametrize("link", [False, True])
def test_adopt_copies_or_links_and_leaves_the_source(tmp_path: Path, link: bool) -> None:
    source = tmp_path / "in.jpg"
    source.write_bytes(b"photo")
    target = BlobStore(tmp_path).adopt(source, PHOTO, "jpg", link=link)
    assert target.read_bytes() == source.read_bytes() == b"photo"
    assert (target.stat().st_ino == source.stat().st_ino) == link
    again = BlobStore(tmp_path).adopt(source, PHOTO, "jpg", link=link)
    assert again == target


def test_adopt_copies_where_links_are_not_possible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_link(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(blobs.os, "link", no_link)
    (tmp_path / "in.jpg").write_bytes(b"photo")
    target = BlobStore(tmp_path).adopt(tmp_path / "in.jpg", PHOTO, "jpg", link=True)
    assert target.read_bytes() == b"photo"


def test_sweep_removes_what_a_killed_run_left_and_nothing_else(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    kept = store.put("crops", FACE, "png", b"one")
    left = [kept.with_name(".new-abc"), tmp_path / "images" / "ab" / ".new-def"]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
    assert store.sweep() == 2
    assert kept.read_bytes() == b"one"
    assert not any(path.exists() for path in left)


def test_unfinished_thumbnails_are_removed_once_nobody_can_be_making_them(tmp_path: Path) -> None:
    (tmp_path / "thumbs").mkdir()
    old, new = tmp_path / "thumbs" / ".new-old", tmp_path / "thumbs" / ".new-new"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 3600,) * 2)
    assert BlobStore(tmp_path).sweep_thumbs() == 1
    assert not old.exists()
    assert new.exists()


@pytest.mark.parametrize("torn", [b"", bytes(40), b"\xff\xd8" + bytes(40), bytes(40) + b"\xff\xd9"])
def test_a_torn_thumbnail_is_none(tmp_path: Path, torn: bytes) -> None:
    store = BlobStore(tmp_path)
    whole = b"\xff\xd8" + bytes(40) + b"\xff\xd9"
    store.put("thumbs", PHOTO, "jpg", whole)
    assert store.thumb(PHOTO) == whole
    store.path("thumbs", PHOTO, "jpg").write_bytes(torn)
    assert store.thumb(PHOTO) is None
    store.path("thumbs", PHOTO, "jpg").unlink()
    assert store.thumb(PHOTO) is None


@pytest.mark.parametrize("link", [True, False])
@pytest.mark.parametrize("torn", [b"", b"pho", b"other"])
def test_a_torn_file_at_its_place_is_not_taken_for_the_photo(tmp_path: Path, link: bool, torn: bytes) -> None:
    store = BlobStore(tmp_path)
    (tmp_path / "in.jpg").write_bytes(b"photo")
    place = store.path("originals", PHOTO, "jpg")
    place.parent.mkdir(parents=True)
    place.write_bytes(torn)
    assert store.adopt(tmp_path / "in.jpg", PHOTO, "jpg", link=link).read_bytes() == b"photo"


@pytest.mark.parametrize("link", [True, False])
def test_a_file_that_changed_meanwhile_is_not_stored_under_the_old_name(tmp_path: Path, link: bool) -> None:
    store = BlobStore(tmp_path)
    (tmp_path / "in.jpg").write_bytes(b"another photo")
    with pytest.raises(OtherBytesError):
        store.adopt(tmp_path / "in.jpg", PHOTO, "jpg", link=link)
    assert [path.name for path in (tmp_path / "originals").rglob("*") if path.is_file()] == []
    assert (tmp_path / "in.jpg").read_bytes() == b"another photo"


def test_a_workspace_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    store = BlobStore(tmp_path / "gone")
    with pytest.raises(StorageError) as refused:
        store.put("crops", SHA[:32], "png", b"x")
    assert refused.value.message.code == "workspace_gone"
    assert not (tmp_path / "gone").exists()
