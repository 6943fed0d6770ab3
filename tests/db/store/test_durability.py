"""Several processes on one workspace, and one that is killed: what was said to be saved is there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from db.decisions.log import apply_ops, verify_chain
from db.decisions.verify import verify
from db.reads.counts import workspace_counts
from db.store.store import Store
from tests.db.make import add_images, decide

ROOT = Path(__file__).resolve().parents[3]
WRITER = """
import sys, threading
from pathlib import Path
from db.store.store import Store
from db.decisions.log import apply_ops
from pipeline.core.records import Verdict
from tests.db.make import decide, new_uuid

store = Store.open(Path(sys.argv[1]))
who, rounds = sys.argv[2], int(sys.argv[3])
faces = store.read(lambda db: [f for (f,) in db.execute("SELECT id FROM faces ORDER BY seq")])

def work(thread):
    for n in range(rounds):
        face = faces[(n * 7 + thread) % len(faces)]
        op = store.read(lambda db: decide(db, face, class_id=n % 4 + 1))
        (result,) = store.write(lambda db: apply_ops(db, who, [op]))
        assert result.status == "saved", result
        sys.stdout.write(op.uuid + chr(10))
        sys.stdout.flush()

threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
[t.start() for t in threads]
[t.join() for t in threads]
store.close()
"""


def spawn(root: Path, who: str, rounds: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(root), who, str(rounds)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def saved_uuids(store: Store) -> set[str]:
    return {key for (key,) in store.read(lambda db: db.execute("SELECT uuid FROM decisions").fetchall())}


@pytest.mark.long
def test_processes_and_threads_write_at_once(store: Store) -> None:
    faces = add_images(store, [f"i{n}" for n in range(12)])
    children = [spawn(store.root, f"p{n}", 20) for n in range(3)]
    mine: list[str] = []
    lock = threading.Lock()

    def work() -> None:
        for n in range(20):
            op = store.read(lambda db, f=faces[n % 12]: decide(db, f))
            (result,) = store.write(lambda db, o=op: apply_ops(db, "here", [o]))
            assert result.status == "saved"
            with lock:
                mine.append(op.uuid)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = set(mine)
    for child in children:
        out, _ = child.communicate(timeout=120)
        assert child.returncode == 0
        told |= set(out.split())
    assert len(told) == 4 * 3 * 20
    assert saved_uuids(store) == told
    assert store.read(verify_chain) == []


def test_every_acknowledged_decision_survives_a_kill(tmp_path: Path) -> None:
    root = tmp_path / "w"
    with Store.open(root) as store:
        add_images(store, [f"i{n}" for n in range(10)])
    told: set[str] = set()
    for round_ in range(3):
        child = spawn(root, f"victim {round_}", 1_000_000)
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(25 * (round_ + 1))]
        os.kill(child.pid, signal.SIGKILL)
        rest, _ = child.communicate(timeout=60)
        whole = "".join(lines) + rest
        told |= set(whole[: whole.rfind("\n")].split())  # a line cut by the kill is no acknowledgement
        with Store.open(root) as store:
            assert told <= saved_uuids(store)
            assert store.read(verify) == []
    with Store.open(root) as store:
        assert store.read(workspace_counts).decisions >= len(told) >= 25 + 50 + 75


def test_an_ingest_batch_that_is_killed_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    root = tmp_path / "w"
    Store.open(root).close()
    script = """
import sys
from pathlib import Path
from db.images import images
from db.store.store import Store
from tests.db.make import make_outcome

store = Store.open(Path(sys.argv[1]))
for batch in range(1000):
    made = [make_outcome(f"{batch}-{n}", faces=2) for n in range(50)]
    store.write(lambda db: images.record_outcomes(db, images.ensure_source(db, "folder", "/x"), "j", made))
    print(batch, flush=True)
"""
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(root)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    for _ in range(5):
        child.stdout.readline()
    os.kill(child.pid, signal.SIGKILL)
    child.communicate(timeout=60)
    with Store.open(root) as store:
        numbers = store.read(workspace_counts)
        assert numbers.images >= 5 * 50
        assert numbers.images % 50 == 0
        assert (numbers.faces, numbers.by_outcome["added"]) == (2 * numbers.images, numbers.images)
        assert store.read(verify) == []
