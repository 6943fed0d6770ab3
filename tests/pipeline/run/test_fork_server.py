"""With what the process is started that workers are forked from."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.core.messages import verbatim
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageOutcome, ImageRef, Settings
from pipeline.run.fork_server import HUGE_PAGES

ROOT = Path(__file__).parents[3]
ASKED = """
import os
from multiprocessing import forkserver
from pathlib import Path
from pipeline.run.fork_server import start_fork_server

start_fork_server()
pid = forkserver._forkserver._forkserver_pid
environment = Path(f"/proc/{pid}/environ")
while not (told := environment.read_bytes().decode()):
    pass  # it is still being started
print([pair for pair in told.split(chr(0)) if pair.startswith("GLIBC_TUNABLES=")], os.environ.get("GLIBC_TUNABLES"))
"""


@pytest.mark.long_but(1)
@pytest.mark.skipif(sys.platform != "linux", reason="the variable is one of Linux's C library")
@pytest.mark.parametrize("set_before", [None, "glibc.malloc.check=0"])
def test_the_model_lies_in_large_pages_unless_the_user_tuned_memory(set_before: str | None) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "GLIBC_TUNABLES"}
    if set_before is not None:
        environment["GLIBC_TUNABLES"] = set_before
    done = subprocess.run(
        [sys.executable, "-c", ASKED], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    wanted = [f"GLIBC_TUNABLES={set_before or HUGE_PAGES}"]
    assert done.stdout.strip() == f"{wanted} {set_before}", done.stderr


WORKERS = """
import os
from pathlib import Path
from pipeline.core.outcome import Outcome
from pipeline.core.messages import verbatim
from pipeline.core.records import ImageRef, Settings
from pipeline.run.executors import ProcessExecutor
from tests.pipeline.run.test_fork_server import seen

if __name__ == "__main__":
    workers = ProcessExecutor(1, task=seen)
    (outcome,) = workers.outcomes(iter([ImageRef("x", "x", 1, 1)]), Settings())
    workers.close()
    print(outcome.reason.text, os.environ.get("SERPAPI_KEY"))
"""


def seen(ref: ImageRef, settings: Settings) -> ImageOutcome:
    """In a worker: where a secret can be found in its own environment, as it is and as it was at its start."""
    started = Path(f"/proc/{os.getpid()}/environ").read_bytes()
    return ImageOutcome(ref, Outcome.NO_FACE, verbatim(f"{b'planted' in started} {os.environ.get('SERPAPI_KEY')}"))


@pytest.mark.skipif(sys.platform != "linux", reason="/proc/PID/environ")
def test_workers_have_none_of_the_secrets_of_who_starts_them() -> None:
    environment = {**os.environ, "SERPAPI_KEY": "planted", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", WORKERS], cwd=ROOT, env=environment,
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.stdout.strip() == "False None planted", done.stderr
