"""kill -9, Ctrl-C, a full disk, a second start: the next run completes, each photo once."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from filelock import FileLock

from tests.faults.running import past_first_batch
from tests.pipeline.commands import ROOT, call, call_json, command, environment, ingest, nonzero, rows
from tests.pipeline.photos import write_heads

CRASH = """
import itertools, os, signal, sys
from db.images.ledger import DatabaseLedger
from pipeline import __main__ as cli
from pipeline.files import blobs
from pipeline.run import coordinator
coordinator.BATCH, coordinator.BATCH_SECONDS = 5, 1e9
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
point, left = sys.argv[1], int(sys.argv[2])

def after(calls, fn):
    numbers = itertools.count(1)  # several threads write files
    def wrapped(*given, **named):
        number = next(numbers)
        result = fn(*given, **named)
        if number == calls:
            die()
        return result
    return wrapped

if point == "file":    # in the middle of a batch's files
    blobs.BlobStore._write = staticmethod(after(left, blobs.BlobStore._write))
if point == "files":   # all files, no row
    blobs.BlobStore.put_many = after(left, blobs.BlobStore.put_many)
if point == "rows":    # committed, not yet told
    DatabaseLedger.record = after(left, DatabaseLedger.record)
sys.exit(cli.main(sys.argv[3:]))
"""


def checked(workspace: Path, photos: int) -> None:
    """Nothing is missing, nothing is there twice, and Moue's own check agrees."""
    assert rows(workspace, "SELECT count(*), count(DISTINCT sha256) FROM images") == [(photos, photos)]
    assert rows(workspace, "SELECT count(*), count(DISTINCT sha256) FROM faces") == [(photos, photos)]
    seen = rows(workspace, "SELECT outcome, count(*), count(DISTINCT location) FROM sightings GROUP BY outcome")
    assert seen == [("added", photos, photos)]
    done = call("verify", "--workspace", workspace)
    assert done.returncode == 0, done.stdout


@pytest.mark.long_but(1)
@pytest.mark.parametrize(("point", "left"), [("file", 1), ("file", 20), ("files", 2), ("rows", 2)])
def test_killed_at_each_kind_of_moment(tmp_path: Path, point: str, left: int) -> None:
    write_heads(tmp_path / "in", 12)
    words = ["ingest", str(tmp_path / "in"), "--workspace", str(tmp_path / "w"), "--executor", "serial", "--copy"]
    killed = subprocess.run(
        [sys.executable, "-c", CRASH, point, str(left), *words], cwd=ROOT, env=environment(), timeout=120, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    stored = rows(tmp_path / "w", "SELECT count(*) FROM images")[0][0]
    assert stored == {"file": 0 if left == 1 else 5, "files": 5, "rows": 10}[point]
    figures = ingest(tmp_path / "w", tmp_path / "in", "--copy")
    assert nonzero(figures) == {"added": 12 - stored} | ({"already_present": stored} if stored else {})
    assert figures["faces"] == 12 - stored
    checked(tmp_path / "w", 12)
    states = [state for (state,) in rows(tmp_path / "w", "SELECT state FROM jobs ORDER BY rowid")]
    assert states == ["interrupted", "done"]


def started(workspace: Path, photos: Path, *words: str) -> subprocess.Popen[str]:
    """An ingest of its own process group, past its first batch."""
    return past_first_batch(command("ingest", photos, "--workspace", workspace, *words), workspace)


@pytest.mark.long
def test_killed_from_outside_with_workers(tmp_path: Path) -> None:
    write_heads(tmp_path / "in", 160)
    run = started(tmp_path / "w", tmp_path / "in", "--executor", "processes:2")
    family = psutil.Process(run.pid).children(recursive=True)
    os.kill(run.pid, signal.SIGKILL)
    run.communicate(timeout=60)
    assert family
    psutil.wait_procs(family, timeout=60)
    assert [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []  # no orphan goes on
    stored = rows(tmp_path / "w", "SELECT count(*) FROM images")[0][0]
    assert 0 < stored < 160
    figures = call_json("ingest", tmp_path / "in", "--workspace", tmp_path / "w", "--executor", "processes:2")
    assert nonzero(figures) == {"added": 160 - stored, "already_present": stored}
    checked(tmp_path / "w", 160)


@pytest.mark.long
@pytest.mark.parametrize(
    ("executor", "number"),
    [("serial", signal.SIGINT), ("processes:2", signal.SIGINT), ("processes:2", signal.SIGTERM)],
)
def test_ctrl_c_ends_cleanly_and_resumes(tmp_path: Path, executor: str, number: signal.Signals) -> None:
    write_heads(tmp_path / "in", 160)
    run = started(tmp_path / "w", tmp_path / "in", "--executor", executor, "--json")
    os.killpg(run.pid, number)  # as a terminal does it: everyone of the group
    out, err = run.communicate(timeout=60)
    assert run.returncode == 130, err
    assert "Traceback" not in err
    assert isinstance(json.loads(out), dict)
    stored = rows(tmp_path / "w", "SELECT count(*) FROM images")[0][0]
    assert 0 < stored < 160
    assert rows(tmp_path / "w", "SELECT state FROM jobs") == [("cancelled",)]
    if number is signal.SIGINT:
        figures = ingest(tmp_path / "w", tmp_path / "in")
        assert nonzero(figures) == {"added": 160 - stored, "already_present": stored}
        checked(tmp_path / "w", 160)


def test_a_second_start_is_told(tmp_path: Path) -> None:
    write_heads(tmp_path / "in", 2)
    ingest(tmp_path / "w", tmp_path / "in")
    with FileLock(tmp_path / "w" / ".locks" / "job.lock"):
        done = call("ingest", tmp_path / "in", "--workspace", tmp_path / "w", "--executor", "serial")
    assert done.returncode == 1
    assert "another job is running" in done.stderr
    assert done.stdout == ""
    assert rows(tmp_path / "w", "SELECT count(*) FROM jobs") == [(1,)]
    assert nonzero(ingest(tmp_path / "w", tmp_path / "in")) == {"already_present": 2}


@pytest.mark.long
def test_a_second_start_is_told_while_one_really_runs(tmp_path: Path) -> None:
    write_heads(tmp_path / "in", 500)
    run = started(tmp_path / "w", tmp_path / "in", "--executor", "serial")
    try:
        done = call("ingest", tmp_path / "in", "--workspace", tmp_path / "w", "--executor", "serial")
        assert run.poll() is None
        assert (done.returncode, done.stdout) == (1, "")
        assert "another job is running" in done.stderr
        assert call("status", "--workspace", tmp_path / "w").returncode == 0  # reading goes on
    finally:
        run.terminate()
        run.communicate(timeout=60)


def limited(most_bytes: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))


@pytest.mark.long
def test_a_disk_that_takes_no_more(tmp_path: Path) -> None:
    """A file may not grow over a limit: the large original fails, is named, and nothing half is recorded."""
    write_heads(tmp_path / "in", 1)
    ingest(tmp_path / "w", tmp_path / "in")
    large = write_heads(tmp_path / "more", 1)[0]
    large.write_bytes(large.read_bytes() + b"\0" * 8_000_000)
    words = command("ingest", large, "--workspace", tmp_path / "w", "--executor", "serial", "--copy", "--json")
    done = subprocess.run(words, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=120,
                          preexec_fn=limited(4_000_000), check=False)  # fmt: skip
    assert done.returncode == 1
    assert "could not be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    checked(tmp_path / "w", 1)
    assert not [p for p in (tmp_path / "w" / "originals").rglob("*") if p.is_file()]
    ((state, error),) = rows(tmp_path / "w", "SELECT state, error FROM jobs ORDER BY rowid DESC LIMIT 1")
    assert state == "failed"
    assert "could not be written" in error
    assert nonzero(ingest(tmp_path / "w", large, "--copy")) == {"added": 1}


@pytest.mark.long
@pytest.mark.parametrize(("point", "left"), [("file", 3), ("files", 1)])
def test_a_killed_reprocess_goes_on(tmp_path: Path, point: str, left: int) -> None:
    """Some crops are cut anew and their rows not yet written: the same command puts that right."""
    write_heads(tmp_path / "in", 12)
    ingest(tmp_path / "w", tmp_path / "in")
    words = ["reprocess", "--margin", "2", "--workspace", str(tmp_path / "w"), "--executor", "serial"]
    killed = subprocess.run(
        [sys.executable, "-c", CRASH, point, str(left), *words], cwd=ROOT, env=environment(), timeout=120, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert call("verify", "--workspace", tmp_path / "w").returncode == 1
    figures = call_json(*words)
    assert nonzero(figures) == {"added": 12}
    checked(tmp_path / "w", 12)


FULL = """
import errno, os, sys
from pipeline import __main__ as cli
from pipeline.files import blobs
from pipeline.run import coordinator
coordinator.BATCH, coordinator.BATCH_SECONDS = 5, 1e9
calls = 0
def full(descriptor):
    global calls
    calls += 1
    if calls > int(sys.argv[1]):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
blobs.os.fsync = full
sys.exit(cli.main(sys.argv[2:]))
"""


@pytest.mark.long
def test_a_full_disk_is_named_and_resumed_from(tmp_path: Path) -> None:
    write_heads(tmp_path / "in", 12)
    words = ["ingest", str(tmp_path / "in"), "--workspace", str(tmp_path / "w"), "--executor", "serial"]
    done = subprocess.run([sys.executable, "-c", FULL, "15", *words], cwd=ROOT, env=environment(), text=True,
                          capture_output=True, timeout=120, check=False)  # fmt: skip
    assert done.returncode == 1
    assert "the disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    stored = rows(tmp_path / "w", "SELECT count(*) FROM images")[0][0]
    assert stored in (0, 5, 10)
    assert stored < 12
    found = json.loads(call("verify", "--workspace", tmp_path / "w", "--json").stdout)["findings"]
    assert [one for one in found if "is named by nothing in the database: do again" not in one] == []
    assert nonzero(ingest(tmp_path / "w", tmp_path / "in"))["added"] == 12 - stored
    checked(tmp_path / "w", 12)
