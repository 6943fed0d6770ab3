"""What a Dask worker compares before it works: no cluster is needed for it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import models
import pipeline
from pipeline.core.errors import WorkerError
from pipeline.core.records import Settings
from pipeline.core.version import VERSION
from pipeline.run import dask_worker
from pipeline.run.dask_worker import Answer, Parcel, check_in, source_hash, this_build, work_parcel
from pipeline.run.process_image import process_image

PACKAGES = {"pipeline": Path(pipeline.__path__[0]), "models": Path(models.__path__[0])}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the source, as another machine has it."""
    for name, folder in PACKAGES.items():
        shutil.copytree(folder, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def source_files() -> list[str]:
    """One file of each room, however deep, `engines` among them."""
    root = PACKAGES["pipeline"].parent
    first = {path.parent: path for folder in PACKAGES.values() for path in sorted(folder.rglob("*.py"), reverse=True)}
    return sorted(path.relative_to(root).as_posix() for path in first.values())


def test_every_room_is_among_the_files() -> None:
    folders = {name.rpartition("/")[0] for name in source_files()}
    assert folders >= {"pipeline", "pipeline/core", "pipeline/faces", "pipeline/crawl/engines", "models"}


def test_the_same_source_is_the_same_build_wherever_it_lies(copy: Path) -> None:
    assert source_hash(copy) == source_hash(PACKAGES["pipeline"].parent) == dict(this_build())["Moue's source"]
    (copy / "pipeline" / "faces" / "notes.txt").write_text("not source")
    assert source_hash(copy) == dict(this_build())["Moue's source"]


@pytest.mark.parametrize("name", source_files())
def test_a_change_in_any_room_is_another_build(copy: Path, name: str) -> None:
    with (copy / name).open("a") as stream:
        stream.write("# changed\n")
    assert source_hash(copy) != dict(this_build())["Moue's source"]


@pytest.mark.parametrize("name", ["pipeline/faces/x.py", "pipeline/crawl/engines/x.py", "models/x.py"])
def test_a_new_or_renamed_file_is_another_build(copy: Path, name: str) -> None:
    before = source_hash(copy)
    (copy / name).write_text("x = 1\n")
    added = source_hash(copy)
    (copy / name).rename((copy / name).with_name("y.py"))
    assert len({before, added, source_hash(copy)}) == 3


def test_a_folder_without_source_is_no_build(tmp_path: Path) -> None:
    with pytest.raises(WorkerError, match="holds no source"):
        source_hash(tmp_path)


@pytest.mark.parametrize("changed", range(4))
def test_a_worker_of_another_build_refuses_and_says_what_differs(changed: int) -> None:
    build = tuple((what, "other" if n == changed else found) for n, (what, found) in enumerate(this_build()))
    what = this_build()[changed][0]
    with pytest.raises(WorkerError, match=f"has {what} .*, this machine has other: bring every machine"):
        work_parcel(Parcel((), (), Settings(), 1.0, build), process_image)


def test_a_worker_of_the_same_build_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_worker, "limit_resources", lambda: None)  # it would cap this process, not a worker
    check_in.cache_clear()
    answer = work_parcel(Parcel((), (), Settings(), 1.0, this_build()), process_image)
    check_in.cache_clear()
    assert isinstance(answer, Answer)
    assert (answer.outcomes, answer.late) == ((), False)
    assert this_build()[0] == ("Moue", VERSION)
