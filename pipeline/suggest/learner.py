"""The learner: logistic regression on a few numbers a face, blended with the zero-label rule while labels are few.

Why so plain: on 864 hand-labelled close-ups HOG, trees and kernels were worse up to 200 labels, and many columns fell
below the rule alone (docs/adr/0032). Source of the regression: scikit-learn's `LogisticRegression` (multinomial, L2);
of the calibration: temperature scaling, Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, section 4.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression
from threadpoolctl import ThreadpoolController

from pipeline.suggest.features import Floats
from pipeline.suggest.learned import Learned, inputs_of, with_temperature

Numbers = npt.NDArray[np.int64]

HALF_AT: Final = 30
"""The number of labels at which rule and regression weigh the same: n / (n + 30)."""
STRENGTH: Final = 1.0
"""Of the regression's L2 penalty, scikit-learn's C and its default; smaller ones learn too little from geometry."""


def fit(
    features: Floats,
    rule: Floats,
    labels: Numbers,
    classes: Sequence[int],
    temperature: float = 1.0,
    strength: float = STRENGTH,
) -> Learned:
    """Learn from n labelled faces; the same input gives the same classifier.

    features: (n, d) float64. rule: (n, k), the zero-label rule's. labels: (n,) class ids, each one of `classes` (k
    ids). strength: C of the penalty. Fewer than two classes among them: the rule alone.
    """
    kinds = tuple(classes)
    nothing = tuple(0.0 for _ in range(features.shape[1] + rule.shape[1]))
    seen = [one for one in kinds if (labels == one).any()]
    if len(seen) < 2:
        ones = tuple(1.0 for _ in nothing)
        return Learned(kinds, nothing, ones, tuple(nothing for _ in kinds), tuple(None for _ in kinds), 0.0, 1.0)
    inputs = inputs_of(features, rule)
    mean, scale = inputs.mean(axis=0), inputs.std(axis=0)
    scale[scale < 1e-9] = 1.0
    with _threads().limit(limits=1):  # a few columns: several threads only wait for each other
        model = LogisticRegression(C=strength, max_iter=1000).fit((inputs - mean) / scale, labels)
    rows, shifts = _by_class(model)
    return Learned(
        classes=kinds,
        mean=tuple(mean.tolist()),
        scale=tuple(scale.tolist()),
        coefficients=tuple(rows.get(one, nothing) for one in kinds),
        intercepts=tuple(shifts.get(one) for one in kinds),
        weight=1 - HALF_AT / (len(labels) + HALF_AT) * _share_known(rule, labels, kinds),
        temperature=temperature,
    )


def fit_temperature(probabilities: Floats, places: Numbers) -> float:
    """What the logarithms of probabilities (n, k) are divided by so that they fit the labels best, .5 to 4.

    probabilities: out of fold, or calibration is told better than it is. places: (n,), the label's place among the k.
    """
    chosen = probabilities.sum(axis=1) > 0
    if not chosen.any():
        return 1.0
    known, at = probabilities[chosen], places[chosen]

    def loss(log_temperature: float) -> float:
        told = with_temperature(known, float(np.exp(log_temperature)))
        return float(-np.log(np.clip(told[np.arange(len(at)), at], 1e-6, None)).mean())

    found = minimize_scalar(loss, bounds=(np.log(0.5), np.log(4.0)), method="bounded")
    return float(np.exp(found.x))


def _share_known(rule: Floats, labels: Numbers, classes: Sequence[int]) -> float:
    """Which share of the labels is of classes that the rule ever suggests: of the others it knows nothing, and would
    speak against them."""
    known = np.array(classes)[(rule > 0).any(axis=0)]
    return float(np.isin(labels, known).mean())


@cache
def _threads() -> ThreadpoolController:
    return ThreadpoolController()


def _by_class(model: LogisticRegression) -> tuple[dict[int, tuple[float, ...]], dict[int, float]]:
    """Coefficients and intercept of each class: of two classes scikit-learn keeps one row, for the second."""
    rows, shifts = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        rows, shifts = np.vstack([-rows[0] / 2, rows[0] / 2]), np.array([-shifts[0] / 2, shifts[0] / 2])
    names = [int(one) for one in model.classes_]
    return dict(zip(names, map(tuple, rows.tolist()), strict=True)), dict(zip(names, shifts.tolist(), strict=True))
