"""What a Dask worker compares before it works: no cluster is needed for it."""

from __future__ import annotations

import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import models
import pipeline
from pipeline.core.errors import UnavailableError, WorkerError
from pipeline.core.messages import verbatim
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageOutcome, ImageRef, Settings
from pipeline.core.version import VERSION
from pipeline.pixels.decode import read_capped
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


@pytest.fixture
def checked_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that is ready; it neither ends this process nor caps its memory."""
    monkeypatch.setattr(dask_worker, "check_in", lambda build: "host7")
    monkeypatch.setattr(dask_worker, "_ending", threading.Event())
    monkeypatch.setattr(dask_worker, "_PHOTO_THREAD", ThreadPoolExecutor(1))


def read(ref: ImageRef, settings: Settings) -> ImageOutcome:
    """What stands at the place that the task is given, and where that is."""
    return ImageOutcome(ref, Outcome.NO_FACE, verbatim(f"{read_capped(ref.path, 99).decode()} at {ref.path}"))


@pytest.mark.usefixtures("checked_in")
def test_photos_that_were_sent_are_read_from_where_they_were_put(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("there")
    shared, sent = ImageRef(str(tmp_path / "a"), "a", 1), ImageRef("/coordinator/b", "b", 1, spooled=True)
    answer = work_parcel(Parcel((shared, sent), (None, b"sent"), Settings(), 60.0, ()), read)
    assert (answer.host, answer.late) == ("host7", False)
    assert [outcome.ref for outcome in answer.outcomes] == [shared, sent]  # as the coordinator knows them
    texts = [outcome.reason.text for outcome in answer.outcomes]
    assert texts[0] == f"there at {shared.path}"
    assert texts[1].startswith("sent at ")
    with pytest.raises(UnavailableError):
        read_capped(texts[1].removeprefix("sent at "), 99)


@pytest.mark.usefixtures("checked_in")
def test_a_photo_that_hangs_ends_the_worker_behind_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()
    begun: list[str] = []
    timers: list[tuple[float, object, tuple[int, ...]]] = []

    class Timer:
        def __init__(self, seconds: float, task: object, args: tuple[int, ...]) -> None:
            timers.append((seconds, task, args))

        def start(self) -> None:
            timers.append((0, "started", ()))

    def task(ref: ImageRef, settings: Settings) -> ImageOutcome:
        begun.append(ref.path)
        if ref.path == "hangs":
            let_go.wait(60)
        return ImageOutcome(ref, Outcome.NO_FACE, verbatim(""))

    monkeypatch.setattr(dask_worker.threading, "Timer", Timer)
    refs = tuple(ImageRef(name, name, 1) for name in ("good", "hangs", "behind"))
    try:
        answer = work_parcel(Parcel(refs, (None, None, None), Settings(), 1.0, ()), task)
    finally:
        let_go.set()
    assert ([outcome.ref.path for outcome in answer.outcomes], answer.late) == (["good"], True)
    assert begun == ["good", "hangs"]
    assert timers == [(dask_worker.LINGER_SECONDS, os._exit, (1,)), (0, "started", ())]
    assert dask_worker._ending.is_set()
