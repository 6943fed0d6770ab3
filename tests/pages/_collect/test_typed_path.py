"""What a typed path holds, and uploads that wait."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from pages._collect import typed_path
from pipeline.sources.plan import plan_source
from pipeline.sources.walk import count_files

CLASSES = ("none", "smile")


def test_a_folder_is_counted_with_the_classes_that_its_folders_name(tmp_path: Path) -> None:
    for name in ("a.jpg", "smile/b.jpg", "deep/none/c.jpg", "frown/d.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "smile" / "loop").symlink_to(tmp_path)
    look = typed_path.inspect_path(f' "{tmp_path}" ', CLASSES)
    assert (look.kind, look.path, look.files, look.more) == ("folder", tmp_path, 4, False)
    assert look.classes == ("none", "smile")


def test_the_page_counts_what_the_command_line_will_meet(tmp_path: Path) -> None:
    """Links, hidden folders and all; folders propose whatever the case and the composition of their names."""
    photos, outside = tmp_path / "photos", tmp_path / "outside"
    for path in (
        photos / "Smile" / "a.jpg",
        photos / "ga\u0308hnen " / "b.jpg",
        photos / ".cache" / "none" / "c.jpg",
        outside / "d.jpg",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    (photos / "none").symlink_to(outside)
    (photos / "e.jpg").symlink_to(tmp_path / "nowhere")
    look = typed_path.inspect_path(str(photos), ("none", "smile", "g\u00e4hnen", "pout"))
    assert look.files == count_files(plan_source(photos, tmp_path / "w" / ".incoming" / "spool", 100)) == 5
    assert look.classes == ("g\u00e4hnen", "none", "smile")


def test_counting_ends_where_it_is_clear_that_there_are_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typed_path, "_MOST_FILES", 2)
    for number in range(4):
        (tmp_path / f"{number}.jpg").write_bytes(b"")
    assert typed_path.inspect_path(str(tmp_path), CLASSES).more


def test_a_zip_a_photo_and_nothing(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("smile/a.jpg", b"x")
        archive.writestr("b.jpg", b"x")
        archive.writestr("empty/", b"")
    (tmp_path / "one.jpg").write_bytes(b"x")
    look = typed_path.inspect_path(str(tmp_path / "all.zip"), CLASSES)
    assert (look.kind, look.files, look.classes) == ("zip", 2, ("smile",))
    assert typed_path.inspect_path(str(tmp_path / "one.jpg"), CLASSES).kind == "file"
    assert typed_path.inspect_path(str(tmp_path / "none"), CLASSES).kind == "missing"
    assert typed_path.inspect_path("   ", CLASSES).kind == "nothing"
    assert typed_path.inspect_path("a\x00b", CLASSES).kind == "missing"


def test_a_path_is_typed_as_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "my photos"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(b"x")
    monkeypatch.setenv("HOME", str(tmp_path))
    encoded = str(folder).replace(" ", "%20")
    for typed in ("~/my photos", f"file://{encoded}", f"file://localhost{encoded}", f"file:{encoded}", f"'{folder}'"):
        look = typed_path.inspect_path(typed, CLASSES)
        assert (look.kind, look.path, look.files) == ("folder", folder, 1), typed
    for typed in ("file://", "file://nas/x", "s3://bucket/x", "~nobody-of-that-name/x", "x\0y"):
        assert typed_path.inspect_path(typed, CLASSES).kind == "missing", typed
    for typed in ("", "  ", '""', "' '"):
        assert typed_path.inspect_path(typed, CLASSES).kind == "nothing", typed


def test_a_path_of_windows_is_called_one() -> None:
    look = typed_path.inspect_path("C:\\photos", CLASSES)
    assert look.kind == "refused"
    assert "/mnt/c/photos" in typed_path.problem(look)


def test_a_zip_with_a_long_tail_and_one_that_is_damaged(tmp_path: Path) -> None:
    """As the run takes them: the page called the first a single file."""
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("smile/a.jpg", b"x")
    whole = (tmp_path / "x.zip").read_bytes()
    (tmp_path / "x.zip").write_bytes(whole + bytes(70_000))
    (tmp_path / "cut.zip").write_bytes(whole[:-30])
    looks = [typed_path.inspect_path(str(tmp_path / name), CLASSES) for name in ("x.zip", "cut.zip")]
    assert [(look.kind, look.files, look.classes) for look in looks] == [("zip", 1, ("smile",)), ("file", 1, ())]


def test_a_zip_whose_names_lead_out_of_a_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("smile/../a.jpg", b"x")
    assert typed_path.inspect_path(str(tmp_path / "x.zip"), CLASSES).classes == ()


def test_a_zip_of_windows_names_its_folders(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "win.zip", "w") as archive:
        archive.writestr("people\\", b"")
        archive.writestr("people\\smile\\a.jpg", b"x")
    look = typed_path.inspect_path(str(tmp_path / "win.zip"), CLASSES)
    assert (look.kind, look.files, look.classes) == ("zip", 1, ("smile",))


def test_uploads_that_wait_are_found_and_empty_folders_are_not(tmp_path: Path) -> None:
    assert typed_path.waiting_batches(tmp_path) == []
    uploads = tmp_path / ".incoming" / "uploads"
    (uploads / "b" / "smile").mkdir(parents=True)
    (uploads / "a").mkdir()
    (uploads / "b" / "smile" / "x.jpg").write_bytes(b"x")
    (uploads / "b" / "y.jpg").write_bytes(b"x")
    assert typed_path.waiting_batches(tmp_path) == [typed_path.Batch(uploads / "b", 2)]
