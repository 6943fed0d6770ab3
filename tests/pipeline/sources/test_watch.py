"""What a watched folder gives, by a clock of our own."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.errors import UsageError
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageRef
from pipeline.sources.plan import plan_source
from pipeline.sources.watch import Watcher, rounds, watch


class Folder:
    """A folder, a watcher of it, and the time of day."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.now = 100.0
        self.watcher = Watcher(plan_source(root, root.parent / "w" / "s", 10_000), 2.0, lambda: self.now)

    def write(self, name: str, data: bytes, mtime: int | None = None) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if mtime is not None:
            os.utime(path, ns=(mtime, mtime))

    def after(self, seconds: float) -> list[str]:
        self.now += seconds
        return [os.path.relpath(ref.location, self.root) for ref in self.watcher.round()]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "photos").mkdir()
    return Folder(tmp_path / "photos")


def test_a_file_is_given_once_it_has_settled_and_only_once(folder: Folder) -> None:
    folder.write("b.jpg", b"b")
    folder.write("sub/a.jpg", b"a")
    assert folder.after(0) == []
    assert folder.watcher.waiting == 2
    assert folder.after(1.9) == []
    assert folder.after(0.1) == ["b.jpg", "sub/a.jpg"]
    assert folder.after(50) == []
    assert (folder.watcher.waiting, folder.watcher.passed_on) == (0, 2)


def test_a_file_that_still_grows_is_waited_for(folder: Folder) -> None:
    folder.write("a.jpg", b"1", mtime=10**18)
    assert folder.after(0) == []
    folder.write("a.jpg", b"12", mtime=10**18)  # the same time: size tells
    assert folder.after(3) == []
    folder.write("a.jpg", b"21", mtime=10**18 + 1)  # the same size: time tells
    assert folder.after(3) == []
    assert folder.after(1) == []
    assert folder.after(1) == ["a.jpg"]


def test_a_file_that_changes_is_given_again(folder: Folder) -> None:
    folder.write("a.jpg", b"1", mtime=1)
    folder.after(0)
    assert folder.after(3) == ["a.jpg"]
    folder.write("a.jpg", b"2", mtime=2)
    assert folder.after(0) == []
    assert folder.after(3) == ["a.jpg"]
    (folder.root / "a.jpg").unlink()
    assert folder.after(3) == []


def test_what_a_downloader_is_still_writing_is_no_photo(folder: Folder) -> None:
    folder.write("a.jpg.part", b"1")
    folder.write("b.CRDOWNLOAD", b"1")
    folder.after(0)
    assert folder.after(9) == []
    (folder.root / "a.jpg.part").rename(folder.root / "a.jpg")
    folder.after(0)
    assert folder.after(9) == ["a.jpg"]


def test_classes_are_proposed_as_in_any_folder(folder: Folder) -> None:
    folder.watcher = Watcher(replace(folder.watcher.plan, class_names=frozenset({"smile"})), 2.0, lambda: folder.now)
    folder.write("smile/a.jpg", b"1")
    folder.after(0)
    folder.now += 3
    assert [ref.proposal for ref in folder.watcher.round()] == ["smile"]


def test_a_zip_is_told_once(folder: Folder) -> None:
    folder.write("a.zip", b"PK")
    folder.after(0)
    folder.now += 3
    (ref,) = folder.watcher.round()
    assert ref.failure is not None
    assert ref.failure[0] is Outcome.UNSUPPORTED
    assert folder.after(3) == []


def test_only_a_folder_of_this_machine_is_watched(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"a")
    plan = plan_source(tmp_path / "a.jpg", tmp_path / "s", 10)
    with pytest.raises(UsageError, match=r"a\.jpg cannot be watched"):
        next(watch(plan))


def test_rounds_come_until_they_are_stopped(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    plan = plan_source(tmp_path / "photos", tmp_path / "w" / "s", 10)
    seen: list[ImageRef] = []
    for number, refs in enumerate(watch(plan, 0.01, lambda: len(seen) == 2, settled=0.05)):
        seen.extend(refs)
        if number in (2, 5):
            (tmp_path / "photos" / f"{number}.jpg").write_bytes(b"x")
    assert [Path(r.path).name for r in seen] == ["2.jpg", "5.jpg"]


def test_what_stop_raises_ends_the_rounds_while_they_wait(folder: Folder) -> None:
    asked = []

    def stop() -> bool:
        asked.append(1)
        if len(asked) > 2:
            raise KeyboardInterrupt
        return False

    made = rounds(folder.watcher, 3600, stop)
    assert list(next(made)) == []
    with pytest.raises(KeyboardInterrupt):
        next(made)
    assert len(asked) == 3


def test_links_and_what_is_passed_over_are_met_once_as_in_any_folder(folder: Folder, tmp_path: Path) -> None:
    folder.write("a.jpg", b"a")
    folder.write(".cache/b.jpg", b"b")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "c.jpg").write_bytes(b"c")
    (folder.root / "in").symlink_to(tmp_path / "outside")
    (folder.root / "again").symlink_to(folder.root)
    (folder.root / "gone").symlink_to(tmp_path / "nowhere")
    assert folder.after(0) == []
    refs = []
    folder.now += 2.0
    refs = list(folder.watcher.round())
    assert {os.path.relpath(ref.location, folder.root): ref.failure and ref.failure[0] for ref in refs} == {
        ".cache/b.jpg": Outcome.PASSED_OVER, "a.jpg": None, "gone": Outcome.UNAVAILABLE, "in/c.jpg": None,
    }  # fmt: skip
    assert folder.after(2.0) == []
