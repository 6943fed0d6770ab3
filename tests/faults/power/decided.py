"""Decisions one after the other, and a power cut; what the disk may hold then is what the next ones are added to."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path
from typing import Final

from tests.faults.kills.killed import Killer
from tests.faults.power.disk import states
from tests.faults.tally import Tally
from tests.pipeline.commands import inside, rows

DECIDE: Final = r"""
from functools import partial
from pathlib import Path
from uuid import UUID
from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp
from db.store.store import Store
from db.tables.annotators import ensure_annotator
from pipeline.core.records import Verdict
with Store.open(Path(args[0])) as store:
    store.write(lambda db: ensure_annotator(db, "Ann"))
    faces = store.read(lambda db: db.execute("SELECT id, sha256 FROM faces ORDER BY id").fetchall())
    first, count, batch = map(int, args[1:])
    for start in range(first, first + count, batch):
        numbers = range(start, start + batch)
        made = [(str(UUID(int=number)), *faces[number % len(faces)], 1 + number % 3) for number in numbers]
        ops = [DecideOp(uuid, uuid, face, sha256, Verdict.ACCEPT, label, None) for uuid, face, sha256, label in made]
        store.write(partial(apply_ops, annotator="Ann", ops=ops))
        say("\n".join(uuid for uuid, *_ in made))
"""
"""args: the workspace, the number of the first decision, how many, and how many a transaction."""
BATCHES: Final = (2, 10, 20, 50)
TRANSACTIONS: Final = 30


def decided_and_cut(
    killing: Killer,
    workspace: Path,
    *,
    cuts: int | None,
    until: float,
    count: int | None = None,
    batch: int | None = None,
    seed: int = 0,
) -> Tally:
    """Cut the power so many times, or until the monotonic clock says `until`, each time amid `count` decisions.

    batch: decisions a transaction; None: another number each time. count: None: those of 30 transactions.
    """
    tally, chance, first = Tally(), random.Random(seed), 0
    while (cuts is None or tally.cuts < cuts) and time.monotonic() < until:
        before = {str(uuid) for (uuid,) in rows(workspace, "SELECT uuid FROM decisions")}
        size = batch or chance.choice(BATCHES)
        many = count or size * TRANSACTIONS
        ended, recording = killing.record(workspace, workspace, first, many, size, code=DECIDE)
        assert ended.code == 0, ended.words
        moment = chance.randint(len(recording.events) // 10, len(recording.events))
        state = chance.choice(list(states(recording, [moment])))
        shutil.rmtree(workspace)
        state.write(workspace)
        acknowledged = recording.said(moment)
        done = inside("verify", "--workspace", workspace)
        found = [str(uuid) for (uuid,) in rows(workspace, "SELECT uuid FROM decisions")]
        there = set(found)
        tally.cuts += 1
        tally.acknowledged += len(acknowledged)
        tally.lost += [uuid for uuid in (*before, *acknowledged) if uuid not in there]
        tally.doubled += len(found) - len(there)
        tally.findings += [] if done.returncode == 0 else [f"{state.how}: {line}" for line in done.stdout.splitlines()]
        first += many
    return tally
