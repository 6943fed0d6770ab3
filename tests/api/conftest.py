"""A real server on twelve real photos, and a token of its owner."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.pipeline.commands import ROOT, call, environment
from tests.pipeline.photos import numbered_head


@dataclass(frozen=True, slots=True)
class Served:
    """url: without a slash at its end. face: the id of one face."""

    url: str
    token: str
    root: Path
    face: str


@pytest.fixture(scope="session")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    (folder / "photos").mkdir()
    for number in range(12):
        (folder / "photos" / f"head-{number:02}.jpg").write_bytes(numbered_head(number))
    root = folder / "w"
    assert call("ingest", folder / "photos", "--workspace", root, "--executor", "serial").returncode == 0
    return root


@pytest.fixture(scope="module")
def served(ingested: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Each module's own: what one decides is nothing to another."""
    folder = tmp_path_factory.mktemp("api")
    root = shutil.copytree(ingested, folder / "w")
    token = call("token", "--for", "Ada", "--role", "owner", "--workspace", root).stdout.strip()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {"address": "127.0.0.1", "port": port, "headless": "true", "fileWatcherType": "none"}
    line = [sys.executable, "-m", "streamlit", "run", "app.py", *(f"--server.{k}={v}" for k, v in options.items())]
    env = environment(MOUE_WORKSPACE=str(root), MOUE_API_RATE="1000000")
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(line, cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url, process, folder / "server.log")
        asked = urllib.request.Request(f"{url}/api/v1/faces?size=1", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(asked) as answer:
            (face,) = json.load(answer)["faces"]
        yield Served(url, token, root, face["face_id"])
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"{url}/_stcore/health", timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8", "replace"))
