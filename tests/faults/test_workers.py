"""Workers that die or hang cost their own photo alone."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.core.errors import UsageError, WorkerError
from pipeline.core.messages import verbatim
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageOutcome, ImageRef, Settings
from pipeline.run.dispatch import Task, Work
from pipeline.run.executors import ProcessExecutor, SerialExecutor, _Processes, open_executor
from pipeline.run.process_image import process_image
from tests.faults.tasks import faulty, mapped
from tests.pipeline.photos import astronaut, coffee, hopper


def refs(folder: Path, *names: str) -> Iterator[ImageRef]:
    return iter([ImageRef(str(folder / name), name, 1) for name in names])


def outcomes(found: Iterator[ImageRef], task: Task, seconds: float = 60) -> dict[str, ImageOutcome]:
    with closing(ProcessExecutor(2, seconds, task)) as executor:
        done = list(executor.outcomes(found, Settings()))
    assert max(Counter(o.ref.location for o in done).values(), default=1) == 1
    return {o.ref.location: o for o in done}


GOOD = [f"good{n}" for n in range(20)]


def test_a_photo_that_kills_its_process_twice_is_quarantined(tmp_path: Path) -> None:
    found = outcomes(refs(tmp_path, *GOOD[:7], "poison", *GOOD[7:], "once", "exit"), faulty)
    assert found.keys() == {*GOOD, "poison", "once", "exit"}
    assert {name for name, o in found.items() if o.outcome is not Outcome.NO_FACE} == {"poison", "exit"}
    assert found["poison"].outcome is Outcome.QUARANTINED
    assert "died twice" in found["poison"].reason.text
    tries = {name: (tmp_path / f"{name}.tries").stat().st_size for name in found}
    assert (tries["poison"], tries["once"], tries["exit"]) == (2, 2, 2)
    assert all(tries[name] == 1 for name in GOOD)  # nobody else had to be done again


@pytest.mark.long
def test_a_photo_that_hangs_is_quarantined(tmp_path: Path) -> None:
    found = outcomes(refs(tmp_path, "good1", "hang", "good2", "good3"), faulty, seconds=3)
    assert found["hang"].outcome is Outcome.QUARANTINED
    assert "longer than 3 s" in found["hang"].reason.text
    assert [found[f"good{n}"].outcome for n in (1, 2, 3)] == [Outcome.NO_FACE] * 3


def test_a_worker_that_somebody_kills_costs_nothing(tmp_path: Path) -> None:
    note = tmp_path / "wait.pid"

    def kill() -> None:
        while not note.exists() or not note.read_text():
            time.sleep(0.02)
        os.kill(int(note.read_text()), signal.SIGKILL)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    found = outcomes(refs(tmp_path, *GOOD, "wait"), faulty)
    killer.join(30)
    assert {o.outcome for o in found.values()} == {Outcome.NO_FACE}
    assert len(found) == 21
    assert found["wait"].reason.text != f"process {note.read_text()}"


@pytest.mark.skipif(sys.platform != "linux", reason="the memory cap is Linux's")
def test_a_worker_has_a_memory_cap(tmp_path: Path) -> None:
    (found,) = outcomes(refs(tmp_path, "big"), mapped).values()
    assert found.reason.text == "refused"


def test_failures_met_earlier_need_no_worker(tmp_path: Path) -> None:
    failed = ImageRef("/x", "failed", 1, failure=(Outcome.UNSUPPORTED, verbatim("a zip")))
    found = outcomes(iter([failed, *refs(tmp_path, "good"), failed.__class__("/y", "y", 1)]), faulty)
    assert (found["failed"].outcome, found["failed"].reason.text) == (Outcome.UNSUPPORTED, "a zip")


def test_processes_and_this_process_make_the_same_of_real_photos() -> None:
    paths = [astronaut(), hopper(), coffee(), Path("/nowhere/x.jpg")]

    def real() -> Iterator[ImageRef]:
        return iter([ImageRef(str(p), str(p), 1) for p in paths])

    with closing(open_executor("processes:2")) as executor:
        there = {o.ref.location: o for o in executor.outcomes(real(), Settings())}
    here = {o.ref.location: o for o in SerialExecutor().outcomes(real(), Settings())}
    assert there.keys() == here.keys() == {str(p) for p in paths}
    for name, one in here.items():
        other = there[name]
        assert (one.outcome, one.sha256, one.crops, one.unified) == (
            other.outcome, other.sha256, other.crops, other.unified)  # fmt: skip
        assert [f.landmarks.tobytes() for f in one.faces] == [f.landmarks.tobytes() for f in other.faces]


def test_few_are_in_flight(tmp_path: Path) -> None:
    taken = 0

    def count() -> Iterator[ImageRef]:
        nonlocal taken
        for ref in refs(tmp_path, *(f"good{n}" for n in range(100))):
            taken += 1
            yield ref

    with closing(ProcessExecutor(1, 60, faulty)) as executor:
        walk = executor.outcomes(count(), Settings())
        next(walk)
        assert taken <= 8
        assert len(list(walk)) == 99


@pytest.mark.parametrize("name", ["", "threads", "processes:0", "processes:", "processes:-1", "processes:1000"])
def test_names_of_executors_that_are_none(name: str) -> None:
    with pytest.raises(UsageError, match="use serial, processes:N or dask"):
        open_executor(name)


def test_serial_is_process_image() -> None:
    assert isinstance(open_executor("serial"), SerialExecutor)
    ref = ImageRef(str(hopper()), "h", 1)
    (one,) = SerialExecutor().outcomes(iter([ref]), Settings())
    assert one.crops == process_image(ref, Settings()).crops


def test_workers_that_cannot_start_at_all_are_told_in_words() -> None:
    workers = _Processes(None, 1, 1.0, faulty, Settings())
    broken: Future[ImageOutcome] = Future()
    broken.set_exception(BrokenProcessPool("All workers expired"))
    with pytest.raises(WorkerError, match="--executor serial"):
        workers.handle_result(broken, Work((ImageRef("a", "a", 1),)))
