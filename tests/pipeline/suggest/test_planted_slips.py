"""Of planted slips, how many a person comes to early: with the learner's own features, folds and calibration."""

from __future__ import annotations

import numpy as np

from pipeline.suggest import features, zero_label
from tests.bench.suggest.slips import found_early
from tests.pipeline.actions.suggest.mouths import landmarks

SMILE, NONE = 1.08, 0.88
"""Mean width of the mouth over the distance of the eyes."""


def test_most_planted_slips_are_among_the_first_tenth() -> None:
    """600 drawn mouths of which the width tells the class 88 times of 100, as geometry does on close-ups."""
    drawn = np.random.default_rng(0)
    labels = np.arange(600) % 2
    widths = np.where(labels == 1, SMILE, NONE) + drawn.normal(0, 0.085, 600)
    seen = features.geometry(np.stack([landmarks(width, drawn.normal(0, 2)) for width in widths]))
    rule = zero_label.probabilities(seen, ("none", "smile"))
    groups = np.arange(600)
    nothing = np.full((600, 1), np.nan, np.float32)
    shares = [found_early(seen, rule, nothing, labels, groups, seed).share for seed in range(6)]
    assert np.mean(shares) >= 0.7


def test_what_crops_look_like_brings_slips_forward_that_geometry_misses() -> None:
    """Widths that tell the class 75 times of 100, and looks that err on other faces: joined they find more."""
    drawn = np.random.default_rng(1)
    labels = np.arange(400) % 2
    widths = np.where(labels == 1, SMILE, NONE) + drawn.normal(0, 0.15, 400)
    seen = features.geometry(np.stack([landmarks(width, drawn.normal(0, 2)) for width in widths]))
    rule = zero_label.probabilities(seen, ("none", "smile"))
    looks = drawn.normal(0, 1, (400, 6)).astype(np.float32)
    noise = looks.copy()
    looks[:, 0] += 2.5 * labels
    found = [found_early(seen, rule, looks, labels, np.arange(400), seed) for seed in range(6)]
    assert np.mean([one.share - one.by_model for one in found]) >= 0.1
    misled = [found_early(seen, rule, noise, labels, np.arange(400), seed) for seed in range(6)]
    assert np.mean([one.share - one.by_model for one in misled]) >= -0.03  # looks that say nothing weigh nothing
