"""How far people agree, in all and by class, each figure with its interval; and in words where it says nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from pipeline.agreement import coefficients
from pipeline.agreement.answers import Answers, Floats, counts, patterns
from pipeline.agreement.cohen import Pairs, cohen, mean_cohen

FEWEST: Final = 10
"""Faces with two answers below which no figure is given: a resample of fewer says nothing about others."""
RESAMPLES: Final = 1000
SEED: Final = 0
LEVEL: Final = 0.95
_NORMAL: Final = 1.959964
_MOST_DRAWS: Final = 2_000_000
"""Resamples times answers of pairs, about 50 ms; beyond that faces are many."""

Missing = Literal["", "too_few", "one_value", "all_agree"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One coefficient with its 95 % interval.

    value, low, high: None where there is none, and `missing` says why: too_few (fewer than FEWEST faces with two
    answers), one_value (everybody gave one and the same value: chance alone would agree), all_agree (a value, but no
    interval: resampling faces on which all agree finds nothing else). faces: on how many it rests.
    """

    value: float | None
    low: float | None
    high: float | None
    faces: int
    missing: Missing = ""


@dataclass(frozen=True, slots=True)
class Coefficients:
    """What is told of all values together, or of one against the rest.

    percent: of pairs of answers on a face; of one value: where one says it, how often another does. given: how many
    answers are that value (all answers), on faces with two.
    """

    percent: Figure
    fleiss: Figure
    krippendorff: Figure
    given: int


@dataclass(frozen=True, slots=True)
class Summary:
    """faces: with two answers or more. answers: on those. cohen: the mean over the pairs of people who answered FEWEST
    faces together, None as `Figure` says; pairs: how many that are."""

    faces: int
    answers: int
    overall: Coefficients
    by_value: tuple[Coefficients, ...]
    cohen: Figure
    pairs: int


def summary(answers: Answers, *, resamples: int = RESAMPLES, seed: int = SEED) -> Summary:
    """All figures of these answers.

    The intervals are percentiles of a bootstrap that draws faces (Efron and Tibshirani, An Introduction to the
    Bootstrap, 1993, chapter 13), since the answers on one face belong together. It draws how often each pattern of
    answers occurs (a multinomial), which is the same, and cheap.
    """
    few, _ = patterns(answers, least=2, named=False)
    table, weights = counts(few), few.weights
    draws = _draws(weights, resamples, seed)
    values = range(answers.n_values)
    by_value = tuple(_coefficients(table, weights, draws, value) for value in values)
    figure, pairs = _mean_cohen(answers, resamples, seed)
    return Summary(
        faces=round(weights.sum()),
        answers=round(float(weights @ table.sum(axis=1))),
        overall=_coefficients(table, weights, draws, None),
        by_value=by_value,
        cohen=figure,
        pairs=pairs,
    )


def pair_figure(confusion: Floats, *, resamples: int = RESAMPLES, seed: int = SEED) -> tuple[Figure, Figure]:
    """Percent agreement and Cohen's κ of two people, by their confusion matrix of faces, shape (values, values)."""
    size = len(confusion)
    cells = confusion.ravel()
    draws = _draws(cells, resamples, seed).reshape(-1, size, size)
    faces = round(cells.sum())

    def agreed(tables: Floats) -> Floats:
        found: Floats = np.trace(tables, axis1=-2, axis2=-1) / np.maximum(tables.sum(axis=(-2, -1)), 1)
        return found

    return (
        _figure(agreed(confusion), _percentiles(agreed(draws)), faces),
        _figure(cohen(confusion), _percentiles(cohen(draws)), faces),
    )


def _coefficients(table: Floats, weights: Floats, draws: Floats, value: int | None) -> Coefficients:
    seen = table if value is None else coefficients.against_the_rest(table, value)
    faces = round(weights.sum())

    def figure(compute: Callable[[Floats, Floats], Floats]) -> Figure:
        return _figure(compute(seen, weights), _percentiles(compute(seen, draws)), faces)

    def again(counted: Floats, weighted: Floats) -> Floats:
        return coefficients.same_again(counted, weighted, 0)

    return Coefficients(
        percent=figure(coefficients.percent if value is None else again),
        fleiss=figure(coefficients.fleiss),
        krippendorff=figure(coefficients.krippendorff),
        given=round(float(weights @ (seen.sum(axis=1) if value is None else seen[:, 0]))),
    )


def _mean_cohen(answers: Answers, resamples: int, seed: int) -> tuple[Figure, int]:
    """The mean over pairs, and the number of pairs. Where a bootstrap would take too long its limit is taken."""
    few, _ = patterns(answers, least=2)
    pairs = Pairs(few)
    chosen = pairs.pairs(FEWEST)
    faces = round(few.weights.sum())
    if not chosen:
        return Figure(None, None, None, faces, "too_few"), 0
    value = mean_cohen(cohen(pairs.tables(chosen, few.weights)))
    if len(pairs.cells) * resamples > _MOST_DRAWS:
        half = _NORMAL * pairs.spread(chosen)
        return _figure(value, np.array([value - half, value + half]), faces), len(chosen)
    drawn = np.array([mean_cohen(cohen(pairs.tables(chosen, one))) for one in _draws(few.weights, resamples, seed)])
    return _figure(value, _percentiles(drawn), faces), len(chosen)


def _draws(weights: Floats, resamples: int, seed: int) -> Floats:
    """As many faces as there are, drawn anew from them, and how often each item came: shape (resamples, items)."""
    total = round(weights.sum())
    if not total:
        return np.zeros((resamples, len(weights)))
    rng = np.random.default_rng(seed)
    return rng.multinomial(total, weights / weights.sum(), resamples).astype(float)


def _percentiles(drawn: Floats) -> Floats:
    """The ends of the interval, shape (2,): NaN where no resample had the figure."""
    known = drawn[~np.isnan(drawn)]
    return np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) if len(known) else np.full(2, np.nan)


def _figure(value: Floats, ends: Floats, faces: int) -> Figure:
    if faces < FEWEST:
        return Figure(None, None, None, faces, "too_few")
    if np.isnan(value):
        return Figure(None, None, None, faces, "one_value")
    if value == 1 or np.isnan(ends).any():
        return Figure(float(value), None, None, faces, "all_agree")
    return Figure(float(value), float(ends[0]), float(ends[1]), faces)
