"""How long the large steps of a team hold the one writer: CPU of its thread, the commit's own work not among it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from db.decisions import rules
from db.projection import columns
from db.store.store import Db, Store
from db.tables.consensus_rules import ConsensusRule
from db.team import second_opinions
from db.team.second_opinions import Setting
from pipeline.actions.team import consensus
from tests.bench.review.table import Line

AIM_MS = 100.0
RULE = "bench: all but the sharpest"
QUORUM = ConsensusRule("majority", 3)
"""Which takes what counts from every face that has fewer answers."""


def measure(root: Path) -> Iterator[Line]:
    """One line a step. root: a workspace whose faces have answers, which is changed."""
    with Store.open(root) as store:
        faces = store.read(lambda db: db.execute("SELECT count(*) FROM face_state").fetchone()[0])
        nothing = _hold_ms(store, lambda db: None)
        steps: dict[str, Callable[[], Callable[[Db], object]]] = {
            "second opinions for every undecided face": lambda: (
                lambda db: second_opinions.set_share(db, Setting(share=1.0), "Lee")
            ),
            "second opinions given up": lambda: lambda db: second_opinions.set_share(db, Setting(), "Lee"),
            "a rule of Quality, its first part": lambda: lambda db: _quality_rule(db),
            "a rule of Quality, its next part": lambda: rules.apply_active_rules,
            "a rule of Quality taken back, its first part": lambda: lambda db: rules.switch_off(db, RULE, "Lee"),
        }
        for words, change in (("another consensus rule", _rule), ("the change taken back", _rule_back)):
            yield from _in_parts(store, f"{words}, {faces:,} faces", change, nothing)
        for words, prepared in steps.items():
            yield Line(
                f"{words}, {faces:,} faces", _hold_ms(store, prepared()), "ms", AIM_MS, nothing, "an empty write"
            )


def _rule(store: Store) -> None:
    consensus.set_rule(store, QUORUM, "Lee")


def _rule_back(store: Store) -> None:
    consensus.undo_rule(store, "Lee")


def _in_parts(store: Store, words: str, change: Callable[[Store], None], nothing: float) -> Iterator[Line]:
    """The longest write of a change that makes many, and the CPU of all of it."""
    held: list[float] = []
    write = store.write

    def timed(work: Callable[[Db], object]) -> object:
        told: list[object] = []
        held.append(_hold_ms_by(write, lambda db: told.append(work(db))))
        return told[0]

    store.write = timed  # type: ignore[method-assign, assignment]
    wall, cpu = time.perf_counter(), time.process_time()
    change(store)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    del store.write
    yield Line(f"{words}: the longest of {len(held)} writes", max(held), "ms", AIM_MS, nothing, "an empty write")
    yield Line("  all of it, CPU", 1000 * cpu, "ms")
    yield Line("  the same by the wall", 1000 * wall, "ms")


def _quality_rule(db: Db) -> int:
    rules.save_rule(db, RULE, (("sharpness", 1e6, None),), "blurred", "Lee")
    return rules.switch_on(db, RULE, "Lee")


def _hold_ms(store: Store, work: Callable[[Db], object]) -> float:
    return _hold_ms_by(store.write, work)


def _hold_ms_by(write: Callable[[Callable[[Db], float]], float], work: Callable[[Db], object]) -> float:
    """What `work` and the compaction before its commit take."""

    def timed(db: Db) -> float:
        start = time.thread_time()
        work(db)
        columns.maybe_compact(db)
        return 1000 * (time.thread_time() - start)

    return write(timed)
