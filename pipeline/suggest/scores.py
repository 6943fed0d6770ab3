"""Honest scores of a classifier: told of out-of-fold probabilities alone, and "too few to say" where that is so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from pipeline.suggest import learner
from pipeline.suggest.crossval import folds
from pipeline.suggest.features import Floats
from pipeline.suggest.learner import Numbers
from pipeline.suggest.report import Bin, ClassScore, Point, Report

FEW: Final = 50
"""Labelled faces in all below which nothing is said of the whole."""
FEW_OF_A_CLASS: Final = 10
BINS: Final = 10
CURVE: Final = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
"""Numbers of labels of the learning curve, as far as there are so many."""
_DRAWS: Final = 3
_MANY: Final = 1000
"""Labels from which one draw says as much as several."""


def report(
    labels: Numbers, told: Floats, rule: Floats, classes: Sequence[int], curve: Sequence[Point] = ()
) -> Report | None:
    """Of n labelled faces: labels (n,) class ids, told (n, k) out-of-fold probabilities, rule (n, k) those of the
    zero-label rule. A row of zeros in `told` counts as wrong. None without any label."""
    if not len(labels):
        return None
    kinds = np.array(classes)
    chosen = _chosen(told, kinds)
    right = chosen == labels
    interval = binomtest(int(right.sum()), len(labels)).proportion_ci(method="wilson")
    counted = confusion_matrix(labels, chosen, labels=[*classes, -1])[: len(kinds), : len(kinds)]
    precision, recall, _, support = precision_recall_fscore_support(labels, chosen, labels=kinds, zero_division=np.nan)
    there = support > 0
    return Report(
        n=len(labels),
        few=len(labels) < FEW,
        accuracy=float(right.mean()),
        low=float(interval.low),
        high=float(interval.high),
        balanced=float(recall[there].mean()),
        rule=float((_chosen(rule, kinds) == labels).mean()),
        ece=ece(told, right),
        classes=tuple(
            ClassScore(
                int(kinds[at]), int(support[at]), _told(precision[at], support[at]), _told(recall[at], support[at])
            )
            for at in range(len(kinds))
        ),
        confusion=tuple(map(tuple, counted.tolist())),
        bins=reliability(told, right),
        curve=tuple(curve),
        more=labels_for_a_point(curve),
    )


def _chosen(probabilities: Floats, kinds: Numbers) -> Numbers:
    """The likeliest class of each row, -1 where nothing is suggested."""
    return np.where(probabilities.sum(axis=1) > 0, kinds[probabilities.argmax(axis=1)], -1)


def _told(figure: float, labelled: int) -> float | None:
    return float(figure) if labelled >= FEW_OF_A_CLASS and np.isfinite(figure) else None


def reliability(told: Floats, right: Numbers) -> tuple[Bin, ...]:
    """The likeliest class's probability against how often it is right, in BINS bins of equal width, the empty ones
    too. right: (n,) bool."""
    confidence = told.max(axis=1)
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    found = []
    for number in range(BINS):
        inside = place == number
        n = int(inside.sum())
        found.append(Bin(n, float(confidence[inside].mean()) if n else 0.0, float(right[inside].mean()) if n else 0.0))
    return tuple(found)


def ece(told: Floats, right: Numbers) -> float:
    """Expected calibration error, 0 to 1: how far probability and share of right ones lie apart, over all faces.

    Arguments as of `reliability`.
    """
    bins = reliability(told, right)
    total = sum(one.faces for one in bins)
    return sum(one.faces * abs(one.told - one.right) for one in bins) / total if total else 0.0


def learning_curve(
    features: Floats, rule: Floats, labels: Numbers, groups: Numbers, classes: Sequence[int]
) -> tuple[Point, ...]:
    """What fewer labels would have brought: trained on random ones outside of each fold, told of the fold.

    Arguments as of `crossval.fit_calibrated`. The last point uses all that lie outside of a fold. Deterministic; the
    mean of a few draws.
    """
    found: dict[int, list[float]] = {}
    kinds, parts = np.array(classes), folds(labels, groups)
    for number, (train, test) in enumerate(parts):
        for size in {*(one for one in CURVE if one < 0.95 * len(train)), len(train)}:
            for draw in range(_DRAWS if size < min(_MANY, len(train)) else 1):
                order = np.random.default_rng([number, draw]).permutation(train)[:size]
                model = learner.fit(features[order], rule[order], labels[order], classes)
                chosen = _chosen(model.probabilities(features[test], rule[test]), kinds)
                key = size if size in CURVE else 0
                found.setdefault(key, []).append(float((chosen == labels[test]).mean()))
    points = [Point(size, float(np.mean(one))) for size, one in sorted(found.items()) if size]
    if 0 in found:
        points.append(Point(round(float(np.mean([len(train) for train, _ in parts]))), float(np.mean(found[0]))))
    return tuple(points)


def labels_for_a_point(curve: Sequence[Point]) -> int | None:
    """How many labels more would bring .01 of accuracy if it went on as from the last point of at most half as many
    labels to the last point, on a logarithmic scale; None where there is no such point, or nothing was gained."""
    if len(curve) < 2:
        return None
    last = curve[-1]
    before = [one for one in curve if one.labels <= last.labels / 2]
    if not before:
        return None
    gained = (last.accuracy - before[-1].accuracy) / np.log(last.labels / before[-1].labels)
    if gained <= 1e-3:
        return None
    return max(1, round(last.labels * (math.exp(0.01 / float(gained)) - 1)))
