"""A simulated annotator who labels with suggestions, never errs, and stops by the lower confidence bound.

Batches of 24, a quarter of them at random; the learner is trained anew before each. In a batch every wrong suggestion
costs one key (the pointer that goes to it is not counted) and every class among the right ones one `Enter`; behind the
stop a page of 96 of one class costs one `Enter`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from pipeline.suggest import crossval, learner, stopping
from pipeline.suggest.features import Floats
from pipeline.suggest.learner import Numbers
from tests.bench.suggest import order

BATCH: Final = 24
PAGE: Final = 96


@dataclass(frozen=True)
class Run:
    """keys, looked: a face, 0 and more. correct: the share of correct labels in the end. told: the interval of the
    accuracy at the stop, and what was true of the faces that were left; None where it never stopped."""

    keys: float
    looked: float
    correct: float
    told: tuple[float, float] | None
    true: float


def annotate(
    features: Floats, rule: Floats, labels: Numbers, groups: Numbers, seed: int, strength: float = learner.STRENGTH
) -> Run:
    """labels: (n,) places among the columns of rule (n, k)."""
    n, k = rule.shape
    keys = order.random_keys(np.arange(n), seed)
    known = np.zeros(n, bool)
    draws: list[int] = []
    draws_right: list[bool] = []
    pressed, found = 0, None
    while True:
        at = np.flatnonzero(known)
        model, _ = crossval.fit_calibrated(features[at], rule[at], labels[at], groups[at], range(k), strength)
        told = model.probabilities(features, rule)
        chosen, left = told.argmax(axis=1), np.flatnonzero(~known)
        doubt = order.uncertainty(told)
        counted = stopping.comparable(doubt[np.array(draws, int)], doubt[left])
        found = stopping.accuracy(int(counted.sum()), int(np.array(draws_right, bool)[counted].sum()))
        if not len(left) or stopping.may_stop(found, len(at), len(left)):
            break
        picked, drawn = order.mix(doubt[left], keys[left], BATCH)
        right = chosen[left[picked]] == labels[left[picked]]
        pressed += int((~right).sum()) + len(set(chosen[left[picked]][right].tolist()))
        draws.extend(left[drawn].tolist())
        draws_right.extend((chosen[left[drawn]] == labels[left[drawn]]).tolist())
        known[left[picked]] = True
    counts = np.bincount(chosen[left], minlength=k) if len(left) else np.zeros(k, int)
    pressed += sum(math.ceil(one / PAGE) for one in counts.tolist())
    true = float((chosen[left] == labels[left]).mean()) if len(left) else 1.0
    interval = (found.low, found.high) if found is not None and len(left) else None
    return Run(pressed / n, 1 - len(left) / n, (n - len(left) * (1 - true)) / n, interval, true)
