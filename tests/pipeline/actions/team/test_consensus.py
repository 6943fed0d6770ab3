"""Dawid and Skene's estimates as the workspace's rule: fitted here, kept in the rule, used at each key."""

from __future__ import annotations

import numpy as np
import pytest

from db.decisions.log import apply_ops, verify_chain
from db.store.store import Store
from db.tables.consensus_rules import DAWID_SKENE, MAJORITY, ConsensusRule, current_rule
from pipeline.actions.team import consensus
from pipeline.core.errors import UsageError
from tests.db.make import add_images, decide

RULE = ConsensusRule(DAWID_SKENE, 2, 0.9)
ANN, BOB = "Ann", "Bob"


def label(store: Store, who: str, faces: list[str], labels: list[int]) -> None:
    store.write(lambda db: apply_ops(db, who, [decide(db, f, class_id=n) for f, n in zip(faces, labels, strict=True)]))


def counts_now(store: Store) -> list[tuple[int | None, str]]:
    sql = "SELECT class_id, waiting FROM face_state ORDER BY seq"
    return store.read(lambda db: db.execute(sql).fetchall())


@pytest.fixture
def faces(store: Store) -> list[str]:
    """40 faces, smiles and pouts in turn; Ann and Cy say so, Bob says the one for the other on three of four."""
    found = add_images(store, [f"p{n}" for n in range(40)])
    truth = [1 + n % 2 for n in range(40)]
    label(store, ANN, found, truth)
    label(store, "Cy", found, truth)
    label(store, BOB, found, [one if n % 8 < 2 else 3 - one for n, one in enumerate(truth)])
    return found


def test_the_fit_is_kept_in_the_rule_and_says_who_is_reliable(store: Store, faces: list[str]) -> None:
    told = consensus.preview_rule(store, RULE)
    assert store.read(current_rule) == ConsensusRule()
    consensus.set_rule(store, told.rule, "Lee")
    rule = store.read(current_rule)
    assert (rule, rule.model and rule.model.labels) == (told.rule, ("accept:1", "accept:2"))
    assert rule.model is not None
    matrices = {name: np.array(rows) for name, rows in rule.model.confusion.items()}
    assert set(matrices) == {ANN, BOB, "Cy", ""}
    assert matrices[ANN].diagonal().min() > 0.95
    assert matrices[BOB].diagonal().max() < 0.3
    assert all(np.allclose(rows.sum(axis=1), 1) for rows in matrices.values())
    assert [n for n, _ in counts_now(store)[-40:]] == [1 + n % 2 for n in range(40)]
    assert store.read(verify_chain) == []


def test_the_fit_decides_at_a_key_press_and_is_the_same_each_time(store: Store, faces: list[str]) -> None:
    consensus.set_rule(store, RULE, "Lee")
    first = store.read(current_rule)
    (new,) = add_images(store, ["new"])
    label(store, ANN, [new], [1])
    assert counts_now(store)[-1] == (None, "quorum")
    label(store, BOB, [new], [2])  # who mostly means the other
    assert counts_now(store)[-1] == (1, "")
    consensus.undo_rule(store, "Lee")
    assert counts_now(store)[-1] == (2, "")
    again = consensus.fitted(store, RULE)
    assert again == consensus.fitted(store, RULE) != first


def test_a_fit_to_the_answers_of_today_is_a_step_of_its_own(store: Store, faces: list[str]) -> None:
    with pytest.raises(UsageError):
        consensus.refit(store, "Lee")
    consensus.set_rule(store, RULE, "Lee")
    old = store.read(current_rule)
    (new,) = add_images(store, ["new"])
    label(store, "Dee", [new], [3])
    consensus.refit(store, "Lee")
    assert store.read(current_rule).model != old.model
    assert consensus.undo_rule(store, "Lee") == old


def test_there_is_nothing_to_fit_to(store: Store) -> None:
    with pytest.raises(UsageError):
        consensus.preview_rule(store, RULE)
    assert consensus.preview_rule(store, ConsensusRule(MAJORITY)).moves == {}
