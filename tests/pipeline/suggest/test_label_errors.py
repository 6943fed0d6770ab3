"""Possible slips: the published method, and what others said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from pipeline.suggest import label_errors
from pipeline.suggest.label_errors import Floats, Numbers

PROBABILITIES = np.array([
    [.9, .05, .05], [.8, .1, .1], [.2, .7, .1], [.6, .3, .1], [.1, .85, .05], [.2, .6, .2],
    [.75, .15, .1], [.05, .9, .05], [.1, .2, .7], [.1, .1, .8], [.05, .8, .15], [.3, .3, .4],
])  # fmt: skip
LABELS = np.repeat(np.arange(3), 4)


def planted(seed: int) -> tuple[Numbers, Numbers, Floats]:
    """600 made faces of four classes, 5 % of their labels wrong: true classes, labels, out-of-fold probabilities."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(4, 600, p=[0.4, 0.3, 0.2, 0.1])
    features = np.random.default_rng(5).normal(size=(4, 7))[truth] + rng.normal(size=(600, 7))
    labels = truth.copy()
    slips = rng.choice(600, 30, replace=False)
    labels[slips] = (labels[slips] + rng.integers(1, 4, 30)) % 4
    model = LogisticRegression(max_iter=500)
    return truth, labels, cross_val_predict(model, features, labels, cv=5, method="predict_proba")


def test_thresholds_and_margins_are_those_of_cleanlab() -> None:
    """The numbers come from cleanlab 2.9.0: get_confident_thresholds, get_label_quality_scores("normalized_margin"),
    and the off-diagonal indices of compute_confident_joint."""
    known = np.ones(12, bool)
    assert label_errors.thresholds(LABELS, PROBABILITIES, known) == pytest.approx([0.625, 0.625, 0.5125])
    found = label_errors.ranked(LABELS, PROBABILITIES)
    quality = [0.925, 0.85, 0.25, 0.65, 0.875, 0.7, 0.2, 0.925, 0.75, 0.85, 0.175, 0.55]
    assert (found.margin + 1) / 2 == pytest.approx(quality)
    assert found.order.tolist() == [10, 6, 2]
    assert found.suggested[[10, 6, 2]].tolist() == [1, 0, 1]


def test_of_planted_slips_most_come_first() -> None:
    shares = []
    for seed in range(10):
        truth, labels, probabilities = planted(seed)
        first = label_errors.ranked(labels, probabilities).order[:60]
        shares.append((truth[first] != labels[first]).sum() / 30)
    assert np.mean(shares) >= 0.8


def test_a_suggestion_for_a_planted_slip_is_mostly_the_true_class() -> None:
    truth, labels, probabilities = planted(0)
    found = label_errors.ranked(labels, probabilities)
    slips = [at for at in found.order[:60] if truth[at] != labels[at]]
    assert np.mean(found.suggested[slips] == truth[slips]) >= 0.8


def test_who_says_otherwise_brings_a_face_forward_and_who_agrees_puts_it_back() -> None:
    before = label_errors.ranked(LABELS, PROBABILITIES)
    witnesses = np.zeros((12, 3))
    witnesses[11, 0] = 2  # two others, against a label that the model finds likeliest by little
    witnesses[10, 2] = 2  # two others agree with the label that the model doubts most
    found = label_errors.ranked(LABELS, PROBABILITIES, witnesses)
    assert 11 not in before.order
    assert (found.order[0], found.suggested[11]) == (11, 0)
    assert found.margin[10] > before.margin[10]
    assert np.array_equal(np.delete(found.margin, [10, 11]), np.delete(before.margin, [10, 11]))


def test_where_the_model_knows_nothing_a_witness_alone_counts() -> None:
    nothing = np.zeros((3, 2))
    witnesses = np.array([[0.0, 1.0], [0.0, 0.0], [1.0, 0.0]])
    found = label_errors.ranked(np.zeros(3, np.int64), nothing, witnesses)
    assert found.order.tolist() == [0]
    assert np.isnan(found.margin).tolist() == [False, True, False]
    assert found.margin[0] == pytest.approx(0.1 - 0.9)


def test_nothing_to_rank() -> None:
    assert label_errors.ranked(np.zeros(0, np.int64), np.zeros((0, 4))).order.tolist() == []
    assert label_errors.ranked(np.zeros(2, np.int64), np.ones((2, 1))).order.tolist() == []
    with pytest.raises(ValueError, match="labels"):
        label_errors.ranked(np.array([0, 4]), np.ones((2, 4)) / 4)


def test_weights_of_opinions_are_those_of_an_even_search() -> None:
    """The likeliest of 61 x 61 pairs of weights, 0 to 6, tried one by one."""
    drawn = np.random.default_rng(3)
    labels = drawn.integers(0, 3, 90)
    sound, weak = (
        np.array([np.random.default_rng(at).dirichlet(1 + strong * np.eye(3)[one]) for at, one in enumerate(labels)])
        for strong in (4.0, 2.0)
    )
    opinions = np.stack([sound, weak])
    best = max(
        ((a / 10, b / 10) for a in range(61) for b in range(61)),
        key=lambda pair: sum(
            np.log(row[label] / row.sum())
            for row, label in zip(sound ** pair[0] * weak ** pair[1], labels, strict=True)
        ),
    )
    assert label_errors.pool_weights(opinions, labels) == pytest.approx(best, abs=0.06)


def test_opinions_are_joined_by_their_weighted_geometric_mean() -> None:
    opinions = np.array([[[0.5, 0.5], [0.9, 0.1]], [[0.8, 0.2], [0.0, 0.0]]])
    found = label_errors.pooled(opinions, np.array([1.0, 0.5]))
    a, b = 0.5 * 0.8**0.5, 0.5 * 0.2**0.5
    assert found[0] == pytest.approx([a / (a + b), b / (a + b)])
    assert found[1].tolist() == [0.9, 0.1]  # the second knows nothing of it


def test_few_labels_leave_opinions_even() -> None:
    opinions = np.full((2, 59, 2), 0.5)
    assert label_errors.pool_weights(opinions, np.zeros(59, np.int64)).tolist() == [0.5, 0.5]
    unknown = np.concatenate([opinions, np.zeros((2, 40, 2))], axis=1)
    assert label_errors.pool_weights(unknown, np.zeros(99, np.int64)).tolist() == [0.5, 0.5]


@given(st.integers(2, 6), st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_the_names_of_classes_do_not_matter(k: int, n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels, probabilities = rng.integers(0, k, n), rng.dirichlet(np.ones(k), n)
    witnesses = rng.integers(0, 3, (n, k)).astype(np.float64)
    renamed = rng.permutation(k)  # new place of each class
    found = label_errors.ranked(labels, probabilities, witnesses)
    back = np.argsort(renamed)
    other = label_errors.ranked(renamed[labels], probabilities[:, back], witnesses[:, back])
    assert sorted(other.order.tolist()) == sorted(found.order.tolist())
    assert other.margin == pytest.approx(found.margin)
    assert all(found.suggested != labels)
    assert np.all(np.diff(found.margin[found.order]) >= 0)
