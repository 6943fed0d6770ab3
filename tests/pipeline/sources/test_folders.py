"""Links inside a folder: followed once, wherever they lead, without loops; broken ones are named."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.outcome import Outcome
from pipeline.export.manifest import MANIFEST_HEADER
from pipeline.sources.folders import FolderWalk, FoundFile


def walked(root: Path) -> list[FoundFile]:
    return list(FolderWalk(str(root.resolve()), str(root / "no workspace")).files())


def taken(root: Path) -> list[str]:
    return [os.path.relpath(found.path, root.resolve()) for found in walked(root) if found.failure is None]


def named(root: Path) -> dict[str, tuple[Outcome, str]]:
    return {
        os.path.relpath(found.path, root.resolve()): (found.failure[0], found.failure[1].code)
        for found in walked(root)
        if found.failure
    }


def file(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def link(path: Path, target: Path | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


def test_photos_and_folders_behind_links_are_taken_once(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    for name in ("a.jpg", "b.jpg", "sub/c.jpg"):
        file(outside / name)
    link(root / "1.jpg", outside / "a.jpg")
    link(root / "2.jpg", outside / "a.jpg")  # the same photo once more
    link(root / "smile", outside)  # and again, among others
    link(root / "smile too", outside)
    link(root / "sub", outside / "sub")
    assert taken(root) == ["1.jpg", "smile/b.jpg", "smile/sub/c.jpg"]
    again = (Outcome.PASSED_OVER, "link_again")
    assert named(root) == {"smile too": again, "sub": again}, "the other ways to a folder"
    told = {found.path[-3:]: found.failure[1].text for found in walked(root) if found.failure}
    assert told == {
        "too": "this link leads to a folder that smile led to already",
        "sub": "this link leads to a folder that smile/sub led to already",
    }


def test_a_link_to_what_is_met_anyway_adds_nothing(root: Path) -> None:
    file(root / "real" / "a.jpg")
    for name, target in {"again.jpg": "real/a.jpg", "again": "real", "self": ".", "real/up": ".."}.items():
        link(root / name, target)
    assert taken(root) == ["real/a.jpg"]
    assert named(root) == {}


def test_photos_that_are_links_into_a_hidden_store_are_taken_by_their_own_names(root: Path) -> None:
    """As git-annex and DVC keep them."""
    file(root / ".git/annex/objects/SHA256--1.jpg")
    link(root / "smile/a.jpg", "../.git/annex/objects/SHA256--1.jpg")
    link(root / "pout/same.jpg", "../.git/annex/objects/SHA256--1.jpg")
    assert taken(root) == ["pout/same.jpg"]
    assert named(root) == {".git/annex/objects/SHA256--1.jpg": (Outcome.PASSED_OVER, "in_hidden_folder")}


def test_broken_links_and_links_to_each_other_are_named(root: Path) -> None:
    link(root / "gone.jpg", "/nowhere/a.jpg")
    link(root / "x", "y")
    link(root / "y", "x")
    assert named(root) == dict.fromkeys(("gone.jpg", "x", "y"), (Outcome.UNAVAILABLE, "link_broken"))
    (told,) = [found.failure[1].text for found in walked(root) if found.failure and "gone" in found.path]
    assert "/nowhere/a.jpg" in told


def test_links_out_to_devices_and_back_are_not_followed(root: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    file(tmp_path / "other.jpg")
    for name, target in {
        "zero": "/dev/zero", "fd": "/dev/fd", "proc": "/proc", "environ": "/proc/self/environ",
        "pipe": tmp_path / "pipe",
    }.items():  # fmt: skip
        link(root / name, target)
    link(root / "sub" / "back", tmp_path)
    link(root / "all", "/")
    assert taken(root) == []
    devices = dict.fromkeys(("zero", "fd", "proc", "environ", "pipe"), (Outcome.PASSED_OVER, "link_to_system"))
    assert named(root) == devices


def test_what_is_no_file_is_named_and_never_opened(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe would hold its reader for ever."""
    os.mkfifo(root / "pipe.jpg")
    file(root / "a.jpg")
    monkeypatch.chdir(root)  # an address of a socket is short
    with socket.socket(socket.AF_UNIX) as door:
        door.bind("door.jpg")
        assert taken(root) == ["a.jpg"]
        special = (Outcome.PASSED_OVER, "special_file")
        assert named(root) == {"pipe.jpg": special, "door.jpg": special}


def test_folders_as_deep_as_names_can_be(root: Path) -> None:
    """More than Python's stack, less than the longest path that Linux takes (4,096 bytes)."""
    deepest = root.joinpath(*"d" * 1200)
    at = os.open(root, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("d", dir_fd=at)
        inner = os.open("d", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = inner
    os.close(os.open("a.jpg", os.O_CREAT | os.O_WRONLY, dir_fd=at))
    os.close(at)
    try:
        assert taken(root) == [str((deepest / "a.jpg").relative_to(root))]
    finally:  # Python's own removal of folders has not stack enough
        (deepest / "a.jpg").unlink()
        for depth in range(1200, 0, -1):
            os.rmdir(os.path.join(root, *"d" * depth))


def test_folders_deeper_than_a_path_can_be_are_named(root: Path) -> None:
    at = os.open(root, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=at)
        inner = os.open("d" * 250, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = inner
    os.close(at)
    (told,) = named(root).values()
    assert told == (Outcome.UNAVAILABLE, "folder_unreadable")


def test_links_lead_out_only_to_where_they_may(root: Path, tmp_path: Path) -> None:
    for name in ("allowed/a.jpg", "allowed/sub/b.jpg", "allowed beside/c.jpg", "secret/d.jpg"):
        file(tmp_path / name)
    file(root / "own.jpg")
    for name, target in {
        "in": "allowed", "file.jpg": "allowed beside/c.jpg", "out": "secret", "out.jpg": "secret/d.jpg",
        "none": "secret/not there",
    }.items():  # fmt: skip
        link(root / name, tmp_path / target)
    link(tmp_path / "allowed" / "further", tmp_path / "secret")
    link(tmp_path / "allowed" / "back.jpg", root / "own.jpg")
    walk = FolderWalk(str(root.resolve()), str(root / "none"), (str((tmp_path / "allowed").resolve()),))
    found = {os.path.relpath(one.path, root): one.failure for one in walk.files()}
    assert {path for path, failure in found.items() if failure is None} == {"own.jpg", "in/a.jpg", "in/sub/b.jpg"}
    refused = {path: failure[1].code for path, failure in found.items() if failure is not None}
    assert refused == dict.fromkeys(("file.jpg", "out", "out.jpg", "none", "in/further"), "link_outside")
    assert not [failure for failure in found.values() if failure is not None and "secret" in str(failure[1])]


def test_a_loop_outside_ends(root: Path, tmp_path: Path) -> None:
    file(tmp_path / "one" / "a.jpg")
    link(tmp_path / "one" / "two", tmp_path / "two")
    file(tmp_path / "two" / "b.jpg")
    link(tmp_path / "two" / "one", tmp_path / "one")
    link(root / "in", tmp_path / "one")
    assert taken(root) == ["in/a.jpg", "in/two/b.jpg"]


def test_a_link_into_an_export_of_moue_is_passed_over(root: Path, tmp_path: Path) -> None:
    crop = file(tmp_path / "out" / "train" / "smile" / "0.png")
    (tmp_path / "out" / "manifest.csv").write_text(MANIFEST_HEADER)
    link(root / "crop.png", crop)
    link(root / "smile", crop.parent)
    link(root / "out", tmp_path / "out")
    assert taken(root) == []
    assert named(root).pop("smile")[1] == "link_again", "out is walked first"
    assert {code for path, (_, code) in named(root).items() if path != "smile"} == {"in_own_export"}


def test_hidden_links_are_left_with_what_is_hidden(root: Path, tmp_path: Path) -> None:
    file(tmp_path / "outside" / "a.jpg")
    link(root / ".hidden", tmp_path / "outside")
    link(root / ".cache" / "a.jpg", tmp_path / "outside" / "a.jpg")
    assert (taken(root), named(root)) == ([], {})


FOLDERS = ("r", "r/a", "r/a/b", "r/.h", "r/c", "o", "o/d", "o/d/e", "p")
FILES = ("r/1", "r/a/2", "r/a/b/3", "r/.h/4", "o/5", "o/d/6", "o/d/e/7", "p/8")
LINKS = st.lists(st.tuples(st.sampled_from(FOLDERS), st.sampled_from((*FOLDERS, *FILES))), max_size=7)


def reachable(base: Path, links: list[tuple[str, str]]) -> set[str]:
    """The same by another way: folders to be looked into, until none is left; hidden ones only as a link's target."""
    met: set[str] = set()
    todo, seen = ["r"], set()
    while todo:
        folder = todo.pop()
        if folder in seen:
            continue
        seen.add(folder)
        met |= {name for name in FILES if os.path.dirname(name) == folder}
        todo += [
            name for name in FOLDERS if os.path.dirname(name) == folder and not os.path.basename(name).startswith(".")
        ]
        for at, target in links:
            if at != folder:
                continue
            if target in FILES:
                met.add(target)
            elif not f"{folder}/".startswith(f"{target}/"):
                todo.append(target)
    return met


@settings(deadline=None)
@given(LINKS)
def test_each_file_that_can_be_reached_is_taken_once_whatever_leads_where(links: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder).resolve()
        for name in FOLDERS:
            (base / name).mkdir()
        for name in FILES:
            (base / name).write_bytes(b"x")
        for number, (at, target) in enumerate(links):
            (base / at / f"link{number}").symlink_to(base / target)
        found = [os.path.realpath(one.path) for one in walked(base / "r") if one.failure is None]
        assert len(found) == len(set(found))
        assert set(found) == {str(base / name) for name in reachable(base, links)}
