"""A Dask scheduler and its workers as real processes on loopback, as `python -m dask …` starts them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil
from distributed import Client

from tests.pipeline.commands import ROOT, environment

PATIENCE_S = 120
"""For what would otherwise never come: a worker imports Moue, and on a busy machine that alone takes half a minute."""
QUICK = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1", "PYTHONWARNINGS": "ignore"}


@dataclass
class Cluster:
    """port: the scheduler's. The processes are ended when `cluster` is left."""

    port: int
    log: IO[bytes]
    scheduler: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def start_scheduler(self) -> None:
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", str(self.port))
        wait_for(self._answers)

    def start_worker(self, folder: Path, *words: str) -> subprocess.Popen[bytes]:
        """One nanny with one worker of one thread."""
        given = ["--nthreads", "1", "--local-directory", str(folder), *words]
        self.workers.append(self._start("worker", self.address, *given))
        return self.workers[-1]

    def wait_for_workers(self, number: int) -> None:
        """Until so many have joined: an executor itself waits half as long as a busy machine may need."""
        with Client(self.address, set_as_default=False, timeout=PATIENCE_S) as client:
            client.wait_for_workers(number, timeout=PATIENCE_S)

    def _start(self, what: str, *words: str) -> subprocess.Popen[bytes]:
        call = [sys.executable, "-m", "dask", what, *words, "--no-dashboard"]
        return subprocess.Popen(call, cwd=ROOT, env=environment(**QUICK), stdout=self.log, stderr=self.log)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1):
                return True
        except OSError:
            return False

    def close(self) -> None:
        """End everything that was started here, and what that started."""
        started = [p for p in [*self.workers, self.scheduler] if p is not None]
        family = []
        for process in started:
            with suppress(psutil.NoSuchProcess):
                family += psutil.Process(process.pid).children(recursive=True)
        for process in started:  # a nanny that is killed leaves nobody to restart its worker
            process.kill()
        for child in family:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        for process in started:
            process.wait(30)
        psutil.wait_procs(family, 30)


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """A scheduler and `workers` workers; what they say goes to `folder`/cluster.log."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "cluster.log").open("ab") as log:
        made = Cluster(free_port(), log)
        try:
            made.start_scheduler()
            for _ in range(workers):
                made.start_worker(folder)
            made.wait_for_workers(workers)
            yield made
        finally:
            made.close()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_for(true: object, seconds: float = PATIENCE_S) -> None:
    assert callable(true)
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
