from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from db.store.locks import job_lock, job_lock_is_free
from pipeline.core.errors import BusyError

HOLD = """
import sys, time
from pathlib import Path
from db.store.locks import job_lock
with job_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_one_process_holds_it_and_a_killed_one_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / ".locks").mkdir()
    assert job_lock_is_free(tmp_path)
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"held\n"
        assert not job_lock_is_free(tmp_path)
        with pytest.raises(BusyError, match="another job"), job_lock(tmp_path):
            pass
        owner.kill()
    with job_lock(tmp_path):
        pass
    assert job_lock_is_free(tmp_path)
