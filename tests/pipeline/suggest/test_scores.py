"""Scores against numbers by hand and scikit-learn's own."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from pipeline.suggest import scores
from pipeline.suggest.report import Point, Report

CLASSES = (4, 7)


def told(*rows: tuple[float, float]) -> np.ndarray:
    return np.array(rows)


def test_a_report_by_hand() -> None:
    labels = np.array([4] * 12 + [7] * 48)
    sure, unsure = (0.9, 0.1), (0.4, 0.6)
    probabilities = told(*[sure] * 9, *[unsure] * 3, *[unsure] * 42, *[sure] * 6)
    found = scores.report(labels, probabilities, np.tile([0.5, 0.4], (60, 1)), CLASSES)
    assert found is not None
    assert not found.few
    assert found.accuracy == pytest.approx(51 / 60)
    assert found.low < found.accuracy < found.high
    chosen = np.array(CLASSES)[probabilities.argmax(1)]
    assert found.balanced == pytest.approx(balanced_accuracy_score(labels, chosen))
    assert found.rule == pytest.approx(12 / 60)  # it says the first class always
    assert found.confusion == ((9, 3), (6, 42))
    four, seven = found.classes
    assert (four.labelled, four.precision, four.recall) == (12, pytest.approx(9 / 15), pytest.approx(9 / 12))
    assert (seven.labelled, seven.precision, seven.recall) == (48, pytest.approx(42 / 45), pytest.approx(42 / 48))
    by_hand = (15 * abs(0.9 - 9 / 15) + 45 * abs(0.6 - 42 / 45)) / 60
    assert found.ece == pytest.approx(by_hand)
    assert [(one.faces, round(one.right, 4)) for one in found.bins if one.faces] == [(45, 0.9333), (15, 0.6)]
    assert Report.from_json(found.to_json()) == found


def test_too_few_are_told_as_such() -> None:
    labels = np.array([4] * 9 + [7] * 10)
    found = scores.report(labels, np.tile([0.2, 0.8], (19, 1)), np.zeros((19, 2)), CLASSES)
    assert found is not None
    assert found.few
    assert found.classes[0].recall is None
    assert found.classes[1].recall == 1
    assert found.rule == 0  # no suggestion is no right one
    assert scores.report(labels[:0], np.zeros((0, 2)), np.zeros((0, 2)), CLASSES) is None
    with pytest.raises(ValueError, match="not a report"):
        Report.from_json("{}")


def test_the_curve_rises_where_there_is_something_to_learn() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 400)
    features = rng.normal(size=(400, 6)) + labels[:, None] * 0.7
    curve = scores.learning_curve(features, np.zeros((400, 2)), labels, np.arange(400), (0, 1))
    assert [one.labels for one in curve] == [10, 20, 50, 100, 200, 320]
    assert curve[-1].accuracy > curve[0].accuracy
    assert curve == scores.learning_curve(features, np.zeros((400, 2)), labels, np.arange(400), (0, 1))


def test_the_last_point_is_told_of_as_many_labels_as_it_was_trained_on() -> None:
    """Of three groups there are three folds: each is left out once, a third of the faces and not a fifth."""
    labels, groups = np.tile([0, 1], 21), np.repeat([0, 1, 2], 14)
    curve = scores.learning_curve(labels[:, None] * 2.0, np.zeros((42, 2)), labels, groups, (0, 1))
    assert [one.labels for one in curve] == [10, 20, 28]


def test_how_many_labels_bring_a_point() -> None:
    """From 100 to 200 labels .80 to .85: on a logarithmic scale a point more is 200 * (2 ** (1 / 5) - 1) labels."""
    assert scores.labels_for_a_point([Point(100, 0.80), Point(200, 0.85)]) == round(200 * (2**0.2 - 1))
    assert scores.labels_for_a_point([Point(100, 0.80), Point(200, 0.80)]) is None
    assert scores.labels_for_a_point([Point(150, 0.80), Point(200, 0.85)]) is None
    assert scores.labels_for_a_point([]) is None
