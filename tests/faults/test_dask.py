"""Photos, workers, schedulers and coordinators that die under `dask:tcp://…`: each photo has its outcome once."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest

pytest.importorskip("distributed", reason="the optional extra: pip install -r requirements-dask.txt")

from distributed import Client

from pipeline.dask_executor import DaskExecutor
from pipeline.executors import SerialExecutor, open_executor
from pipeline.process import process_image
from pipeline.records import ImageOutcome, ImageRef, Outcome, Settings
from tests.faults.cluster import Cluster, cluster, wait_for
from tests.faults.tasks import faulty, mapped, tasks_held
from tests.pipeline.cli import ROOT, command, environment, inside, nonzero, rows
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


def test_photos_that_kill_or_hang_are_quarantined_and_the_others_are_fine(dask: Cluster, tmp_path: Path) -> None:
    names = [*GOOD[:7], "poison", *GOOD[7:], "once", "hang"]
    found = outcomes(dask.address, refs(tmp_path, *names), faulty, seconds=2)
    assert found.keys() == set(names)
    bad = {name: o.reason for name, o in found.items() if o.outcome is not Outcome.NO_FACE}
    assert bad.keys() == {"poison", "hang"}
    assert {found[name].outcome for name in bad} == {Outcome.QUARANTINED}
    assert "died 4 times" in bad["poison"]
    assert bad["hang"] == "it took longer than 2 s twice"
    tries = {name: (tmp_path / f"{name}.tries").stat().st_size for name in found}
    assert tries["poison"] == 4  # two workers of the scheduler's own patience, twice
    assert tries["hang"] == 2


def test_a_worker_that_somebody_kills_costs_nothing(dask: Cluster, tmp_path: Path) -> None:
    note = tmp_path / "wait.pid"

    def kill() -> None:
        wait_for(lambda: note.exists() and note.read_text())
        os.kill(int(note.read_text()), signal.SIGKILL)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    found = outcomes(dask.address, refs(tmp_path, *GOOD, "wait"), faulty)
    killer.join(30)
    assert {o.outcome for o in found.values()} == {Outcome.NO_FACE}
    assert len(found) == 21
    assert found["wait"].reason != f"process {note.read_text()}"


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
    run = subprocess.Popen(
        ingest(dask, folder, *words),
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and run.poll() is None:
        try:
            if rows(folder / "w", "SELECT count(*) FROM sightings")[0][0]:
                return run
        except sqlite3.OperationalError:
            pass  # not made yet
        time.sleep(0.01)
    run.kill()
    raise AssertionError(f"nothing was ingested: {run.communicate()}")


def finished_by_a_rerun(dask: Cluster, folder: Path) -> None:
    photos = PHOTOS
    stored = rows(folder / "w", "SELECT count(*) FROM images")[0][0]
    assert 0 < stored < photos
    done = subprocess.run(ingest(dask, folder, "--json"), cwd=ROOT, env=environment(), capture_output=True, text=True,
                          timeout=120, check=False)  # fmt: skip
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
        wait_for(lambda: client.run_on_scheduler(tasks_held) == 0, 15)


def test_a_coordinator_that_is_killed(dask: Cluster, tmp_path: Path) -> None:
    write_heads(tmp_path / "in", PHOTOS)
    run = started(dask, tmp_path)
    run.kill()
    run.communicate(timeout=30)
    nothing_is_left(dask)
    finished_by_a_rerun(dask, tmp_path)


def test_ctrl_c_gives_the_tasks_back(dask: Cluster, tmp_path: Path) -> None:
    write_heads(tmp_path / "in", PHOTOS)
    run = started(dask, tmp_path, "--json")
    os.killpg(run.pid, signal.SIGINT)
    out, err = run.communicate(timeout=30)
    assert run.returncode == 130, err
    assert "Traceback" not in err
    assert isinstance(json.loads(out), dict)
    assert rows(tmp_path / "w", "SELECT state FROM jobs") == [("cancelled",)]
    nothing_is_left(dask)


def test_a_scheduler_that_goes_away(tmp_path: Path) -> None:
    write_heads(tmp_path / "in", PHOTOS)
    with cluster(tmp_path / "cluster", 2) as made:
        run = started(made, tmp_path)
        assert made.scheduler is not None
        made.scheduler.kill()
        out, err = run.communicate(timeout=60)
        assert run.returncode == 1
        assert "the Dask scheduler went away" in err
        assert "start it again" in err
        assert "Traceback" not in err
        assert len(err.strip().splitlines()) == 1, err
        made.start_scheduler()
        for _ in range(2):
            made.start_worker(tmp_path / "cluster")
        finished_by_a_rerun(made, tmp_path)
