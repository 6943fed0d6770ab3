"""How long the large steps of a team hold the one writer: CPU of its thread, the commit's own work not among it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from db.decisions import consensus, rules
from db.projection import columns
from db.store.store import Db, Store
from db.tables.consensus_rules import ConsensusRule
from db.team import second_opinions
from db.team.second_opinions import Setting
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
            "another consensus rule": lambda: _rule(store),
            "the change taken back": lambda: _rule_back(store),
            "second opinions for every undecided face": lambda: (
                lambda db: second_opinions.set_share(db, Setting(share=1.0), "Lee")
            ),
            "second opinions given up": lambda: lambda db: second_opinions.set_share(db, Setting(), "Lee"),
            "a rule of Quality, its first part": lambda: lambda db: _quality_rule(db),
            "a rule of Quality, its next part": lambda: rules.apply_active_rules,
            "a rule of Quality taken back, its first part": lambda: lambda db: rules.switch_off(db, RULE, "Lee"),
        }
        for words, prepared in steps.items():
            yield Line(
                f"{words}, {faces:,} faces", _hold_ms(store, prepared()), "ms", AIM_MS, nothing, "an empty write"
            )


def _rule(store: Store) -> Callable[[Db], object]:
    prepared = store.read(lambda db: consensus.prepare(db, QUORUM))
    return lambda db: consensus.set_rule(db, QUORUM, "Lee", prepared)


def _rule_back(store: Store) -> Callable[[Db], object]:
    prepared = store.read(consensus.prepare_undo)
    return lambda db: consensus.undo_rule(db, "Lee", prepared)


def _quality_rule(db: Db) -> int:
    rules.save_rule(db, RULE, (("sharpness", 1e6, None),), "blurred", "Lee")
    return rules.switch_on(db, RULE, "Lee")


def _hold_ms(store: Store, work: Callable[[Db], object]) -> float:
    """What `work` and the compaction before its commit take."""

    def timed(db: Db) -> float:
        start = time.thread_time()
        work(db)
        columns.maybe_compact(db)
        return 1000 * (time.thread_time() - start)

    return store.write(timed)
