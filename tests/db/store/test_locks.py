from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from db.store import locks
from db.store.locks import job_lock, job_lock_is_free
from pipeline.core.errors import BusyError, StorageError

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


@pytest.mark.parametrize("other", [False, True], ids=["alone", "another's file is there"])
def test_no_folder_is_made_where_the_workspace_went_a_moment_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: bool
) -> None:
    class Late(FileLock):
        def acquire(self, *args: object, **kwargs: object) -> object:
            (tmp_path / "w").rename(tmp_path / "away")
            if other:
                (tmp_path / "w").mkdir()
                (tmp_path / "w" / "theirs.txt").write_text("x")
            return super().acquire(*args, **kwargs)  # type: ignore[arg-type]

    (tmp_path / "w").mkdir()
    monkeypatch.setattr(locks, "FileLock", Late)
    with pytest.raises(StorageError, match="not at its place"), job_lock(tmp_path / "w"):
        pytest.fail("it was held")
    left = sorted(path.relative_to(tmp_path).as_posix() for path in (tmp_path / "w").rglob("*"))
    assert left == (["w/theirs.txt"] if other else [])
    assert (tmp_path / "w").exists() == other
    with monkeypatch.context() as back:
        back.setattr(locks, "FileLock", FileLock)
        with job_lock(tmp_path / "away"):
            pass
