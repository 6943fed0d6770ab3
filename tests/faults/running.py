"""A run of the command line in a process group of its own, to be disturbed while it works."""

from __future__ import annotations

import sqlite3
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tests.pipeline.commands import ROOT, environment, rows

PATIENCE_S = 90


def past_first_batch(words: Sequence[str], workspace: Path) -> subprocess.Popen[str]:
    """The process of the ingest `words`, once its first batch is in the workspace."""
    run = subprocess.Popen(
        words,
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and run.poll() is None:
        try:
            if rows(workspace, "SELECT count(*) FROM sightings")[0][0]:
                return run
        except sqlite3.OperationalError:
            pass  # not made yet
        time.sleep(0.01)
    run.kill()
    raise AssertionError(f"nothing was ingested: {run.communicate()}")
