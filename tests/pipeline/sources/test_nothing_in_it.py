"""A source that holds nothing, or nothing that is looked at, is an outcome of its own, until it holds something."""

from __future__ import annotations

import uuid
import zipfile
from dataclasses import replace
from pathlib import Path

import fsspec
import pytest

from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageRef
from pipeline.sources.history import NoHistory
from pipeline.sources.plan import SourcePlan, plan_source
from pipeline.sources.walk import count_files, iter_source

JUNK = ("__MACOSX/._a.jpg", ".DS_Store", "album/Thumbs.db")


class Forgetting(NoHistory):
    """Remembers what is to be forgotten."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    def forget_failure(self, ref: ImageRef) -> None:
        self.forgotten.append(ref.location)


def zipped(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"" if name.endswith("/") else name.encode())
    return path


def laid(folder: Path, *names: str) -> Path:
    folder.mkdir()
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir() if name.endswith("/") else path.write_bytes(name.encode())
    return folder


def told(plan: SourcePlan) -> list[tuple[str, Outcome, str, str]]:
    """(location, outcome, code, words) of what says that the source holds nothing; counted as it is met."""
    refs = list(iter_source(plan))
    assert count_files(plan) == len(refs)
    failures = [(ref.location, *ref.failure) for ref in refs if ref.failure]
    return [
        (where, outcome, why.code, why.text)
        for where, outcome, why in failures
        if why.code.endswith(("_empty", "_passed_over"))
    ]


@pytest.mark.parametrize("names", [(), ("a/",), ("a/", "a/b/", "__MACOSX/")])
def test_a_zip_or_folder_of_no_files(tmp_path: Path, names: tuple[str, ...]) -> None:
    path, folder = zipped(tmp_path / "x.zip", *names), laid(tmp_path / "x", *names)
    assert told(plan_source(path, tmp_path / "spool", 1000)) == [
        (str(path), Outcome.UNAVAILABLE, "zip_empty", "the zip holds no files")
    ]
    assert told(plan_source(folder, tmp_path / "spool", 1000)) == [
        (str(folder), Outcome.UNAVAILABLE, "folder_empty", "the folder holds no files")
    ]


def test_a_zip_or_folder_of_what_is_passed_over(tmp_path: Path) -> None:
    path, folder = zipped(tmp_path / "x.zip", *JUNK, "b/"), laid(tmp_path / "x", *JUNK, "b/")
    ((where, outcome, code, words),) = told(plan_source(path, tmp_path / "spool", 1000))
    assert (where, outcome, code) == (str(path), Outcome.UNAVAILABLE, "zip_passed_over")
    assert "files: 3" in words
    ((where, outcome, code, words),) = told(plan_source(folder, tmp_path / "spool", 1000))
    assert (where, outcome, code) == (str(folder), Outcome.UNAVAILABLE, "folder_passed_over")
    assert "files: 3" in words


@pytest.mark.parametrize("name", ["a.jpg", "readme.txt"])
def test_one_other_file_is_enough(tmp_path: Path, name: str) -> None:
    """Whatever it is: it has an outcome of its own. What an earlier run said of the source is taken back."""
    for path in (zipped(tmp_path / "x.zip", *JUNK, name), laid(tmp_path / "x", *JUNK, name)):
        plan, history = plan_source(path, tmp_path / "spool", 1000), Forgetting()
        assert told(plan) == []
        assert len(list(iter_source(plan, history))) == 4
        assert history.forgotten == [str(path)]


def test_an_empty_folder_forgets_nothing(tmp_path: Path) -> None:
    history = Forgetting()
    assert len(list(iter_source(plan_source(laid(tmp_path / "x", *JUNK), tmp_path / "spool", 1000), history))) == 4
    assert history.forgotten == []


def test_each_zip_of_an_upload_by_its_name(tmp_path: Path) -> None:
    batch = laid(tmp_path / "batch", "a.jpg")
    zipped(batch / "none.zip")
    zipped(batch / "junk.zip", *JUNK)
    plan = replace(plan_source(batch, tmp_path / "spool", 1000), owned=True)
    assert [(where, code) for where, _, code, _ in told(plan)] == [
        ("junk.zip", "zip_passed_over"), ("none.zip", "zip_empty"),
    ]  # fmt: skip


def test_a_folder_that_holds_the_workspace_alone(tmp_path: Path) -> None:
    spool = tmp_path / "x" / "workspace" / ".incoming" / "spool"
    spool.mkdir(parents=True)
    ((where, _, code, _),) = told(plan_source(tmp_path / "x", spool, 1000))
    assert (where, code) == (str(tmp_path / "x"), "folder_empty")


def test_a_folder_behind_an_address(tmp_path: Path) -> None:
    url, files = f"memory://{uuid.uuid4().hex}", fsspec.filesystem("memory")
    files.pipe_file(f"{url}/Thumbs.db", b"12345")
    assert [(where, code) for where, _, code, _ in told(plan_source(url, tmp_path, 100))] == [
        (url, "folder_passed_over")
    ]
    files.rm(url, recursive=True)
