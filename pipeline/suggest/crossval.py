"""Probabilities of labelled faces by models that saw neither their label nor anything of their group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from pipeline.suggest import learned, learner
from pipeline.suggest.features import Floats
from pipeline.suggest.learner import Numbers

FOLDS: Final = 5
CALIBRATED_FROM: Final = 60
"""Labels below which a temperature would be noise."""


def out_of_fold(
    features: Floats,
    rule: Floats,
    labels: Numbers,
    groups: Numbers,
    classes: Sequence[int],
    strength: float = learner.STRENGTH,
) -> Floats:
    """For each of n labelled faces the probabilities of a model that was trained without its group, (n, k).

    groups: (n,), the same number for faces of one image, near copy, video or person. With fewer than two groups, or one
    class, the rule alone says them. Deterministic.
    """
    found = rule.copy()
    for train, test in folds(labels, groups):
        model = learner.fit(features[train], rule[train], labels[train], classes, strength=strength)
        found[test] = model.probabilities(features[test], rule[test])
    return found


def fit_calibrated(
    features: Floats,
    rule: Floats,
    labels: Numbers,
    groups: Numbers,
    classes: Sequence[int],
    strength: float = learner.STRENGTH,
) -> tuple[learned.Learned, Floats]:
    """A classifier of all labels, with a temperature found out of fold; and the out-of-fold probabilities, (n, k), each
    with a temperature that was found without the face's own fold."""
    raw = out_of_fold(features, rule, labels, groups, classes, strength)
    if len(labels) < CALIBRATED_FROM:
        return learner.fit(features, rule, labels, classes, strength=strength), raw
    order = np.argsort(np.array(classes))
    places = order[np.searchsorted(np.array(classes)[order], labels)].astype(np.int64)
    told = raw.copy()
    for train, test in folds(labels, groups):
        told[test] = learned.with_temperature(raw[test], learner.fit_temperature(raw[train], places[train]))
    temperature = learner.fit_temperature(raw, places)
    return learner.fit(features, rule, labels, classes, temperature, strength), told


def folds(labels: Numbers, groups: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """(train, test) places, both int64; no group is on both sides. None where there are not two groups and classes."""
    number = min(FOLDS, len(np.unique(groups)))
    if number < 2 or len(np.unique(labels)) < 2:
        return
    splitter = StratifiedGroupKFold(number, shuffle=True, random_state=0)
    for train, test in splitter.split(np.zeros(len(labels)), _frequent(labels, number), groups):
        if len(test) and len(np.unique(labels[train])) > 1:
            yield train, test


def _frequent(labels: Numbers, number: int) -> Numbers:
    """Classes with fewer faces than folds as one, which cannot be stratified."""
    kinds, counts = np.unique(labels, return_counts=True)
    found = np.where(np.isin(labels, kinds[counts >= number]), labels, -1)
    rare = (found == -1).sum()
    return np.where(found == -1, kinds[counts.argmax()], found) if 0 < rare < number else found
