"""With what the process is started that workers are forked from."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
