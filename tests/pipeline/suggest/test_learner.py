"""The learner against scikit-learn's own answers, and what it must hold with few labels or few classes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from pipeline.suggest import crossval, learned, learner, scores
from pipeline.suggest.learned import Learned
from tests.examples import examples

CLASSES = (3, 5, 9)


def made(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, the rule's probabilities (wrong for a third) and labels of n faces."""
    rng = np.random.default_rng(seed)
    places = rng.integers(0, 3, n)
    features = rng.normal(size=(n, 7))
    features[:, :3] += 2.5 * np.eye(3)[places]
    rule = np.eye(3)[np.where(rng.random(n) < 0.67, places, (places + 1) % 3)] * 0.7 + 0.1
    return features, rule, np.array(CLASSES)[places]


@pytest.mark.parametrize("kinds", [CLASSES, CLASSES[:2]])
def test_the_regression_is_scikit_learn_s(kinds: tuple[int, ...]) -> None:
    features, rule, labels = made(200)
    inside = np.isin(labels, kinds)
    features, rule, labels = features[inside], rule[inside][:, : len(kinds)], labels[inside]
    rule = rule / rule.sum(1, keepdims=True)
    model = learner.fit(features, rule, labels, kinds)
    inputs = np.hstack([features, np.log(np.maximum(rule, learned.FLOOR))])
    inputs = (inputs - inputs.mean(0)) / inputs.std(0)
    theirs = LogisticRegression(C=learner.STRENGTH, max_iter=1000).fit(inputs, labels).predict_proba(inputs)
    n = len(labels)
    wanted = (n * theirs + 30 * rule) / (n + 30)
    assert model.probabilities(features, rule) == pytest.approx(wanted, abs=1e-9)


def test_labels_of_one_class_leave_the_rule_alone() -> None:
    features, rule, _ = made(20)
    model = learner.fit(features, rule, np.full(20, 5), CLASSES)
    assert model.probabilities(features, rule) == pytest.approx(rule)
    nobody = learner.fit(features[:0], rule[:0], np.zeros(0, np.int64), CLASSES)
    assert nobody.probabilities(features, rule) == pytest.approx(rule)


def test_a_class_without_labels_has_what_the_rule_gives_it() -> None:
    features, rule, labels = made(200)
    kept = labels != 9
    model = learner.fit(features[kept], rule[kept], labels[kept], CLASSES)
    told = model.probabilities(features, rule)
    assert np.isfinite(told).all()
    assert told[:, 2] == pytest.approx(rule[:, 2] * (1 - model.weight))
    assert told.sum(1) == pytest.approx(1)


def test_the_rule_does_not_speak_against_classes_that_it_does_not_know() -> None:
    """Half of the labels are of a class that the rule never suggests: it weighs half as much."""
    features, _, labels = made(60)
    inside = np.flatnonzero(labels != 9)
    rule = np.tile([0.9, 0.0, 0.1], (60, 1))
    model = learner.fit(features[inside], rule[inside], labels[inside], CLASSES)
    n = len(inside)
    known = (labels[inside] == 3).mean()
    assert model.weight == pytest.approx(1 - known * 30 / (n + 30))


def test_the_same_labels_give_the_same_classifier() -> None:
    features, rule, labels = made(120)
    groups = np.arange(120) // 2
    one, told = crossval.fit_calibrated(features, rule, labels, groups, CLASSES)
    other, again = crossval.fit_calibrated(features, rule, labels, groups, CLASSES)
    assert one == other
    assert (told == again).all()


@pytest.mark.parametrize("share", [0.5, 0.05])
def test_it_is_calibrated_also_where_a_class_is_rare(share: float) -> None:
    """Two classes that overlap; the rule is far too sure. Told on faces that were not learned from."""
    told, right = [], []
    for seed in range(10):
        drawn = np.random.default_rng(seed)
        labels = (drawn.random(1200) < share).astype(np.int64)
        seen = drawn.normal(size=(1200, 7)) + labels[:, None] * 0.6
        sure = np.clip((seen[:, 0] > 0.3) + drawn.normal(0, 0.02, 1200), 0.01, 0.99)
        rule = np.stack([1 - sure, sure], axis=1)
        model, _ = crossval.fit_calibrated(seen[:200], rule[:200], labels[:200], np.arange(200), (0, 1))
        told.append(model.probabilities(seen[200:], rule[200:]))
        right.append(told[-1].argmax(1) == labels[200:])
    assert np.mean([scores.ece(one, two) for one, two in zip(told, right, strict=True)]) <= 0.05


def test_without_a_rule_the_regression_speaks_alone() -> None:
    features, _, labels = made(60)
    nothing = np.zeros((60, 3))
    told = learner.fit(features, nothing, labels, CLASSES).probabilities(features, nothing)
    assert told.sum(1) == pytest.approx(1)
    assert (np.array(CLASSES)[told.argmax(1)] == labels).mean() > 0.9


def test_it_survives_as_json() -> None:
    features, rule, labels = made(90)
    kept = labels != 9
    model, _ = crossval.fit_calibrated(features[kept], rule[kept], labels[kept], np.arange(kept.sum()), CLASSES)
    again = Learned.from_json(model.to_json())
    assert again == model
    assert (again.probabilities(features, rule) == model.probabilities(features, rule)).all()
    for text in ("{}", "[1]", "null", '{"classes": [1]}'):
        with pytest.raises(ValueError, match="not a learned classifier"):
            Learned.from_json(text)


def test_twenty_classes_of_which_some_have_one_face() -> None:
    rng = np.random.default_rng(1)
    labels = np.concatenate([rng.integers(1, 15, 200), np.arange(15, 21)])
    features = rng.normal(size=(len(labels), 7)) + labels[:, None] / 4
    rule = np.zeros((len(labels), 20))
    model, told = crossval.fit_calibrated(features, rule, labels, np.arange(len(labels)), range(1, 21))
    assert told.shape == (206, 20)
    assert model.probabilities(features, rule).sum(1) == pytest.approx(1)


def test_temperature_mends_what_is_too_sure() -> None:
    rng = np.random.default_rng(2)
    right = rng.random(4000) < 0.7
    told = np.where(right[:, None], [0.99, 0.01], [0.01, 0.99])
    temperature = learner.fit_temperature(told, np.zeros(4000, np.int64))
    mended = learned.with_temperature(told, temperature)
    assert mended.max(1).mean() == pytest.approx(0.7, abs=0.06)
    assert learner.fit_temperature(np.zeros((3, 2)), np.zeros(3, np.int64)) == 1


def test_no_group_is_on_both_sides() -> None:
    features, rule, labels = made(120)
    groups = np.arange(120) // 6
    seen = np.zeros(120, int)
    for train, test in crossval.folds(labels, groups):
        assert not set(groups[train]) & set(groups[test])
        seen[test] += 1
    assert (seen == 1).all()
    assert crossval.folds(labels, np.zeros(120, int)) == []
    assert crossval.out_of_fold(features, rule, labels, [], CLASSES) == pytest.approx(rule)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.tuples(st.integers(1, 20), st.integers(0, 12)), min_size=2, max_size=200))
def test_parts_are_the_same_again_and_hold_each_face_once(faces: list[tuple[int, int]]) -> None:
    labels, groups = (np.array(one, np.int64) for one in zip(*faces, strict=True))
    parts = crossval.folds(labels, groups)
    again = crossval.folds(labels, groups)
    assert [(a.tolist(), b.tolist()) for a, b in parts] == [(a.tolist(), b.tolist()) for a, b in again]
    tested = [place for _, test in parts for place in test.tolist()]
    assert len(tested) == len(set(tested))
    for train, test in parts:
        assert sorted([*train.tolist(), *test.tolist()]) == list(range(len(faces)))
        assert not {faces[at][1] for at in train} & {faces[at][1] for at in test}
        assert len({faces[at][0] for at in train}) > 1


def test_each_part_has_its_share_of_each_class_and_size() -> None:
    rng = np.random.default_rng(1)
    labels = np.repeat(np.array([1, 2, 3], np.int64), (100, 40, 10))[rng.permutation(150)]
    for _, test in crossval.folds(labels, np.arange(150)):
        assert np.abs(np.bincount(labels[test], minlength=4) - [0, 20, 8, 2]).max() <= 1
    sizes = rng.integers(1, 9, 200)
    groups = np.repeat(np.arange(200), sizes)
    shares = [len(test) / len(groups) for _, test in crossval.folds(np.repeat(rng.integers(0, 3, 200), sizes), groups)]
    assert len(shares) == 5
    assert max(abs(one - 0.2) for one in shares) < 0.03


def test_a_face_s_own_label_does_not_reach_its_out_of_fold_probabilities() -> None:
    """Labels at random: trained on themselves they would look learned, out of fold they look like chance."""
    rng = np.random.default_rng(3)
    features, labels = rng.normal(size=(60, 40)), rng.integers(0, 2, 60)
    twins = np.repeat(features, 2, axis=0), np.zeros((120, 2)), np.repeat(labels, 2)
    told = crossval.out_of_fold(*twins, crossval.folds(twins[2], np.repeat(np.arange(60), 2)), (0, 1))
    assert 0.3 < (told.argmax(1) == twins[2]).mean() < 0.7
    leaky = crossval.out_of_fold(*twins, crossval.folds(twins[2], np.arange(120)), (0, 1))
    assert (leaky.argmax(1) == twins[2]).mean() > 0.8  # what grouping is for
