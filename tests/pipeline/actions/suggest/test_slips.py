"""Possible slips among labels, with what a training knows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from db.decisions.log import apply_ops
from db.store.store import Db, Store
from db.suggest import slips as stored
from db.suggest.comparison import Share, compare
from db.suggest.slips import Labelled
from pipeline.actions.suggest.slips import find_slips, update_slips
from pipeline.actions.suggest.train import train
from tests.db.fresh import open_fresh
from tests.db.make import add_images, decide
from tests.pipeline.actions.suggest.mouths import add_mouths, describe, own_classes
from tests.pipeline.actions.suggest.mouths import label as label_all

CLASSES = (1, 3)


def faces(n: int, *, wrong: int) -> list[Labelled]:
    """n faces, of class 1 and 3 in turns; the label of one is wrong."""
    return [
        Labelled(10 + row, f"{row:032x}", CLASSES[(row + (row == wrong)) % 2], {}) for row in range(n)
    ]  # fmt: skip


def arrays(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Of n faces whose class the looks tell: seqs, probabilities, looks (far apart by class), groups."""
    kind = np.arange(n) % 2
    probabilities = np.where(kind[:, None] == np.arange(2), 0.9, 0.1)
    looks = np.stack([10.0 * kind + (np.arange(n) / n) ** 2, np.zeros(n)], axis=1)
    return 10 + np.arange(n), probabilities, looks, np.arange(n)


def test_a_slip_with_its_examples_of_each_class() -> None:
    seqs, probabilities, looks, groups = arrays(20)
    groups[6] = groups[4]  # a near copy of the slip shows nothing about it
    (found,) = find_slips(faces(20, wrong=4), seqs, CLASSES, probabilities, looks, groups)
    assert (found.face_id, found.class_id, found.suggested, found.others) == (f"{4:032x}", 3, 1, 0)
    assert (found.probability, found.suggested_probability) == pytest.approx((0.1, 0.9))
    near = {class_id: [int(face, 16) for face in ids] for class_id, ids in found.examples.items()}
    assert near[1][:3] == [2, 0, 8]  # by distance; without itself and its copy
    assert all(row % 2 == 1 for row in near[3])


def test_the_order_of_what_the_training_saw_does_not_matter() -> None:
    given = arrays(20)
    shuffled = np.random.default_rng(0).permutation(20)
    mixed = [values[shuffled] for values in given]
    doubted = faces(20, wrong=4)
    seqs, probabilities, looks, groups = given
    expected = find_slips(doubted, seqs, CLASSES, probabilities, looks, groups)
    assert find_slips(doubted, mixed[0], CLASSES, mixed[1], mixed[2], mixed[3]) == expected


def test_what_was_kept_takes_no_place_in_the_queue() -> None:
    doubted = faces(20, wrong=4)
    doubted[4] = replace(doubted[4], kept=True)
    seqs, probabilities, looks, groups = arrays(20)
    assert find_slips(doubted, seqs, CLASSES, probabilities, looks, groups) == []


def test_labels_that_the_training_did_not_see_count_by_witnesses_alone() -> None:
    seqs, probabilities, looks, groups = arrays(4)
    late = Labelled(99, "f" * 32, 3, {1: 1})
    gone = Labelled(98, "e" * 32, 3, {})
    (found,) = find_slips([*faces(4, wrong=-1), gone, late], seqs, CLASSES, probabilities, looks, groups)
    assert (found.face_id, found.suggested, found.others, found.examples) == (late.face_id, 1, 1, {})


def test_classes_that_the_training_did_not_know_are_left_out() -> None:
    seqs, probabilities, looks, groups = arrays(4)
    other = Labelled(11, "f" * 32, 7, {1: 2})
    assert find_slips([other], seqs, CLASSES, probabilities, looks, groups) == []


def test_nothing_trained_yet() -> None:
    empty = np.zeros(0, np.int64)
    doubted = [Labelled(1, "a" * 32, 3, {1: 1}), Labelled(2, "b" * 32, 1, {})]
    found = find_slips(doubted, empty, CLASSES, np.zeros((0, 2)), np.zeros((0, 5)), empty)
    assert [one.face_id for one in found] == ["a" * 32]


def test_what_is_found_is_what_the_page_gets(tmp_path: Path) -> None:
    with open_fresh(tmp_path) as store:
        ids = add_images(store, [f"p{n}" for n in range(8)])
        for row, face in enumerate(ids):
            label(store, face, CLASSES[(row + (row == 2)) % 2])
        (first,) = store.read(lambda db: db.execute("SELECT min(seq) FROM faces").fetchone())
        seqs, probabilities, looks, groups = arrays(8)
        assert update_slips(store, seqs - 10 + first, CLASSES, probabilities, looks, groups) == 1
        (item,) = store.read(lambda db: stored.batch(db, "Ann", 10)).items
        assert (item.face_id, item.class_id, item.suggested) == (ids[2], 3, 1)
        assert [one.face_id for one in item.examples[1]] == [ids[0], ids[4], ids[6]]


def label(store: Store, face: str, class_id: int) -> None:
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face, class_id=class_id)]))


def test_a_training_finds_planted_slips_and_says_what_it_held_out(tmp_path: Path) -> None:
    """Wide and narrow mouths, two labels of sixty the wrong way round; two right ones are gold."""
    with open_fresh(tmp_path) as store:
        ids = add_mouths(store, 60)
        label_all(store, ids, 3, 1)
        for face in (ids[10], ids[31]):  # a wide one and a narrow one
            label(store, face, 1 if face == ids[10] else 3)

        def make_gold(db: Db) -> None:
            for face, class_id in ((ids[0], 3), (ids[1], 1)):
                db.execute("INSERT INTO gold VALUES (?, 'accept', ?, NULL, 'Ann', '2026')", [face, class_id])

        store.write(make_gold)
        train(store)
        found = store.read(lambda db: stored.batch(db, "Ann", 10))
        assert {one.face_id for one in found.items[:2]} == {ids[10], ids[31]}
        assert [(one.class_id, one.suggested) for one in found.items if one.face_id == ids[10]] == [(1, 3)]
        wide = {face for at, face in enumerate(ids) if at % 2 == 0} - {ids[0]}
        (first,) = (one for one in found.items if one.face_id == ids[10])
        assert {one.face_id for one in first.examples[3]} <= wide - {ids[10]}
        assert len(first.examples[3]) == 3
        (own,) = store.read(lambda db: compare(db, "moue"))
        assert (own.gold, own.covered) == (Share(2, 2), 60)


def test_a_slip_on_a_page_that_was_confirmed_unseen_is_found(tmp_path: Path) -> None:
    """It is no lesson for the model, which has therefore never seen its label."""
    with open_fresh(tmp_path) as store:
        ids = add_mouths(store, 64)
        label_all(store, ids[:60], 3, 1)
        train(store)
        context = {"confirmed": {"suggester": "moue", "version": 1, "probability": 0.97}}

        def confirm(db: Db) -> None:
            wide, narrow = ids[60], ids[61]
            ops = [replace(decide(db, face, class_id=3), context=context) for face in (wide, narrow)]
            assert [one.status for one in apply_ops(db, "Ann", ops)] == ["saved", "saved"]

        store.write(confirm)
        assert train(store).labels == 60
        found = store.read(lambda db: stored.batch(db, "Ann", 10)).items
        assert [(one.face_id, one.class_id, one.suggested) for one in found[:1]] == [(ids[61], 3, 1)]
        assert len(found[0].examples[1]) == 3
        assert ids[60] not in {one.face_id for one in found}


def test_a_slip_is_found_by_what_crops_look_like_where_geometry_knows_nothing(tmp_path: Path) -> None:
    """Two classes of one's own, wide and narrow mouths in both, and too few labels for a model that looks at crops."""
    with open_fresh(tmp_path) as store:
        ids = add_mouths(store, 82)
        kinds, classes = np.arange(82) // 2 % 2, own_classes(store, 2)
        describe(store, ids, kinds, told=20)
        for at, face in enumerate(ids[:80]):
            label(store, face, classes[kinds[at] if at != 21 else 1 - kinds[at]])
        train(store)
        context = {"confirmed": {"suggester": "moue", "version": 1, "probability": 0.97}}

        def confirm(db: Db) -> None:  # the wrong class, by a page
            op = replace(decide(db, ids[81], class_id=classes[1 - kinds[81]]), context=context)
            assert [one.status for one in apply_ops(db, "Ann", [op])] == ["saved"]

        store.write(confirm)
        assert train(store).labels == 80
        first = store.read(lambda db: stored.batch(db, "Ann", 10)).items[:2]
        assert {one.face_id for one in first} == {ids[21], ids[81]}
        assert all(one.suggested_probability > 0.8 for one in first)
