from __future__ import annotations

import hashlib
import json
import os
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import ExportError
from pipeline.export.release import release_file
from pipeline.export.release.release_file import FileDigest, ReleaseFile, from_bytes, opened, read
from pipeline.export.release.verify import verify_release

SAID = ReleaseFile(
    "data", 3, "7:" + "ab" * 32, {"rule": "latest", "words": "the latest answer counts", "waiting": {}},
    {"size": None, "min_side": 0, "licences": []}, {"val": 0.2, "seed": 0}, [], {"moue": "0.1.0"},
    {"yunet": "cd" * 32}, {"train/smile/ä.png": FileDigest("ef" * 32, 12)},
)  # fmt: skip
CHANGES = (
    (b'"number": 3', b'"number": "3"'), (b'"number": 3', b'"number": true'), (b'"bytes": 12', b'"bytes": null'),
    (b'"line"', b'"lines"'), (b'"split": {', b'"split": 3, "other": {'), (b'"files": {', b'"files": 1, "x": {'),
)  # fmt: skip


def test_what_is_written_is_read() -> None:
    assert from_bytes(SAID.to_bytes(), "x") == SAID


def test_its_own_sum_is_that_of_its_bytes_without_it() -> None:
    data = SAID.to_bytes()
    told = json.loads(data)["sha256"]
    assert data.count(told.encode()) == 1
    assert hashlib.sha256(data.replace(told.encode(), b"0" * 64)).hexdigest() == told


@pytest.mark.parametrize("summed", [True, False])
def test_it_is_the_json_of_what_it_says_and_few_copies_of_it_are_held(summed: bool) -> None:
    files = {f'train/smile/ä"{n:05}.png': FileDigest(f"{n:064x}", n) for n in reversed(range(3000))}
    files["own"] = FileDigest("0" * 64, 1)  # as the sum that is put in last
    said = replace(SAID, files=files, summed=summed)
    tracemalloc.start()
    try:
        data = said.to_bytes()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 2.4 * len(data)
    told = json.loads(data)
    assert data.decode() == json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
    assert told["files"] == {path: {"bytes": one.size, "sha256": one.sha256} for path, one in files.items()}
    assert from_bytes(data, "x") == said
    bare = replace(said, files={}).to_bytes()
    assert bare.decode() == json.dumps(json.loads(bare), ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def test_each_bit_that_is_another_one_is_found() -> None:
    data = SAID.to_bytes()
    for at in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[at // 8] ^= 1 << at % 8
        with pytest.raises(ExportError):
            from_bytes(bytes(flipped), "here")


def test_one_without_a_sum_is_read_and_written_as_it_was() -> None:
    earlier = replace(SAID, summed=False)
    told = json.loads(SAID.to_bytes())
    del told["sha256"]
    assert earlier.to_bytes() == (json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()
    assert from_bytes(earlier.to_bytes(), "x") == earlier


def test_its_bytes_are_sorted_plain_json() -> None:
    data = SAID.to_bytes()
    said = json.loads(data)
    assert list(said) == sorted(said)
    assert said["files"] == {"train/smile/ä.png": {"sha256": "ef" * 32, "bytes": 12}}
    assert (said["format"], said["line"], said["number"]) == (1, "data", 3)
    assert "ä".encode() in data


@given(
    st.dictionaries(st.text(), st.builds(FileDigest, st.text("0123456789abcdef"), st.integers(0, 2**60)), max_size=5),
    st.dictionaries(st.sampled_from(["files", "words", "a"]), st.text() | st.just({}), max_size=3),
)
def test_its_bytes_are_those_of_the_json_library(files: dict[str, FileDigest], said: dict[str, object]) -> None:
    made = replace(SAID, files=files, consensus=said, options={"files": {}})
    data = made.to_bytes()
    assert data == (json.dumps(json.loads(data), ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode(
        "utf-8", "surrogatepass"
    )
    assert json.loads(data)["files"] == {path: {"sha256": d.sha256, "bytes": d.size} for path, d in files.items()}
    assert json.loads(data)["consensus"] == said


@pytest.mark.parametrize(
    "broken",
    [b"", b"[]", b"{", b"\xff", b"null", b"{}", b'{"a":' * 100_000, *(SAID.to_bytes().replace(*c) for c in CHANGES)],
)
def test_anything_else_is_refused_in_words(broken: bytes) -> None:
    with pytest.raises(ExportError, match="here cannot be read"):
        from_bytes(broken, "here")


def test_a_later_format_asks_for_a_newer_moue() -> None:
    with pytest.raises(ExportError, match="update Moue"):
        from_bytes(SAID.to_bytes().replace(b'"format": 1', b'"format": 2'), "here")


@pytest.fixture(params=["folder", "zip", "zip without a folder in it"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A release with two files below its root."""
    files = {"release.json": SAID.to_bytes(), "train/smile/ä.png": b"pixels", "README.md": b"words"}
    if request.param == "folder":
        for path, data in files.items():
            (tmp_path / "data" / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "data" / path).write_bytes(data)
        return tmp_path / "data"
    root = "" if "without" in request.param else "data/"
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as archive:
        for path, data in files.items():
            archive.writestr(root + path, data)
    return tmp_path / "data.zip"


def test_a_folder_and_a_zip_are_read_alike(place: Path) -> None:
    with opened(place) as tree:
        assert tree.paths == {"release.json", "train/smile/ä.png", "README.md"}
        assert read(tree) == SAID
        assert tree.read("README.md") == b"words"
        assert tree.digest("train/smile/ä.png") == FileDigest(hashlib.sha256(b"pixels").hexdigest(), 6)


def test_links_in_a_folder_are_files_and_none_is_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.png").write_bytes(b"other")
    (tmp_path / "data" / "train" / "smile").mkdir(parents=True)
    (tmp_path / "data" / "train" / "smile" / "a.png").write_bytes(b"pixels")
    (tmp_path / "data" / "train" / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "data" / "gone.png").symlink_to(tmp_path / "nothing")
    (tmp_path / "data" / "manifest.csv").mkdir()
    with opened(tmp_path / "data") as tree:
        assert tree.paths == {"train/smile/a.png", "train/linked", "gone.png"}
        assert not tree.has("manifest.csv")
        assert tree.has("gone.png")
        with pytest.raises(ExportError):
            tree.read("train/linked")


def test_its_files_are_listed_once_and_not_at_all_where_none_is_asked_for(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list of 100,000 files took longer than all that is read of them to compare two releases; to check them, it was
    made anew for each."""
    listed: list[str] = []
    walk = os.walk
    monkeypatch.setattr(release_file.os, "walk", lambda root, **how: listed.append(root) or walk(root, **how))
    with opened(place) as tree:
        assert (tree.has("release.json"), tree.has("manifest.csv"), read(tree)) == (True, False, SAID)
        assert listed == []
        assert tree.paths is tree.paths
    verify_release(place)
    assert len(listed) == (2 if place.is_dir() else 0)


def test_a_file_larger_than_what_is_read_is_refused(place: Path) -> None:
    with opened(place) as tree, pytest.raises(ExportError):
        tree.read("README.md", most=4)


@pytest.mark.parametrize("made", ["nothing", "file", "folder", "broken zip"])
def test_what_is_no_release_is_said_so(made: str, tmp_path: Path) -> None:
    target = tmp_path / "x"
    if made == "folder":
        target.mkdir()
    elif made != "nothing":
        target.write_bytes(b"PK\x03\x04 and no more" if made == "broken zip" else b"text")
    with pytest.raises(ExportError, match="is no release of Moue"), opened(target) as tree:
        read(tree)
