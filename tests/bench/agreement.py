"""How far people agree, over a million decisions: from the log to the figures, and once more after a decision.

    python -m tests.bench.agreement [--faces 400000] [--decisions 1000000] [--people 25] [--workspace DIR]

The rows are made up (some minutes and 1.3 GB; `--workspace` keeps them for the next time): two or three people answer
each face, and one answer in seven is anything at all. Prints seconds of CPU, and as a ratio to `SELECT count(*) FROM
decisions` in the same run.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from sqlite_utils.db import Database as Db

from db.decisions import chain
from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp
from db.projection import answers, columns
from db.projection.face_state import rebuild_state
from db.schema import table_digests
from db.store.store import DATABASE_NAME, Store
from db.team.agreement import agreement_of
from pipeline.core.records import Verdict
from tests.bench import scale_rows

CLASSES: Final = 4
NOISE: Final = 0.15


def make(root: Path, faces: int, decisions: int, people: int) -> None:
    """A new workspace whose log holds that many answers of so many people, chained."""
    scale_rows.make(root, faces, faces, 0)
    conn = sqlite3.connect(root / DATABASE_NAME, isolation_level=None)
    table_digests.register(conn)
    for line in ("synchronous = OFF", "cache_size = -400000"):
        conn.execute(f"PRAGMA {line}")
    conn.execute("BEGIN")
    names = [f"Person {number:02}" for number in range(people)]
    conn.executemany("INSERT OR IGNORE INTO annotators VALUES (?, '2026-01-01T00:00:00.000Z')", [(n,) for n in names])
    found = conn.execute("SELECT id, sha256 FROM faces ORDER BY seq").fetchall()
    marks = ", ".join("?" * (len(chain.COLUMNS) + len(chain.LATER) + 2))
    named = ", ".join((*chain.COLUMNS, *chain.LATER, "prev_hash", "hash"))
    conn.executemany(f"INSERT INTO decisions ({named}) VALUES ({marks})", _log(found, decisions, names))
    db = Db(conn, execute_plugins=False)
    chain.remember_head(db)
    answers.rebuild(db)
    rebuild_state(db)
    columns.compact(db)
    conn.execute("COMMIT")
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    conn.close()


def _log(faces: list[tuple[str, str]], decisions: int, names: list[str]) -> Iterator[tuple[Any, ...]]:
    rng = np.random.default_rng(5)
    per = np.repeat(np.arange(len(faces)), 2 + (np.arange(len(faces)) % 2 == 0))[:decisions]
    nth = np.arange(len(per)) - np.searchsorted(per, per)
    who = (rng.integers(0, len(names), len(faces))[per] + 7 * nth) % len(names)
    right = rng.integers(0, CLASSES + 2, len(faces))[per]
    said = np.where(rng.random(len(per)) < NOISE, rng.integers(0, CLASSES + 2, len(per)), right)
    prev_hash = chain.FIRST_HASH
    for number, at in enumerate(rng.permutation(len(per)).tolist(), start=1):
        face_id, sha256 = faces[per[at]]
        answer, key = int(said[at]), str(uuid.UUID(int=number))
        day = np.datetime64("2026-01-01") + 330 * number // len(per)
        row = {
            **chain.LATER, "seq": number, "uuid": key, "step": key, "annotator": names[who[at]], "face_id": face_id,
            "sha256": sha256, "verdict": "accept" if answer < CLASSES else ("reject", "unsure")[answer - CLASSES],
            "class_id": 1 + answer if answer < CLASSES else None, "reason": None, "undoes": None,
            "at": f"{day}T09:05:07.123Z", "took_ms": 800,
        }  # fmt: skip
        digest = chain.row_hash(prev_hash, row)
        yield (*(row[name] for name in (*chain.COLUMNS, *chain.LATER)), prev_hash, digest)
        prev_hash = digest


def clock(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of CPU, and by the wall."""
    wall, start = time.perf_counter(), time.process_time()
    work()
    return time.process_time() - start, time.perf_counter() - wall


def decide_once(store: Store) -> None:
    """One more answer, on a face that has some."""
    sql = "SELECT f.id, f.sha256 FROM decisions d JOIN faces f ON f.id = d.face_id LIMIT 1"
    face, sha = store.read(lambda db: db.execute(sql).fetchone())
    op = DecideOp(str(uuid.uuid4()), str(uuid.uuid4()), face, sha, Verdict.UNSURE)
    store.write(lambda db: apply_ops(db, "Person 00", [op]))


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.agreement",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--faces", type=int, default=400_000)
    parser.add_argument("--decisions", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=25)
    parser.add_argument("--workspace", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = options.workspace or Path(folder) / "workspace"
        if not (root / DATABASE_NAME).exists():
            make(root, options.faces, options.decisions, options.people)
        with Store.open(root) as store:
            base, _ = clock(lambda: store.read(lambda db: db.execute("SELECT count(*) FROM decisions").fetchone()))
            for name, work in (
                ("all answers, from the log", lambda: agreement_of(store, independent=False)),
                ("independent ones, beside them", lambda: agreement_of(store, independent=True)),
                ("again, nothing new", lambda: agreement_of(store, independent=False)),
            ):
                cpu, wall = clock(work)
                print(f"{name:34}{cpu:7.2f} s CPU {wall:7.2f} s wall {cpu / base:9.1f} x count(*)", flush=True)
            decide_once(store)
            cpu, wall = clock(lambda: agreement_of(store, independent=False))
            print(f"{'after one more decision':34}{cpu:7.2f} s CPU {wall:7.2f} s wall {cpu / base:9.1f} x count(*)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
