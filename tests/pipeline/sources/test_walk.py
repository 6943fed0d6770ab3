from __future__ import annotations

import hashlib
import os
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from pipeline.core.errors import UsageError
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageRef
from pipeline.frames.options import VideoOptions
from pipeline.sources import folders, walk
from pipeline.sources.plan import SourcePlan, plan_source
from pipeline.sources.walk import count_files, iter_source
from tests.pipeline.clips import numbered, write_clip
from tests.pipeline.photos import encoded, head_jpeg


def planned(path: Path, spool: Path) -> SourcePlan:
    return plan_source(path, spool, 10_000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """a.jpg, sub/b.txt, sub/deeper/c, an inner zip, an empty folder, symlinks to a file, a folder and nothing."""
    root = tmp_path / "photos"
    (root / "sub" / "deeper").mkdir(parents=True)
    (root / "empty").mkdir()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.jpg").write_bytes(b"s")
    for name in ("a.jpg", "sub/b.txt", "sub/deeper/c"):
        (root / name).write_bytes(name.encode())
    with zipfile.ZipFile(root / "inner.ZIP", "w") as archive:
        archive.writestr("x.jpg", b"x")
    (root / "link.jpg").symlink_to(outside / "secret.jpg")
    (root / "linked").symlink_to(outside)
    (root / "dangling").symlink_to(tmp_path / "nowhere")
    (root / "loop").symlink_to(root)
    return root


def names(plan: SourcePlan) -> list[str]:
    return [os.path.relpath(ref.location, plan.root) for ref in iter_source(plan)]


def test_a_folder_gives_its_regular_files(folder: Path, tmp_path: Path) -> None:
    plan = planned(folder, tmp_path / "spool")
    refs = list(iter_source(plan))
    assert names(plan) == ["a.jpg", "dangling", "inner.ZIP", "link.jpg", "sub/b.txt", "sub/deeper/c"]
    assert count_files(plan) == 6
    assert plan.kind == "folder"
    outcomes = [r.failure and r.failure[0] for r in refs]
    assert outcomes == [None, Outcome.UNAVAILABLE, Outcome.UNSUPPORTED, None, None, None]
    assert (refs[0].size, refs[0].mtime_ns) == (5, (folder / "a.jpg").stat().st_mtime_ns)
    assert refs[0].location == refs[0].path == str(folder / "a.jpg")
    assert not any(r.spooled for r in refs)


def test_a_symlink_as_path_is_followed(folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "link to photos"
    link.symlink_to(folder)
    assert planned(link, tmp_path / "spool").root == folder
    assert len(list(iter_source(planned(link, tmp_path / "spool")))) == 6
    one = tmp_path / "one"
    one.symlink_to(folder / "a.jpg")
    (ref,) = iter_source(planned(one, tmp_path / "spool"))
    assert ref.location == str(folder / "a.jpg")


def test_what_is_neither_file_nor_folder_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a").write_bytes(b"a")
    plan = planned(tmp_path, tmp_path / "spool")
    assert names(plan) == ["a", "pipe"]
    assert [ref.failure and ref.failure[1].code for ref in iter_source(plan)] == [None, "special_file"]
    assert count_files(plan) == 2
    with pytest.raises(UsageError, match="neither a file nor a folder"):
        planned(tmp_path / "pipe", tmp_path / "spool")
    with pytest.raises(UsageError, match="nothing was ingested"):
        planned(tmp_path / "missing", tmp_path / "spool")


def test_a_folder_that_cannot_be_read_is_said(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "sub":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(folders.os, "scandir", refuse)
    refs = list(iter_source(planned(folder, tmp_path / "spool")))
    assert [r.failure[0] for r in refs if r.failure][1:] == [Outcome.UNSUPPORTED, Outcome.UNAVAILABLE]
    assert refs[-1].location == str(folder / "sub")


def test_a_file_that_vanishes_while_walking(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(b"x")
    refs = iter_source(planned(tmp_path, tmp_path / "spool"))
    next(refs)
    (tmp_path / "b").unlink()
    (gone,) = refs
    assert gone.failure is not None
    assert gone.failure[0] is Outcome.UNAVAILABLE


def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9.jpg"
    try:
        with open(raw, "wb") as stream:
            stream.write(b"x")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    (ref,) = iter_source(planned(tmp_path, tmp_path / "spool"))
    assert ref.location == f"{tmp_path}/caf\\xe9.jpg"
    assert Path(ref.path).read_bytes() == b"x"


def proposals(plan: SourcePlan) -> dict[str, str | None]:
    def name(ref: ImageRef) -> str:
        return ref.location.rpartition("!")[2].removeprefix(str(plan.root) + "/")

    return {name(ref): ref.proposal for ref in iter_source(plan)}


EXPECTED = {
    "smile/a.jpg": "smile",
    "smile/pout/b.jpg": "pout",  # the nearest
    "smile/other/c.jpg": "smile",
    "other/d.jpg": None,
    "smile.jpg": None,
}


def test_folders_called_like_classes_propose_them(tmp_path: Path) -> None:
    root = tmp_path / "none"  # the source's own name proposes nothing
    archive = zipfile.ZipFile(tmp_path / "x.zip", "w")
    for name in EXPECTED:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())
        archive.writestr(name, name)
    archive.close()
    for path in (root, tmp_path / "x.zip"):
        plan = planned(path, tmp_path / "spool")
        named = replace(plan, class_names=frozenset({"smile", "pout", "none"}))
        assert proposals(named) == EXPECTED
        assert set(proposals(plan).values()) == {None}
        assert set(proposals(replace(plan, class_name="pout")).values()) == {"pout"}


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        ("smile/../i.jpg", None), ("smile/./..//i.jpg", None), ("smile\\..\\i.jpg", None), ("smile/..\\i.jpg", None),
        (".\\smile\\.\\..\\\\i.jpg", None), ("smile/../pout/i.jpg", "pout"), ("x/../smile/i.jpg", "smile"),
        ("smile/x/../i.jpg", "smile"), ("smile/x/../../i.jpg", None), ("../smile/i.jpg", "smile"),
        ("..\\smile\\..\\i.jpg", None), ("/smile/i.jpg", "smile"), ("smile//i.jpg", "smile"), ("smile/i..jpg", "smile"),
        ("smile/.../i.jpg", "smile"),
    ],
)  # fmt: skip
def test_a_folder_that_the_path_leaves_proposes_nothing(tmp_path: Path, name: str, proposed: str | None) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        member = zipfile.ZipInfo("x")
        member.filename = name
        archive.writestr(member, b"x")
    plan = replace(planned(path, tmp_path / "spool"), class_names=frozenset({"smile", "pout"}))
    (ref,) = iter_source(plan)
    assert (ref.proposal, ref.failure) == (proposed, None)


@pytest.mark.parametrize("name", ["__MACOSX/../i.jpg", ".Trash/./../i.jpg", ".git\\..\\i.jpg", "a/../i.jpg"])
def test_a_folder_that_the_path_leaves_is_not_passed_over(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for number, one in enumerate((name, f"a/../{name.replace('..', 'b')}")):
            member = zipfile.ZipInfo(str(number))
            member.filename = one
            archive.writestr(member, b"x")
    first, second = iter_source(planned(tmp_path / "x.zip", tmp_path / "spool"))
    assert first.failure is None
    assert (second.failure is not None) == (name != "a/../i.jpg")


def test_an_upload_opens_its_zips_and_owns_its_files(tmp_path: Path) -> None:
    batch = tmp_path / "batch"
    batch.mkdir()
    (batch / "a.jpg").write_bytes(b"a")
    with zipfile.ZipFile(batch / "b.zip", "w") as archive:
        archive.writestr("in/c.jpg", b"c")
    plan = replace(planned(batch, tmp_path / "spool"), owned=True)
    refs = list(iter_source(plan))
    assert [r.location for r in refs] == ["a.jpg", "b.zip!in/c.jpg"]
    assert all(r.spooled and r.failure is None for r in refs)
    assert [Path(r.path).read_bytes() for r in refs] == [b"a", b"c"]


def test_zips_of_one_name_in_one_upload_are_each_of_their_folder(tmp_path: Path) -> None:
    """Rows are told apart by their location: of two alike the second took the first one's place."""
    batch = tmp_path / "batch"
    for folder in ("", "one", "two", "two/deep"):
        (batch / folder).mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(batch / folder / "set.zip", "w") as archive:
            archive.writestr("smile/a.jpg", folder)
    (batch / "one" / "torn.zip").write_bytes(b"PK")
    (batch / "two" / "torn.zip").write_bytes(b"PK")
    plan = replace(planned(batch, tmp_path / "spool"), owned=True, class_names=frozenset({"smile"}))
    refs = list(iter_source(plan))
    locations = [ref.location for ref in refs]
    assert len(locations) == len(set(locations)) == count_files(plan)
    assert {"set.zip!smile/a.jpg", "one/set.zip!smile/a.jpg", "two/deep/set.zip!smile/a.jpg"} <= set(locations)
    assert [ref.location for ref in refs if ref.failure] == ["one/torn.zip", "two/torn.zip"]
    assert {ref.proposal for ref in refs if not ref.failure} == {"smile"}


@pytest.mark.parametrize("owned", [False, True])
@pytest.mark.parametrize("folder", ["plain", "wow!", "!", "a!b/smile!", "smile!/x", "x.zip!"])
def test_an_exclamation_mark_is_a_letter(tmp_path: Path, folder: str, owned: bool) -> None:
    """In the path of a folder, of a zip, and in the names inside a zip: folders propose what they propose without."""
    entries = {"smile/a.jpg": "smile", "p!/smile/b.jpg": "smile", "smile!/c.jpg": None, "d!.jpg": None,
               "smile/wow!/e.jpg": "smile", "!smile/f.jpg": None}  # fmt: skip
    root = tmp_path / folder / "in"
    root.mkdir(parents=True)
    for place in [root / "set!.zip"] if owned else [tmp_path / folder / "set!.zip"]:
        with zipfile.ZipFile(place, "w") as archive:
            for name in entries:
                archive.writestr(name, name)
    if owned:
        plan = replace(planned(root, tmp_path / "spool"), owned=True, class_names=frozenset({"smile"}))
        assert {ref.member: ref.proposal for ref in iter_source(plan)} == entries
        return
    for name in entries:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())
    plan = replace(planned(tmp_path / folder / "set!.zip", tmp_path / "spool"), class_names=frozenset({"smile"}))
    assert {ref.member: ref.proposal for ref in iter_source(plan)} == entries
    plan = replace(planned(root, tmp_path / "spool"), class_names=frozenset({"smile"}))
    assert {os.path.relpath(ref.path, root): ref.proposal for ref in iter_source(plan)} == entries


def test_a_workspace_inside_the_folder_is_no_source(folder: Path) -> None:
    """`ingest .` with the default ./workspace must not ingest its own crops."""
    spool = folder / "workspace" / ".incoming" / "members"
    for name in ("moue.db", "crops/ab/x.png", ".incoming/members/m.jpg"):
        (folder / "workspace" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "workspace" / name).write_bytes(b"x")
    plan = planned(folder, spool)
    assert names(plan) == ["a.jpg", "dangling", "inner.ZIP", "link.jpg", "sub/b.txt", "sub/deeper/c"]
    assert count_files(plan) == 6


def test_a_file_costs_one_stat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`count_files` lists and `iter_source` asks once for each file; neither opens any."""
    (tmp_path / "in").mkdir()
    for name in "abc":
        (tmp_path / "in" / name).write_bytes(b"x")
    plan = planned(tmp_path / "in", tmp_path / "spool")
    asked: list[str] = []
    real = os.stat
    monkeypatch.setattr(walk.os, "stat", lambda path, **more: (asked.append(str(path)), real(path, **more))[1])
    monkeypatch.setattr("builtins.open", None)
    assert count_files(plan) == 3
    assert asked == []
    assert len(list(iter_source(plan))) == 3
    assert asked == [str(tmp_path / "in" / name) for name in "abc"]


def test_a_zip_of_an_upload_is_counted_without_being_unpacked(tmp_path: Path) -> None:
    batch = tmp_path / "batch"
    batch.mkdir()
    with zipfile.ZipFile(batch / "a.zip", "w") as archive:
        for name in "abc":
            archive.writestr(name, name)
    (batch / "b.zip").write_bytes(b"broken")
    plan = replace(planned(batch, tmp_path / "spool"), owned=True)
    assert count_files(plan) == 4
    assert not (tmp_path / "spool").exists()
    assert len(list(iter_source(plan))) == 4


def test_pictures_of_animations_and_videos_where_the_plan_asks(tmp_path: Path) -> None:
    root = tmp_path / "smile"
    root.mkdir()
    gif = encoded(Image.new("L", (9, 9), 0), "GIF", save_all=True, append_images=[Image.new("L", (9, 9), 255)])
    (root / "a.gif").write_bytes(gif)
    (root / "b.jpg").write_bytes(head_jpeg())
    write_clip(root / "c.mp4", [numbered(i) for i in range(4)], [0, 500, 1000, 1500])
    with zipfile.ZipFile(root / "d.zip", "w") as archive:
        archive.write(root / "a.gif", "pout/a.gif")
    plain = planned(root, tmp_path / "spool")
    assert names(plain) == ["a.gif", "b.jpg", "c.mp4", "d.zip"]
    asked = replace(plain, max_bytes=10**7, frames="all", video=VideoOptions(every=1.0), class_name="smile")
    assert names(asked) == ["a.gif#1", "a.gif#2", "b.jpg", "c.mp4@0.000s", "c.mp4@1.000s", "d.zip"]
    groups = {ref.location[len(str(root)) + 1 :]: ref.group for ref in iter_source(asked)}
    assert groups["a.gif#1"] == groups["a.gif#2"] == hashlib.sha256(gif).hexdigest()
    assert groups["b.jpg"] == ""
    assert len(set(groups.values())) == 3
    zipped = replace(planned(root / "d.zip", tmp_path / "spool"), frames="all", class_names=frozenset({"pout"}))
    assert [(r.location.rpartition("/")[2], r.proposal, r.group) for r in iter_source(zipped)] == [
        ("a.gif#1", "pout", hashlib.sha256(gif).hexdigest()),
        ("a.gif#2", "pout", hashlib.sha256(gif).hexdigest()),
    ]
