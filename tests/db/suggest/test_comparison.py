"""Suggesters side by side, on faces whose answer is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from db.decisions.log import apply_ops
from db.store.store import Db, Store
from db.suggest.comparison import Share, Suggester, compare, store_held_out
from db.suggest.outside import add_predictions
from tests.db.make import add_images, decide

NONE, POUT, SMILE = 1, 2, 3
AT = "2026-01-31T09:05:07.123Z"


@pytest.fixture
def answered(store: Store) -> list[int]:
    """Six faces: two gold (smile, none), three drawn at random of which two are labelled smile, one that is neither."""
    ids = add_images(store, ["a", "b", "c", "d", "e", "f"])

    def work(db: Db) -> None:
        labels = (SMILE, NONE, SMILE, SMILE)
        apply_ops(db, "Ann", [decide(db, ids[at], class_id=label) for at, label in enumerate(labels)])
        apply_ops(db, "Ann", [decide(db, ids[5], class_id=POUT)])
        for face, label in ((ids[0], SMILE), (ids[1], NONE)):
            db.execute("INSERT INTO gold VALUES (?, 'accept', ?, NULL, 'Ann', ?)", [face, label, AT])
        for face in ids[2:5]:
            db.execute("INSERT INTO random_draws VALUES (?, ?, 'Ann', NULL, NULL, NULL)", [face, AT])

    store.write(work)
    return list(range(1, 7))


def compared(store: Store, in_force: str = "moue") -> dict[str, Suggester]:
    return {one.name: one for one in store.read(lambda db: compare(db, in_force))}


def outside(store: Store, name: str, said: dict[int, int]) -> None:
    given = {seq: {class_id: 0.9} for seq, class_id in said.items()}
    store.write(lambda db: add_predictions(db, name, "1", given, "Ann"))


def learned(store: Store, held_out: dict[int, int]) -> None:
    sql = """INSERT INTO suggestion_models (name, version, kind, made_at, classes, features, head, n_labels, parameters,
      report, ready) VALUES ('moue', 1, 'learned', ?, '[1, 2, 3]', '[]', '', 5, '{}', '{}', 1)"""

    def work(db: Db) -> None:
        model = db.execute(sql, [AT]).lastrowid
        assert model is not None
        rows = np.zeros((2048, 3), "<u2")
        rows[1:7, 2] = 65535  # it says smile of all six, having seen their labels
        db.execute("INSERT INTO suggestion_blocks VALUES (?, 0, ?)", [model, rows.tobytes()])
        seqs = np.array(list(held_out), np.int64)
        probabilities = np.array([np.eye(3)[held_out[seq] - 1] for seq in held_out])
        store_held_out(db, model, seqs, [NONE, POUT, SMILE], probabilities)

    store.write(work)


@pytest.mark.usefixtures("answered")
def test_right_on_gold_and_on_random_draws_apart(store: Store) -> None:
    outside(store, "resnet", {1: SMILE, 2: SMILE, 3: SMILE, 4: NONE, 5: SMILE, 6: POUT})
    outside(store, "vit", {1: SMILE})
    found = compared(store, "resnet")
    assert (found["resnet"].gold, found["resnet"].drawn) == (Share(1, 2), Share(1, 2))
    assert (found["resnet"].covered, found["vit"].covered) == (6, 1)
    assert (found["vit"].gold, found["vit"].drawn) == (Share(1, 1), Share(0, 0))
    assert found["resnet"].in_force
    assert not found["vit"].in_force
    assert found["vit"].told_version == "1"


@pytest.mark.usefixtures("answered")
def test_against_the_one_in_force_on_what_both_tell_of(store: Store) -> None:
    outside(store, "resnet", {1: SMILE, 2: SMILE, 3: SMILE})
    outside(store, "vit", {1: NONE, 2: NONE, 4: SMILE})
    one = compared(store, "resnet")["vit"]
    assert (one.both, one.only_this, one.only_other) == (2, 1, 1)
    assert compared(store, "nobody")["vit"].both == 0


@pytest.mark.usefixtures("answered")
def test_a_learned_model_is_judged_by_what_it_said_without_the_label(store: Store) -> None:
    learned(store, {1: NONE, 2: NONE, 3: SMILE, 6: POUT})
    found = compared(store)["moue"]
    assert (found.gold, found.drawn) == (Share(1, 2), Share(1, 1))
    assert found.covered == 6
    kept = store.read(lambda db: db.execute("SELECT count(*) FROM held_out").fetchone())
    assert kept == (3,), "of what is neither gold nor drawn nothing is kept"
    learned_again = {1: SMILE}
    store.write(lambda db: db.execute("UPDATE suggestion_models SET version = 2"))
    learned(store, learned_again)
    assert store.read(lambda db: db.execute("SELECT count(*) FROM held_out").fetchone()) == (1,)


@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize(
    "context", [{"confirmed": {"suggester": "resnet", "version": 1, "probability": 0.9}}, {"off_screen": True}]
)
def test_what_a_page_confirmed_or_nobody_saw_is_no_known_answer(store: Store, context: dict[str, Any]) -> None:
    outside(store, "resnet", {3: SMILE, 4: SMILE})
    assert compared(store)["resnet"].drawn == Share(2, 2)

    def confirm(db: Db) -> None:
        (face,) = db.execute("SELECT id FROM faces WHERE seq = 4").fetchone()
        (done,) = apply_ops(db, "Ann", [replace(decide(db, face, class_id=SMILE), context=context)])
        assert done.status == "saved"

    store.write(confirm)
    assert compared(store)["resnet"].drawn == Share(1, 1)


def test_nothing_is_known_yet(store: Store) -> None:
    assert compared(store) == {}
    add_images(store, ["a"])
    outside(store, "resnet", {1: SMILE})
    one = compared(store)["resnet"]
    assert (one.gold, one.drawn, one.gold.interval) == (Share(0, 0), Share(0, 0), (0.0, 1.0))
