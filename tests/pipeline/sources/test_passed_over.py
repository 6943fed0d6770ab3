"""What lies beside photos and is none: passed over by name or by what its folder is, counted, and told why."""

from __future__ import annotations

import os
import sqlite3
import uuid
import zipfile
from dataclasses import replace
from pathlib import Path

import fsspec
import pytest

from pipeline.core.outcome import Outcome
from pipeline.export.manifest import MANIFEST_HEADER
from pipeline.files.passing.names import passed_by_name
from pipeline.sources.plan import plan_source
from pipeline.sources.walk import count_files, iter_source

PASSED = {
    "._a.jpg": "companion_file",
    "__MACOSX/smile/._a.jpg": "companion_file",
    "__MACOSX/a.jpg": "companion_file",
    ".Trash-1000/files/a.jpg": "in_bin",
    ".Trash/a.jpg": "in_bin",
    ".Trashes/501/a.jpg": "in_bin",
    "$RECYCLE.BIN/S-1-5/a.jpg": "in_bin",
    "@Recycle/a.jpg": "in_bin",
    "#recycle/a.jpg": "in_bin",
    "DCIM/.trashed-1700000000-a.jpg": "in_bin",
    "album/@eaDir/a.jpg/SYNOPHOTO_THUMB_XL.jpg": "in_thumbnails",
    ".thumbnails/large/a.png": "in_thumbnails",
    "album/Thumbs.db": "system_file",
    "desktop.ini": "system_file",
    "album/Icon\r": "system_file",
    "Network Trash Folder/a.jpg": "in_bin",
    ".DS_Store": "system_file",
    ".picasa.ini": "system_file",
    "album/Picasa.ini": "system_file",
    "album/.nomedia": "system_file",
    ".BridgeSort": "system_file",
    "ZbThumbnail.info": "system_file",
    "IMG_1.AAE": "sidecar_file",
    "album/a.jpg.xmp": "sidecar_file",
    ".fuse_hidden0000012300000001": "in_bin",
    "book/.ipynb_checkpoints/a-checkpoint.jpg": "in_checkpoints",
    ".cache/a.jpg": "in_hidden_folder",
    "a/.git/objects/ab/cd": "in_hidden_folder",
    "a.jpg.part": "half_download",
    "a.jpg.crdownload": "half_download",
    "A.JPG.TMP": "half_download",
    ".pending-1700000000-a.jpg": "half_download",
    "a.jpg.download/a.jpg": "half_download",
    "a.jpg.xltd": "half_download",
    "a.jpg.td.cfg": "half_download",
    "a.jpg.fdmdownload": "half_download",
    ".goutputstream-4M2F30": "half_download",
    ".com.google.Chrome.xY12ab": "half_download",
    "a.jpg.sb-1f2e3d4c-Ab12Cd": "half_download",
    "album/.a.jpg.Ab12Cd": "half_download",
    "My.photoslibrary/resources/derivatives/a/a_1_105_c.jpeg": "in_thumbnails",
    "Old.photolibrary/Thumbnails/2009/a.jpg": "in_thumbnails",
}
TAKEN = (
    "a.jpg", ".a.jpg", "_a.jpg", "a._b.jpg", "part.jpg", "party/tmp.jpg", "trash/a.jpg", "MACOSX/a.jpg",
    "My.photoslibrary/originals/a/a.jpg", "Old.photolibrary/Masters/2009/a.jpg", "resources/a.jpg",
    ".a.jpg.backup", ".a.jpg.Edited", ".a.jpg.edited", "a.jpg.Ab12Cd",
    "thumbs/a.jpg", "picasa.jpg", "xmp.jpg", "recycled-paper/a.jpg", "a.parts",
)  # fmt: skip


def laid(folder: Path, names: list[str] | tuple[str, ...]) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    return folder


def codes(path: Path, spool: Path, *, owned: bool = False) -> dict[str, str | None]:
    """The code of each file's reason by its name below the source, None where it is taken; counted as it is met."""
    plan = replace(plan_source(path, spool, 10_000), owned=owned)
    refs = list(iter_source(plan))
    assert count_files(plan) == len(refs)
    refs = [ref for ref in refs if not (ref.failure and ref.failure[1].code.endswith("_passed_over"))]  # of the source
    assert {ref.failure[0] for ref in refs if ref.failure} <= {Outcome.PASSED_OVER}
    root = f"{path}!" if plan.kind == "zip" else f"{path}/"
    return {ref.location.removeprefix(root): ref.failure[1].code if ref.failure else None for ref in refs}


@pytest.mark.parametrize("name", PASSED)
def test_each_name_has_its_reason(name: str) -> None:
    reason = passed_by_name(name.split("/"))
    assert reason is not None
    assert reason.code == PASSED[name]
    assert "{" not in reason.text


@pytest.mark.parametrize("name", TAKEN)
def test_other_names_are_taken(name: str) -> None:
    assert passed_by_name(name.split("/")) is None


def test_folders_uploads_and_zips_alike(tmp_path: Path) -> None:
    expected = {**PASSED, "kept.jpg": None, "album/kept.jpg": None}
    folder = laid(tmp_path / "photos", list(expected))
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        for name in expected:
            archive.write(folder / name, name)
    assert codes(folder, tmp_path / "spool") == expected
    assert codes(tmp_path / "photos.zip", tmp_path / "spool") == expected
    batch = laid(tmp_path / "batch", list(expected))
    (tmp_path / "photos.zip").rename(batch / "photos.zip")
    assert codes(batch, tmp_path / "spool", owned=True) == {
        **expected,
        **{f"photos.zip!{name}": code for name, code in expected.items()},
    }


def test_a_library_of_macos_that_is_given_itself(tmp_path: Path) -> None:
    library = laid(tmp_path / "My.photoslibrary", ["originals/a.jpg", "resources/derivatives/a.jpg"])
    assert codes(library, tmp_path / "spool") == {
        "originals/a.jpg": None,
        "resources/derivatives/a.jpg": "in_thumbnails",
    }


def test_what_is_given_by_its_path_is_taken(tmp_path: Path) -> None:
    hidden = laid(tmp_path / ".photos", ["a.jpg", "._a.jpg", ".more/b.jpg"])
    assert codes(hidden, tmp_path / "spool") == {
        "a.jpg": None, "._a.jpg": "companion_file", ".more/b.jpg": "in_hidden_folder",
    }  # fmt: skip
    (ref,) = iter_source(plan_source(laid(tmp_path, ["b.jpg.part"]) / "b.jpg.part", tmp_path / "spool", 100))
    assert ref.failure is None


def export(folder: Path, manifest: bytes = MANIFEST_HEADER.encode()) -> Path:
    laid(folder, ["train/smile/0.png", "val/smile/1.png", "classes.txt"])
    (folder / "manifest.csv").write_bytes(manifest)
    return folder


SAVED_ANEW = b"\xef\xbb\xbf" + MANIFEST_HEADER.replace(",", ";").rstrip().encode() + b"\r\n"
INSIDE = ("classes.txt", "manifest.csv", "train/smile/0.png", "val/smile/1.png")


@pytest.mark.parametrize("manifest", [MANIFEST_HEADER.encode(), SAVED_ANEW])
def test_an_export_is_known_by_its_manifest_wherever_it_is(tmp_path: Path, manifest: bytes) -> None:
    photos = laid(tmp_path / "photos", ["a.jpg"])
    export(photos / "renamed" / "deep", manifest)
    expected = {"a.jpg": None, **{f"renamed/deep/{name}": "in_own_export" for name in INSIDE}}
    assert codes(photos, tmp_path / "spool") == expected
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name in expected:
            archive.write(photos / name, name)
    assert codes(tmp_path / "x.zip", tmp_path / "spool") == expected
    with zipfile.ZipFile(tmp_path / "top.zip", "w") as archive:
        for name in INSIDE:
            archive.write(photos / "renamed" / "deep" / name, name)
    assert set(codes(tmp_path / "top.zip", tmp_path / "spool").values()) == {"in_own_export"}
    assert codes(photos, tmp_path / "spool", owned=True).keys() == expected.keys()


def test_an_export_is_no_source_though_its_own_path_is_given(tmp_path: Path) -> None:
    out = export(tmp_path / "out")
    assert set(codes(out, tmp_path / "spool").values()) == {"in_own_export"}
    assert set(codes(out, tmp_path / "spool", owned=True).values()) == {"in_own_export"}


def test_another_table_of_that_name_is_no_export(tmp_path: Path) -> None:
    photos = export(tmp_path / "photos" / "sub", b"file,split,class\n").parent
    assert set(codes(photos, tmp_path / "spool").values()) == {None}


def test_a_workspace_is_left_alone_and_what_lies_beside_it_is_taken(tmp_path: Path) -> None:
    photos = laid(
        tmp_path / "photos", ["a.jpg", "old/crops/ab/x.png", "old/party/b.jpg", "no/moue.db", "no/crops/b.jpg"]
    )
    with sqlite3.connect(photos / "old" / "moue.db") as db:
        db.execute("CREATE TABLE t (x)")
    db.close()
    assert codes(photos, tmp_path / "spool") == {
        "a.jpg": None, "no/crops/b.jpg": None, "no/moue.db": None, "old/party/b.jpg": None,
        "old/crops/ab/x.png": "in_own_workspace", "old/moue.db": "in_own_workspace",
    }  # fmt: skip
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        for name in ("a.jpg", "old/crops/ab/x.png", "old/party/b.jpg", "old/moue.db"):
            archive.write(photos / name, name)
    assert codes(tmp_path / "photos.zip", tmp_path / "spool") == {
        "a.jpg": None, "old/crops/ab/x.png": "in_own_workspace", "old/party/b.jpg": None,
        "old/moue.db": "in_own_workspace",
    }  # fmt: skip
    inside = codes(photos / "old", tmp_path / "spool")  # though its path is given: its crops are no photos
    assert inside == {"crops/ab/x.png": "in_own_workspace", "moue.db": "in_own_workspace", "party/b.jpg": None}


def test_a_folder_whose_name_is_not_utf_8_is_told_all_the_same(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/.caf\xe9"
    os.mkdir(folder)
    with open(folder + b"/a.jpg", "wb") as file:
        file.write(b"x")
    ref, _ = iter_source(plan_source(tmp_path, tmp_path / "spool", 100))
    assert ref.failure is not None
    assert "(.caf\\xe9)" in ref.failure[1].text


def test_behind_an_address_the_same_names_are_passed_over(tmp_path: Path) -> None:
    url = f"memory://{uuid.uuid4().hex}"
    files = fsspec.filesystem("memory")
    for name in ("a.jpg", "smile/b.jpg.part", "@eaDir/a.jpg/SYNOPHOTO_THUMB_XL.jpg", "more.ZIP"):
        files.pipe_file(f"{url}/{name}", b"12345")
    found = {ref.location.removeprefix(f"{url}/"): ref for ref in iter_source(plan_source(url, tmp_path, 100))}
    assert {name: ref.failure and (ref.failure[0], ref.failure[1].code) for name, ref in found.items()} == {
        "a.jpg": None,
        "smile/b.jpg.part": (Outcome.PASSED_OVER, "half_download"),
        "@eaDir/a.jpg/SYNOPHOTO_THUMB_XL.jpg": (Outcome.PASSED_OVER, "in_thumbnails"),
        "more.ZIP": (Outcome.UNSUPPORTED, "zip_behind_url"),
    }
    assert found["a.jpg"].size == 5
    (named,) = iter_source(plan_source(f"{url}/smile/b.jpg.part", tmp_path, 100))  # whoever names it means it
    assert (named.failure, named.size) == (None, 5)
    files.rm(url, recursive=True)


@pytest.mark.parametrize(
    ("path", "code"),
    [("My Previews.lrdata/0/a.jpg", "in_thumbnails"), ("smile/.a.jpg.icloud", "half_download"), ("lrdata/a.jpg", None)],
)
def test_previews_of_lightroom_and_placeholders_of_icloud(path: str, code: str | None) -> None:
    found = passed_by_name(path.split("/"))
    assert (found and found.code) == code
