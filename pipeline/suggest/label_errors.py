"""Which labels are probably slips: confident learning on out-of-fold probabilities, and what others said of the face.

Source: Northcutt, Jiang, Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", Journal of Artificial
Intelligence Research 70 (2021): the thresholds of section 3.1, and the ranking by normalised margin of
section 3.2. Answers of other people and labels of near copies are taken in by Bayes' rule, each as a witness that is
right with the probability WITNESS; without any, the ranking is the paper's.

Several models' probabilities are joined by a logarithmic opinion pool (Genest, Zidek, "Combining Probability
Distributions", Statistical Science 1 (1986), section 3.2) whose weights are fitted to the labels, none below zero, as
Breiman stacks ("Stacked Regressions", Machine Learning 24 (1996)): an opinion that is no help weighs next to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

WITNESS: Final = 0.9
"""How often another person, or the label of a near copy, is right."""
FITTED_FROM: Final = 60
"""Labels below which fitted weights of opinions would be noise: each weighs the same."""
_LEAST: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Slips:
    """order: indices of the faces whose label is probably a slip, the most probable first, int64 (m,). suggested: for
    each of all n faces the likeliest other class, (n,) int64. probability: for each of all n that of its label and that
    of the suggested class, float64 (n, 2); NaN where nothing is known."""

    order: Numbers
    suggested: Numbers
    probability: Floats

    @property
    def margin(self) -> Floats:
        """(n,): the probability of the label less that of the suggested class, -1 to 1."""
        found: Floats = self.probability[:, 0] - self.probability[:, 1]
        return found


def ranked(labels: Numbers, probabilities: Floats, witnesses: Floats | None = None) -> Slips:
    """Rank n labelled faces.

    labels: (n,) int64, places in the classes, 0 to k - 1. probabilities: (n, k) float64, out of fold: no row was
    computed by a model that saw its own label, nor a near copy of the face; a row of zeros: nothing is known.
    witnesses: (n, k) float64, how many others say which class of the face; the label's own is not among them.
    Raises ValueError for shapes that do not fit, and a label that is none of the classes.
    """
    n, k = probabilities.shape
    said = np.zeros((n, k)) if witnesses is None else witnesses
    if labels.shape != (n,) or said.shape != (n, k) or (n and not 0 <= labels.min() <= labels.max() < k):
        raise ValueError(f"labels {labels.shape}, probabilities {probabilities.shape}, witnesses {said.shape}")
    if n == 0 or k < 2:
        return Slips(np.zeros(0, np.int64), np.zeros(n, np.int64), np.full((n, 2), np.nan))
    known = probabilities.sum(1) > 0
    told = _with_witnesses(np.where(known[:, None], probabilities, 1.0 / k), said)
    each = np.arange(n)
    own = told[each, labels]
    others = told.copy()
    others[each, labels] = -1.0
    suggested = others.argmax(1).astype(np.int64)
    probability = np.stack([own, others[each, suggested]], axis=1)
    probability[~known & (said.sum(1) == 0)] = np.nan
    margin = probability[:, 0] - probability[:, 1]
    doubted = np.flatnonzero((margin < 0) | _is_confident_slip(labels, probabilities, known))
    order = doubted[np.lexsort((doubted, margin[doubted]))].astype(np.int64)
    return Slips(order, suggested, probability)


def pool_weights(opinions: Floats, labels: Numbers) -> Floats:
    """What each of m opinions weighs, (m,), 0 and more, so that joined they fit the labels best.

    opinions: (m, n, k) probabilities of n faces, out of fold; a face of which one of them knows nothing (a row of
    zeros) does not count. labels: (n,) places among the k. A few weights of many labels: that they are fitted to the
    very labels that are doubted afterwards makes no difference worth a fold of its own.
    """
    even = np.full(len(opinions), 1 / len(opinions))
    known = np.flatnonzero(_all_know(opinions))
    if len(known) < FITTED_FROM:
        return even
    logs, at = _logs(opinions[:, known]), (np.arange(len(known)), labels[known])
    own = logs[:, at[0], at[1]]

    def loss(weights: Floats) -> tuple[float, Floats]:
        joined = np.tensordot(weights, logs, 1)
        slope = (np.einsum("mnk,nk->mn", logs, softmax(joined, axis=1)) - own).mean(axis=1)
        return float(-log_softmax(joined, axis=1)[at].mean()), slope

    fitted: Floats = minimize(loss, even, jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * len(even)).x
    return fitted


def pooled(opinions: Floats, weights: Floats) -> Floats:
    """m opinions (m, n, k) joined, (n, k); where one of them knows nothing, the first alone."""
    told = softmax(np.tensordot(weights, _logs(opinions), 1), axis=1)
    found: Floats = np.where(_all_know(opinions)[:, None], told, opinions[0])
    return found


def _all_know(opinions: Floats) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = (opinions.sum(axis=2) > 0).all(axis=0)
    return found


def _logs(opinions: Floats) -> Floats:
    found: Floats = np.log(np.clip(opinions, _LEAST, None))
    return found


def thresholds(labels: Numbers, probabilities: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    """For each class the mean probability that faces labelled so have of it, (k,) float64; infinite without any."""
    found = np.full(probabilities.shape[1], np.inf)
    for place in range(len(found)):
        chosen = probabilities[known & (labels == place), place]
        if len(chosen):
            found[place] = chosen.mean()
    return found


def _is_confident_slip(labels: Numbers, probabilities: Floats, known: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Whether a face is counted off the diagonal of the confident joint: of the classes whose threshold it reaches the
    likeliest one is not its label (the paper's equation 1)."""
    reached = probabilities >= thresholds(labels, probabilities, known) - _LEAST
    confident = np.where(reached, probabilities, -1.0).argmax(1)
    found: npt.NDArray[np.bool_] = known & reached.any(1) & (confident != labels)
    return found


def _with_witnesses(probabilities: Floats, witnesses: Floats) -> Floats:
    """Both (n, k), by Bayes' rule, rows that sum to 1: a witness multiplies the odds of its class over any other one by
    WITNESS / ((1 - WITNESS) / (k - 1)), as who errs may name each other class."""
    k = probabilities.shape[1]
    weight = np.log(WITNESS * (k - 1) / (1 - WITNESS))
    told = np.log(np.clip(probabilities, _LEAST, None)) + weight * witnesses
    told = np.exp(told - told.max(1, keepdims=True))
    found: Floats = told / told.sum(1, keepdims=True)
    return found
