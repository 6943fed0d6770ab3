"""Sums over all faces of what people answered there: those of faces that changed are taken away and added anew."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from db.team.answers.matrix import NOTHING, AnswerMatrix
from pipeline.agreement.answers import Answers, Ints, chosen, joined, patterns

WEEK: Final = 7
_MONDAY: Final = 3
"""1970-01-01 was a Thursday: day -3 was a Monday."""
_LEAST: Final = 2
"""Answers on a face that can agree."""


@dataclass(frozen=True, slots=True, eq=False)
class AnswerSums:
    """What is told of a matrix of answers: none of it grows with the faces.

    names, states: as in AnswerMatrix. few: the faces with two answers as patterns, those of each week apart. mondays:
    of each pattern, when its week began, since 1970. given, crossed, overruled: int64, shape (people, values), answers
    as GivenAnswers has them. counted: int64, shape (people, values, values), how often each person answered the row's
    value where the column's counts.
    """

    names: tuple[str, ...]
    states: tuple[int, ...]
    few: Answers
    mondays: Ints
    given: Ints
    crossed: Ints
    overruled: Ints
    counted: Ints


def sums_of(matrix: AnswerMatrix) -> AnswerSums:
    """Sums over the faces of a matrix."""
    answers, people, size = matrix.answers, len(matrix.names), len(matrix.states)
    days = (matrix.days + _MONDAY) // WEEK * WEEK - _MONDAY
    few, mondays = _patterns(answers, days)
    counting = matrix.consensus[answers.items]
    cells = answers.annotators * size + answers.values

    def table(rows: npt.NDArray[np.bool_] | slice) -> Ints:
        return np.bincount(cells[rows], minlength=people * size).reshape(people, size)

    counts = counting != NOTHING
    counted = np.bincount((cells * size + counting)[counts], minlength=people * size**2)
    return AnswerSums(
        matrix.names, matrix.states, few, mondays, table(slice(None)), table(matrix.crossed),
        table(counts & (counting != answers.values)), counted.reshape(people, size, size),
    )  # fmt: skip


def _patterns(answers: Answers, mondays: Ints) -> tuple[Answers, Ints]:
    few, became = patterns(answers, least=_LEAST, apart=mondays)
    of_pattern = np.zeros(few.n_items, np.int64)
    of_pattern[became[became >= 0]] = mondays[became >= 0]
    left = few.weights != 0
    return chosen(few, left), of_pattern[left]


def exchanged(sums: AnswerSums, before: AnswerSums, after: AnswerSums) -> AnswerSums:
    """The sums where some faces, which had come to `before`, come to `after`; these two have the names of both."""
    known = _named(sums, after.names)
    away = replace(before.few, weights=-before.few.weights)
    few, mondays = _patterns(
        joined([known.few, away, after.few]), np.concatenate([known.mondays, before.mondays, after.mondays])
    )
    given, crossed, overruled, counted = (
        one - old + new
        for one, old, new in zip(_tables(known), _tables(before), _tables(after), strict=True)
    )  # fmt: skip
    return AnswerSums(after.names, sums.states, few, mondays, given, crossed, overruled, counted)


def _tables(sums: AnswerSums) -> tuple[Ints, Ints, Ints, Ints]:
    return sums.given, sums.crossed, sums.overruled, sums.counted


def _named(sums: AnswerSums, names: tuple[str, ...]) -> AnswerSums:
    """The same with these names, in alphabetical order, those there were among them."""
    if sums.names == names:
        return sums
    places = {name: place for place, name in enumerate(names)}
    moved = np.array([places[name] for name in sums.names], np.intp)

    def table(one: Ints) -> Ints:
        found = np.zeros((len(names), *one.shape[1:]), one.dtype)
        found[moved] = one
        return found

    few = replace(sums.few, annotators=moved[sums.few.annotators], n_annotators=len(names))
    return AnswerSums(names, sums.states, few, sums.mondays, *(table(one) for one in _tables(sums)))
