"""The server killed while people label; `python -m tests.faults` does it for minutes."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from tests.faults.kills.labelled import labelled_and_killed


@pytest.mark.long
def test_what_was_saved_is_in_the_log_however_often_the_server_is_killed(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "w", tmp_path / "w")
    tally = labelled_and_killed(tmp_path / "w", kills=4, until=time.monotonic() + 120)
    assert (tally.lost, tally.doubled, tally.findings) == ([], 0, [])
    assert tally.cuts == 4
    if tally.acknowledged == 0:
        pytest.skip("on this machine no answer came before a kill")
