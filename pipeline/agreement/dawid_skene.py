"""How reliable each annotator is, and what each face most probably is: the EM of Dawid and Skene.

Source: A. P. Dawid and A. M. Skene, "Maximum likelihood estimation of observer error-rates using the EM algorithm",
Journal of the Royal Statistical Society C (Applied Statistics) 28 (1979), 20–28: equations 2.3 to 2.5, begun as their
section 3 says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from pipeline.agreement.answers import Answers, Floats, counts, patterns

SMOOTHING: Final = 0.01
"""Answers that every cell of a confusion matrix is thought to have had before the first real one."""
TOLERANCE: Final = 1e-6
MOST_ROUNDS: Final = 500
_SCARCELY: Final = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """What `dawid_skene` found.

    priors: float64, shape (values,): how common each value is. confusion: float64, shape (annotators, values, values):
    [a, j, l] is the probability that annotator a answers l where j is right. posteriors: float64, shape (items,
    values): the probability of each value for each face; NaN for a face without an answer. rounds: of EM;
    log_likelihood: natural logarithm. converged: False where MOST_ROUNDS ended it.
    """

    priors: Floats
    confusion: Floats
    posteriors: Floats
    rounds: int
    converged: bool
    log_likelihood: float


def dawid_skene(
    answers: Answers, *, smoothing: float = SMOOTHING, tolerance: float = TOLERANCE, most: int = MOST_ROUNDS
) -> Estimates:
    """Priors, confusion matrices and posteriors that make the answers most probable.

    Begins with each face's shares of answers, so the result depends on nothing but the answers. Ends when no posterior
    moves by `tolerance` or more. smoothing: added to each cell of a confusion matrix before its rows are made to sum to
    one (the paper adds nothing: then one answer by chance can forbid a value for ever); an annotator who never met a
    value has a row of equal shares.
    """
    few, became = patterns(answers)
    posteriors = counts(few)
    posteriors /= np.maximum(posteriors.sum(axis=1, keepdims=True), _SCARCELY)
    rounds, moved, likelihood = 0, np.inf, 0.0
    priors, confusion = _maximise(few, posteriors, smoothing)
    while rounds < most and moved >= tolerance:
        before = posteriors
        posteriors, likelihood = _expect(few, priors, confusion)
        priors, confusion = _maximise(few, posteriors, smoothing)
        moved = float(np.abs(posteriors - before).max(initial=0.0))
        rounds += 1
    found = np.full((answers.n_items, answers.n_values), np.nan)
    found[became >= 0] = posteriors[became[became >= 0]]
    return Estimates(priors, confusion, found, rounds, moved < tolerance, likelihood)


def _maximise(answers: Answers, posteriors: Floats, smoothing: float) -> tuple[Floats, Floats]:
    """Equations 2.3 and 2.4: the priors and confusion matrices that fit these posteriors best."""
    weighted = posteriors * answers.weights[:, None]
    priors = weighted.sum(axis=0) / max(float(answers.weights.sum()), _SCARCELY)
    cells = answers.annotators * answers.n_values + answers.values
    size = answers.n_annotators * answers.n_values
    given = np.empty((answers.n_annotators, answers.n_values, answers.n_values))
    for right in range(answers.n_values):
        found = np.bincount(cells, weights=weighted[answers.items, right], minlength=size)
        given[:, right, :] = found.reshape(answers.n_annotators, answers.n_values)
    given += smoothing
    sums = given.sum(axis=2, keepdims=True)
    return priors, np.where(sums > _SCARCELY, given / np.maximum(sums, _SCARCELY), 1.0 / answers.n_values)


def _expect(answers: Answers, priors: Floats, confusion: Floats) -> tuple[Floats, float]:
    """Equation 2.5: each item's posteriors, shape (items, values), and the log-likelihood of all answers."""
    logs = np.log(np.maximum(confusion, _SCARCELY))
    found = np.tile(np.log(np.maximum(priors, _SCARCELY)), (answers.n_items, 1))
    for right in range(answers.n_values):
        of_entries = logs[answers.annotators, right, answers.values]
        found[:, right] += np.bincount(answers.items, weights=of_entries, minlength=answers.n_items)
    most = found.max(axis=1, keepdims=True)
    likely = np.exp(found - most)
    sums = likely.sum(axis=1, keepdims=True)
    return likely / sums, float(answers.weights @ (np.log(sums) + most)[:, 0])
