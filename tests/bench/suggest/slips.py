"""Slips that are planted among right labels, and how early the queue of possible slips comes to them."""

from __future__ import annotations

from typing import Final

import numpy as np

from pipeline.suggest import crossval, label_errors
from pipeline.suggest.features import Floats
from pipeline.suggest.learner import Numbers

MOST: Final = 600
"""Faces that are taken; of more a random draw."""
PLANTED: Final = 0.05
"""Which share of them gets another class, drawn evenly."""
LOOKED_AT: Final = 0.1
"""Which share a person goes through: 60 of 600."""


def found_early(features: Floats, rule: Floats, labels: Numbers, groups: Numbers, seed: int) -> float:
    """The share of the planted slips that a person comes to who looks at LOOKED_AT of the faces, from the first on.

    labels: (n,) places among the columns of rule (n, k), taken as right; slips that are in them by nature take places.
    """
    drawn = np.random.default_rng(seed)
    chosen = drawn.permutation(len(labels))[:MOST]
    features, rule, truth, groups = features[chosen], rule[chosen], labels[chosen], groups[chosen]
    kinds = rule.shape[1]
    slips = drawn.choice(len(truth), max(1, round(PLANTED * len(truth))), replace=False)
    said = truth.copy()
    said[slips] = (said[slips] + drawn.integers(1, kinds, len(slips))) % kinds
    _, told = crossval.fit_calibrated(features, rule, said, groups, range(kinds))
    first = label_errors.ranked(said, told).order[: round(LOOKED_AT * len(truth))]
    return float(np.isin(slips, first).mean())
