"""The servers that the review bench measures, the workspace that they show, and what they use of the machine."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import cv2
import psutil

from tests.bench.throughput import ROOT

MOUE: Final = "app.py"
BUTTONS: Final = "tests/bench/review/buttons.py"
_STARTS_WITHIN_S: Final = 90


@dataclass(frozen=True)
class Server:
    """A Streamlit server of its own process. workspace: a copy that nobody else uses."""

    address: str
    workspace: Path
    process: psutil.Process

    def cpu(self) -> float:
        """User and system seconds of the server and its children so far, without the background job that suggests."""
        children = [one for one in self.process.children(recursive=True) if not _suggests(one)]
        times = [self.process, *children]
        return sum(sum(one.cpu_times()[:2]) for one in times)

    def memory(self) -> float:
        """Resident megabytes."""
        return float(self.process.memory_info().rss) / 1e6

    def rows(self, sql: str, *params: object) -> list[tuple[Any, ...]]:
        """Ask the database itself, past Moue's own code."""
        db = sqlite3.connect(f"file:{self.workspace / 'moue.db'}?mode=ro", uri=True, timeout=30)
        try:
            return db.execute(sql, params).fetchall()
        finally:
            db.close()

    def sign_in(self, name: str) -> str:
        """The cookie of a person, as `name=value`."""
        request = urllib.request.Request(
            f"{self.address}/api/sign-in",
            json.dumps({"name": name}).encode(),
            {"Content-Type": "application/json", "Origin": self.address},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return str(answer.headers["Set-Cookie"]).partition(";")[0]


@contextmanager
def serve(app: str, template: Path, scratch: Path) -> Iterator[Server]:
    """`streamlit run` of `app` on a fresh copy of the workspace `template`; ended and removed afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    workspace = scratch / f"workspace-{port}"
    shutil.copytree(template, workspace)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MOUE_")}
    environment = kept | {"MOUE_WORKSPACE": str(workspace), "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "streamlit", "run", app, "--server.port", str(port), "--server.headless", "true"]
    with (scratch / f"server-{port}.log").open("wb") as log:
        process = subprocess.Popen(
            words, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, process, log)
            yield Server(address, workspace, psutil.Process(process.pid))
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)
            shutil.rmtree(workspace, ignore_errors=True)


def _wait(address: str, process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
    until = time.monotonic() + _STARTS_WITHIN_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"the server did not start: {Path(log.name).read_text()}")


def vary(photos: Sequence[Path], count: int, folder: Path) -> None:
    """`count` photos into `folder`: those given, then mirrored, then with a pixel less on each side, and so on."""
    folder.mkdir(parents=True)
    for number in range(count):
        lap, place = divmod(number, len(photos))
        target = folder / f"{number:04}.png"
        image = cv2.imread(str(photos[place]))
        if image is None:
            continue
        trim = lap // 2
        image = image[trim : image.shape[0] - trim, trim : image.shape[1] - trim]
        cv2.imwrite(str(target), image if lap % 2 == 0 else image[:, ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])


def ingest(workspace: Path, *photos: Path | str) -> int:
    """The number of faces. Raises CalledProcessError."""
    words = [sys.executable, "-m", "pipeline", "ingest", *map(str, photos), "--workspace", str(workspace), "--json"]
    done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return int(json.loads(done.stdout)["faces"])


def load_average() -> str:
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def _suggests(process: psutil.Process) -> bool:
    """Whether it computes suggestions: with the least priority, and gone before the next figure is taken."""
    try:
        return "suggest" in process.cmdline()
    except psutil.NoSuchProcess:
        return True
