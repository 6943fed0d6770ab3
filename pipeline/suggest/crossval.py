"""Probabilities of labelled faces by models that saw neither their label nor anything of their group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from pipeline.suggest import learned, learner
from pipeline.suggest.features import Floats
from pipeline.suggest.learner import Numbers

FOLDS: Final = 5
Folds = list[tuple[Numbers, Numbers]]
"""(train, test) places, both int64; no group is on both sides."""
CALIBRATED_FROM: Final = 60
"""Labels below which a temperature would be noise."""


def out_of_fold(
    features: Floats,
    rule: Floats,
    labels: Numbers,
    parts: Folds,
    classes: Sequence[int],
    strength: float = learner.STRENGTH,
) -> Floats:
    """For each of n labelled faces the probabilities of a model that was trained without its group, (n, k).

    parts: of `folds`; without any the rule alone says them. Deterministic.
    """
    found = rule.copy()
    for train, test in parts:
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
    with a temperature that was found without the face's own fold.

    features: (n, d). rule: (n, k), the zero-label rule's. labels: (n,) ids of `classes`. groups: (n,), the same number
    for faces of one image, near copy, video or person.
    """
    parts = folds(labels, groups)
    raw = out_of_fold(features, rule, labels, parts, classes, strength)
    if len(labels) < CALIBRATED_FROM:
        return learner.fit(features, rule, labels, classes, strength=strength), raw
    order = np.argsort(np.array(classes))
    places = order[np.searchsorted(np.array(classes)[order], labels)].astype(np.int64)
    told = raw.copy()
    for train, test in parts:
        told[test] = learned.with_temperature(raw[test], learner.fit_temperature(raw[train], places[train]))
    temperature = learner.fit_temperature(raw, places)
    return learner.fit(features, rule, labels, classes, temperature, strength), told


def folds(labels: Numbers, groups: Numbers) -> Folds:
    """Parts of n labelled faces, by labels (n,) and groups (n,); none where there are not two of each. Deterministic.

    The groups, shuffled, stand in the order of their commonest label and then of their size, and are dealt out to and
    fro: each part has about as many faces, and of each class. scikit-learn's `StratifiedGroupKFold` balances group by
    group: 1.6 s of CPU for 10,000 groups, where this takes some milliseconds.
    """
    kinds, places = np.unique(labels, return_inverse=True)
    names, members = np.unique(groups, return_inverse=True)
    number = min(FOLDS, len(names))
    if number < 2 or len(kinds) < 2:
        return []
    counts = np.zeros((len(names), len(kinds)), np.int64)
    np.add.at(counts, (members, places), 1)
    shuffled = np.random.default_rng(0).permutation(len(names))
    order = np.lexsort((shuffled, -counts.sum(axis=1), counts.argmax(axis=1)))
    turn = np.arange(len(names)) % (2 * number)
    part_of = np.empty(len(names), np.int64)
    part_of[order] = np.minimum(turn, 2 * number - 1 - turn)
    part = part_of[members]
    found = [(np.flatnonzero(part != one), np.flatnonzero(part == one)) for one in range(number)]
    return [(train, test) for train, test in found if len(np.unique(labels[train])) > 1]
