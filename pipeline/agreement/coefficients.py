"""Percent agreement, Fleiss' κ and Krippendorff's α, from how often each face was given each value.

All three are ratios of sums over faces, so they are computed from counts and weights: many weightings at once (shape
(resamples, items)) cost one product of matrices. NaN stands where a coefficient is not defined: no face with two
answers, or, for κ and α, one value alone in all answers (agreement by chance is then certain).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from pipeline.agreement.answers import Floats

_NOTHING: Final = 1e-12


def percent(counts: Floats, weights: Floats) -> Floats:
    """The mean over faces of the share of pairs of answers that are the same: Fleiss' P̄ (1971, equation 3).

    counts: shape (items, values), two answers or more in each row. weights: (items,) or (resamples, items). Returns
    shape () or (resamples,).
    """
    return _ratio(weights @ _same_pairs(counts), weights.sum(axis=-1))


def same_again(counts: Floats, weights: Floats, value: int) -> Floats:
    """Where one answer is `value`, the probability that another answer on that face is it, too.

    The "proportion of specific agreement" (Spitzer and Fleiss, British Journal of Psychiatry 125 (1974), 341–347; for
    any number of answers: Uebersax, Psychological Bulletin 91 (1982), 181–183, with each face counting as much as
    answers on it). One value against the rest by `percent` would mostly tell how rare the value is.
    """
    answers = counts.sum(axis=1)
    given = counts[:, value]
    return _ratio(weights @ (given * (given - 1) / (answers - 1)), weights @ given)


def fleiss(counts: Floats, weights: Floats) -> Floats:
    """Fleiss' κ (Psychological Bulletin 76 (1971), 378–382), also for faces with different numbers of answers.

    The generalisation for different numbers is Gwet's (Handbook of Inter-Rater Reliability, 4th ed. 2014, section 2.4):
    each face counts the same in the observed agreement and in the shares of the values, however many answers it has;
    with as many answers on every face it is Fleiss' own. Faces with one answer are left out of both.
    """
    shares = counts / counts.sum(axis=1, keepdims=True)
    marginals = _ratio(weights @ shares, weights.sum(axis=-1)[..., None])
    by_chance = (marginals**2).sum(axis=-1)
    return _beyond(percent(counts, weights), by_chance)


def krippendorff(counts: Floats, weights: Floats) -> Floats:
    """Krippendorff's α for nominal data, with any number of answers on a face.

    Source: K. Krippendorff, "Computing Krippendorff's alpha-reliability" (2011), section C: one minus observed over
    expected disagreement in the matrix of coincidences, in which each answer counts once. A face with one answer adds
    nothing to it.
    """
    answers = counts.sum(axis=1)
    total = weights @ answers
    same = weights @ ((counts * (counts - 1)).sum(axis=1) / (answers - 1))
    of_value = weights @ counts
    expected = _ratio((of_value * (of_value - 1)).sum(axis=-1), total * (total - 1))
    return _beyond(_ratio(same, total), expected)


def against_the_rest(counts: Floats, value: int) -> Floats:
    """The counts with all values but one taken together: shape (items, 2)."""
    given = counts[:, value]
    return np.stack([given, counts.sum(axis=1) - given], axis=1)


def _same_pairs(counts: Floats) -> Floats:
    """For each item the share of its pairs of answers that are the same."""
    answers = counts.sum(axis=1)
    found: Floats = (counts * (counts - 1)).sum(axis=1) / (answers * (answers - 1))
    return found


def _beyond(observed: Floats, by_chance: Floats) -> Floats:
    """The share of what chance leaves open in which people agree: (observed - chance) / (1 - chance)."""
    return _ratio(observed - by_chance, 1 - by_chance)


def _ratio(above: Floats, below: Floats) -> Floats:
    """NaN where there is nothing below."""
    nothing = np.abs(below) < _NOTHING
    found: Floats = np.where(nothing, np.nan, above / np.where(nothing, 1.0, below))
    return found
