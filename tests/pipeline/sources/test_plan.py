from __future__ import annotations

import zipfile
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

    monkeypatch.setattr(Path, "open", refuse)
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
