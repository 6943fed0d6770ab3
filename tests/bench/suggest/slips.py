"""Slips that are planted among right labels, and how early the queue of possible slips comes to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.suggest import crossval, label_errors, learner, looks_features
from pipeline.suggest.features import Floats
from pipeline.suggest.learner import Numbers

MOST: Final = 600
"""Faces that are taken; of more a random draw."""
PLANTED: Final = 0.05
"""Which share of them gets another class, drawn evenly."""
SEEDS: Final = range(1000, 1060)
"""None of those by which the ranking was chosen."""
LOOKED_AT: Final = 0.1
"""Which share a person goes through: 60 of 600."""


@dataclass(frozen=True)
class Found:
    """Shares of the planted slips in what a person looks at: as a training ranks them; by the model alone; by a model
    that learned every label as it was before slips were planted, which no ranking by these features surpasses by
    much."""

    share: float
    by_model: float
    by_truth: float


def found_early(
    features: Floats,
    rule: Floats,
    looks: npt.NDArray[np.float32],
    labels: Numbers,
    groups: Numbers,
    seed: int,
    strength: float = learner.STRENGTH,
) -> Found:
    """The planted slips that a person comes to who looks at LOOKED_AT of the faces, from the first on.

    looks: (n, d), rows of NaN where there are none. labels: (n,) places among the columns of rule (n, k), taken as
    right; slips that are in them by nature take places.
    """
    drawn = np.random.default_rng(seed)
    chosen = drawn.permutation(len(labels))[:MOST]
    features, rule, truth, groups = features[chosen], rule[chosen], labels[chosen], groups[chosen]
    kinds = range(rule.shape[1])
    slips = drawn.choice(len(truth), max(1, round(PLANTED * len(truth))), replace=False)
    said = truth.copy()
    said[slips] = (said[slips] + drawn.integers(1, len(kinds), len(slips))) % len(kinds)

    def early(told: Floats) -> float:
        first = label_errors.ranked(said, told).order[: round(LOOKED_AT * len(truth))]
        return float(np.isin(slips, first).mean())

    def joined(told: Floats, known: Numbers) -> Floats:
        near = looks_features.by_nearest_out_of_fold(looks[chosen], known, groups, kinds)
        both = np.stack([told, near])
        return label_errors.pooled(both, label_errors.pool_weights(both, known))

    _, told = crossval.fit_calibrated(features, rule, said, groups, kinds, strength)
    _, truly = crossval.fit_calibrated(features, rule, truth, groups, kinds, strength)
    return Found(early(joined(told, said)), early(told), early(joined(truly, truth)))
