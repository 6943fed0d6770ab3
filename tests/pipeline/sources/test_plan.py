from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.outcome import Outcome
from pipeline.sources.plan import SourcePlan, plan_source
from pipeline.sources.walk import count_files, iter_source


def planned(path: Path, spool: Path) -> SourcePlan:
    return plan_source(path, spool, 10_000)


def test_a_file_that_may_not_be_opened_is_no_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jpg").write_bytes(b"PK\x03\x04")

    def refuse(*_: object, **__: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pipeline.sources.plan.open_regular", refuse)
    assert planned(tmp_path / "a.jpg", tmp_path / "spool").kind == "file"


def test_a_zip_by_its_name_or_its_first_bytes(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "archive.cbz", "w") as archive:
        archive.writestr("a.jpg", b"a")
    (tmp_path / "broken.zip").write_bytes(b"not a zip")
    spool = tmp_path / "spool"
    plan = planned(tmp_path / "archive.cbz", spool)
    assert (plan.kind, count_files(plan)) == ("zip", 1)
    (ref,) = iter_source(plan)
    assert ref.location == f"{tmp_path / 'archive.cbz'}!a.jpg"
    plan = planned(tmp_path / "broken.zip", spool)
    (ref,) = iter_source(plan)
    assert (plan.kind, count_files(plan)) == ("zip", 1)
    assert ref.failure is not None
    assert ref.failure[0] is Outcome.UNDECODABLE


def test_files_of_one_folder_are_one_source(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"a")
    (tmp_path / "b.jpg").write_bytes(b"b")
    plans = [planned(tmp_path / name, tmp_path / "spool") for name in ("a.jpg", "b.jpg")]
    assert {plan.source_location for plan in plans} == {str(tmp_path)}
    assert planned(tmp_path, tmp_path / "spool").source_location == str(tmp_path)


def test_a_plan_knows_its_workspace_by_the_spool(tmp_path: Path) -> None:
    plan = planned(tmp_path, tmp_path / "w" / ".incoming" / "members")
    assert (plan.workspace, plan.folder) == (tmp_path / "w", tmp_path)


def test_a_photo_that_is_called_a_zip_is_a_photo(tmp_path: Path) -> None:
    """By itself, in a folder, and dropped on a page; a damaged zip stays one."""
    (tmp_path / "a.zip").write_bytes(b"\xff\xd8\xff\xe0" + bytes(60))
    (tmp_path / "b.zip").write_bytes(bytes(64))
    (tmp_path / "c.zip").write_bytes(b"PK\3\4" + bytes(60))
    spool = tmp_path / "w" / "spool"
    assert [plan_source(tmp_path / f"{name}.zip", spool, 1).kind for name in "abc"] == ["file", "zip", "zip"]
    plan = plan_source(tmp_path, spool, 1 << 20)
    assert [ref.failure and ref.failure[1].code for ref in iter_source(plan)] == [
        None,
        "zip_in_folder",
        "zip_in_folder",
    ]
    assert count_files(plan) == 3
    dropped = replace(plan, owned=True)
    told = {ref.location: ref.failure and ref.failure[1].code for ref in iter_source(dropped)}
    assert (told["a.zip"], told["b.zip"]) == (None, "zip_list_damaged")
    assert count_files(dropped) == len(told) == 3


def test_what_is_called_a_zip_in_a_folder_is_named_by_what_it_is(tmp_path: Path) -> None:
    """To give a RAR by itself, as is told of a zip, would bring no photo either."""
    (tmp_path / "a.zip").write_bytes(b"Rar!\x1a\x07\x01\0" + bytes(60))
    (tmp_path / "b.zip").write_bytes(b"<!DOCTYPE html><html>sign in")
    (tmp_path / "c.zip").write_bytes(b"")
    (tmp_path / "d.zip").write_bytes(b"PK\3\4" + bytes(60))
    plan = plan_source(tmp_path, tmp_path / "w" / "spool", 1 << 20)
    told = [str(ref.failure[1]) for ref in iter_source(plan) if ref.failure is not None]
    assert told == [
        "this is a RAR archive, not a photo that Moue reads",
        "this is a web page, not a photo that Moue reads",
        "the file is empty",
        "a zip inside a folder is not opened: give it to Moue by itself",
    ]
