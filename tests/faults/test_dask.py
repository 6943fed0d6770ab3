"""Photos, workers, schedulers and coordinators that die under `dask:tcp://…`: each photo has its outcome once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("distributed", reason="the optional extra: pip install -r requirements-dask.txt")

from distributed import Client

from pipeline.core.errors import UsageError
from pipeline.core.messages import verbatim
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageOutcome, ImageRef, Settings
from pipeline.run import dask_worker
from pipeline.run.dask_executor import DaskExecutor, _Cluster
from pipeline.run.dask_worker import Answer
from pipeline.run.dispatch import Work, dispatch
from pipeline.run.executors import SerialExecutor, open_executor
from pipeline.run.process_image import process_image
from tests.faults.cluster import PATIENCE_S, Cluster, cluster, free_port, wait_for
from tests.faults.running import past_first_batch
from tests.faults.tasks import faulty, mapped, tasks_held
from tests.pipeline.commands import ROOT, command, environment, inside, nonzero, rows
from tests.pipeline.photos import astronaut, coffee, hopper, write_heads

PHOTOS = 160
GOOD = [f"good{n}" for n in range(20)]


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster"), 2) as made:
        yield made


def refs(folder: Path, *names: str) -> Iterator[ImageRef]:
    return iter([ImageRef(str(folder / name), name, 1) for name in names])


def outcomes(address: str, found: Iterator[ImageRef], task: Any, seconds: float = 60) -> dict[str, ImageOutcome]:
    with closing(DaskExecutor(address, seconds, task)) as executor:
        done = list(executor.outcomes(found, Settings()))
    assert max(Counter(o.ref.location for o in done).values(), default=1) == 1
    return {o.ref.location: o for o in done}


@pytest.mark.long
def test_dask_and_this_process_make_the_same_of_real_photos(dask: Cluster) -> None:
    paths = [astronaut(), hopper(), coffee(), Path("/nowhere/x.jpg")]

    def real() -> Iterator[ImageRef]:
        return iter([ImageRef(str(p), str(p), 1) for p in paths])

    with closing(open_executor(f"dask:{dask.address}")) as executor:
        there = {o.ref.location: o for o in executor.outcomes(real(), Settings())}
    here = {o.ref.location: o for o in SerialExecutor().outcomes(real(), Settings())}
    assert there.keys() == here.keys() == {str(p) for p in paths}
    for name, one in here.items():
        other = there[name]
        assert (one.ref, one.outcome, one.reason, one.sha256, one.crops, one.unified, one.hashes) == (
            other.ref, other.outcome, other.reason, other.sha256, other.crops, other.unified, other.hashes)  # fmt: skip
        assert [f.landmarks.tobytes() for f in one.faces] == [f.landmarks.tobytes() for f in other.faces]


@pytest.mark.long
def test_unpacked_files_travel_with_their_refs(dask: Cluster, tmp_path: Path) -> None:
    """They lie on the coordinator's disk: the worker's task sees the bytes, and never that path."""
    path = tmp_path / "member-x.jpg"
    path.write_bytes(hopper().read_bytes())
    ref = ImageRef(str(path), "a.zip!x.jpg", path.stat().st_size, spooled=True)
    found = outcomes(dask.address, iter([ref]), process_image)["a.zip!x.jpg"]
    assert (found.outcome, found.ref) == (Outcome.ADDED, ref)
    told = outcomes(dask.address, iter([ref]), mapped)["a.zip!x.jpg"]
    assert told.ref == ref
    huge = ImageRef(str(tmp_path / "gone"), "a.zip!gone", 1, spooled=True)
    assert outcomes(dask.address, iter([huge]), process_image)["a.zip!gone"].outcome is Outcome.UNAVAILABLE


@pytest.mark.long
def test_photos_that_kill_or_hang_are_quarantined_and_the_others_are_fine(dask: Cluster, tmp_path: Path) -> None:
    names = [*GOOD[:7], "poison", *GOOD[7:], "once", "hang"]
    found = outcomes(dask.address, refs(tmp_path, *names), faulty, seconds=2)
    assert found.keys() == set(names)
    bad = {name: o.reason.text for name, o in found.items() if o.outcome is not Outcome.NO_FACE}
    assert bad.keys() == {"poison", "hang"}
    assert {found[name].outcome for name in bad} == {Outcome.QUARANTINED}
    assert "died 4 times" in bad["poison"]
    assert bad["hang"] == "it took longer than 2 s twice"
    tries = {name: (tmp_path / f"{name}.tries").stat().st_size for name in found}
    assert 2 <= tries["poison"] <= 4  # the scheduler's own patience is two workers; it was asked twice
    assert 1 <= tries["hang"] <= 3  # a fresh worker may use its time up before the photo is touched


def test_a_worker_that_somebody_kills_costs_nothing(dask: Cluster, tmp_path: Path) -> None:
    note = tmp_path / "wait.pid"

    def kill() -> None:
        wait_for(lambda: note.exists() and note.read_text())
        os.kill(int(note.read_text()), signal.SIGKILL)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    found = outcomes(dask.address, refs(tmp_path, *GOOD, "wait"), faulty)
    killer.join(PATIENCE_S)
    assert {o.outcome for o in found.values()} == {Outcome.NO_FACE}
    assert len(found) == 21
    assert found["wait"].reason.text != f"process {note.read_text()}"


def test_few_are_in_flight(dask: Cluster, tmp_path: Path) -> None:
    taken = 0

    def count() -> Iterator[ImageRef]:
        nonlocal taken
        for ref in refs(tmp_path, *(f"good{n}" for n in range(200))):
            taken += 1
            yield ref

    with closing(DaskExecutor(dask.address, task=faulty)) as executor:
        walk = executor.outcomes(count(), Settings())
        next(walk)
        assert taken <= 64
        assert len(list(walk)) == 199


def ingest(dask: Cluster, folder: Path, *words: str) -> list[str]:
    return command("ingest", folder / "in", "--workspace", folder / "w", "--executor", f"dask:{dask.address}", *words)


def started(dask: Cluster, folder: Path, *words: str) -> subprocess.Popen[str]:
    """An ingest of its own, past its first batch."""
    return past_first_batch(ingest(dask, folder, *words), folder / "w")


def finished_by_a_rerun(dask: Cluster, folder: Path) -> None:
    photos = PHOTOS
    stored = rows(folder / "w", "SELECT count(*) FROM images")[0][0]
    assert 0 < stored < photos
    done = subprocess.run(ingest(dask, folder, "--json"), cwd=ROOT, env=environment(), capture_output=True, text=True,
                          timeout=2 * PATIENCE_S, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert nonzero(json.loads(done.stdout)) == {"added": photos - stored, "already_present": stored}
    for table in ("images", "faces"):
        assert rows(folder / "w", f"SELECT count(*), count(DISTINCT sha256) FROM {table}") == [(photos, photos)]
    seen = rows(folder / "w", "SELECT outcome, count(*), count(DISTINCT location) FROM sightings GROUP BY outcome")
    assert seen == [("added", photos, photos)]
    assert inside("verify", "--workspace", folder / "w").returncode == 0


def nothing_is_left(dask: Cluster) -> None:
    """The scheduler holds no task any more."""
    with Client(dask.address, set_as_default=False) as client:
        wait_for(lambda: client.run_on_scheduler(tasks_held) == 0)


@pytest.mark.long
def test_a_coordinator_that_is_killed(dask: Cluster, tmp_path: Path) -> None:
    write_heads(tmp_path / "in", PHOTOS)
    run = started(dask, tmp_path)
    run.kill()
    run.communicate(timeout=PATIENCE_S)
    nothing_is_left(dask)
    finished_by_a_rerun(dask, tmp_path)


@pytest.mark.long
def test_ctrl_c_gives_the_tasks_back(dask: Cluster, tmp_path: Path) -> None:
    write_heads(tmp_path / "in", PHOTOS)
    run = started(dask, tmp_path, "--json")
    os.killpg(run.pid, signal.SIGINT)
    out, err = run.communicate(timeout=PATIENCE_S)
    assert run.returncode == 130, err
    assert "Traceback" not in err
    assert isinstance(json.loads(out), dict)
    assert rows(tmp_path / "w", "SELECT state FROM jobs") == [("cancelled",)]
    nothing_is_left(dask)


@pytest.mark.long
def test_a_scheduler_that_goes_away(tmp_path: Path) -> None:
    write_heads(tmp_path / "in", PHOTOS)
    with cluster(tmp_path / "cluster", 1) as made:
        run = started(made, tmp_path)
        assert made.scheduler is not None
        made.scheduler.kill()
        _, err = run.communicate(timeout=PATIENCE_S)
        assert run.returncode == 1
        assert "the Dask scheduler went away" in err
        assert "start it again" in err
        assert "Traceback" not in err
        assert len(err.strip().splitlines()) == 1, err
        made.start_scheduler()
        made.start_worker(tmp_path / "cluster")
        made.wait_for_workers(1)
        finished_by_a_rerun(made, tmp_path)


@pytest.mark.parametrize("address", ["", "tcp://", "tcp://host", "tcp://host:0", "tcp://host:65536", "http://host:1",
                                     "host:8786", "tcp://a b:1", "tcp://host:8786/x"])  # fmt: skip
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(UsageError, match="dask:tcp://host:8786"):
        open_executor(f"dask:{address}")


def test_a_scheduler_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.run.dask_executor.CONNECT_SECONDS", 0.5)
    with pytest.raises(UsageError, match="no Dask scheduler answers at tcp"):
        open_executor(f"dask:tcp://127.0.0.1:{free_port()}")


def test_dask_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="pip install -r requirements-dask"):
        open_executor("dask:tcp://127.0.0.1:1")


def test_workers_of_another_moue_are_refused(dask: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    other = (("Moue", "99.1"), *dask_worker.this_build()[1:])
    monkeypatch.setattr("pipeline.run.dask_executor.this_build", lambda: other)
    with pytest.raises(UsageError, match=r"has Moue .*, this machine has 99\.1"):
        open_executor(f"dask:{dask.address}")


def test_a_file_that_workers_cannot_see_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_bytes(b"x")
    here, gone = (ImageRef(str(tmp_path / name), name, 1) for name in ("x.jpg", "y.jpg"))
    for ref, told in ((here, True), (gone, False)):
        answer = Answer("host7", (ImageOutcome(ref, Outcome.UNAVAILABLE, verbatim("no such file")),))
        workers = _Cluster(None, 1, Settings(), 1.0, process_image)
        ((outcome,), repeated) = workers._read_answer(answer, Work((ref,)))
        assert ("host7 cannot see the file (no such file)" in outcome.reason.text) is told
        assert not repeated


def test_what_was_near_a_death_is_tried_again_alone() -> None:
    """On one worker the poison takes its neighbours along each time: only alone they are told apart."""
    running: list[str] = []

    class Fragile:
        """Work is done when nothing more is sent; where the poison is under way, all of it dies."""

        def capacity(self, pending: Collection[Work]) -> int:
            return int(len(pending) < 4)

        def submit(self, work: Work) -> Future[bool]:
            running.extend(r.path for r in work.refs)
            future: Future[bool] = Future()
            threading.Timer(0.05, lambda: future.set_result("poison" in running)).start()
            return future

        def handle_result(self, future: Future[bool], work: Work) -> tuple[Sequence[ImageOutcome], Sequence[Work]]:
            died = future.result()
            running.remove(work.refs[0].path)
            if died and work.attempt == 1:
                return [], [Work(work.refs, 2)]
            return [ImageOutcome(work.refs[0], Outcome.QUARANTINED if died else Outcome.NO_FACE, verbatim(""))], []

        def idle(self) -> None:
            raise AssertionError("nothing comes back")

    names = ["a", "poison", "b", "c", "d"]
    done = list(dispatch(iter([ImageRef(n, n, 1) for n in names]), Fragile(), retry_alone=True))
    assert sorted(o.ref.path for o in done) == sorted(names)
    assert [o.ref.path for o in done if o.outcome is Outcome.QUARANTINED] == ["poison"]
