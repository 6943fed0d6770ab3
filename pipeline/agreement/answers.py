"""Who answered what, as whole numbers: what all statistics of this room begin with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]

_HASH_SEED: Final = 1979
_APART_SEED: Final = 1970
_ANYBODY: Final = 1
_MOST_BITS: Final = 63


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """One entry for each answer.

    items, annotators, values: intp, shape (n,), from 0: which face, by whom, with what. Entries of one face stand
    together, in the order of their annotators; `answers_of` puts them so. Nobody answers a face twice, but for
    `dawid_skene`. weights: float64, shape (n_items,): how many faces with the same answers an item stands for.
    """

    items: Ints
    annotators: Ints
    values: Ints
    n_annotators: int
    n_values: int
    weights: Floats

    @property
    def n_items(self) -> int:
        return len(self.weights)


def answers_of(
    items: npt.ArrayLike, annotators: npt.ArrayLike, values: npt.ArrayLike, shape: tuple[int, int, int]
) -> Answers:
    """Entries in any order, put in order. shape: how many items, annotators and values there are.

    Raises ValueError for a number outside the shape, for lists of different lengths and where there is no value.
    """
    if shape[2] < 1:
        raise ValueError("there is no value to answer with")
    columns = [np.asarray(one, np.intp).ravel() for one in (items, annotators, values)]
    if len({len(one) for one in columns}) != 1:
        raise ValueError("items, annotators and values differ in length")
    for one, most in zip(columns, shape, strict=True):
        if len(one) and not 0 <= int(one.min()) <= int(one.max()) < most:
            raise ValueError(f"a number lies outside 0 … {most - 1}")
    order = stable_order(columns[0] * shape[1] + columns[1])
    by, who, what = (one[order] for one in columns)
    return Answers(by, who, what, shape[1], shape[2], np.ones(shape[0]))


def stable_order(keys: npt.NDArray[np.int64]) -> Ints:
    """`np.argsort(keys, kind="stable")`: of keys that leave room for a place beside them, by a sort of both in one
    number, a quarter of the work."""
    bits = len(keys).bit_length()
    if not len(keys) or max(int(keys.max()), ~int(keys.min())).bit_length() + bits > _MOST_BITS:
        return np.argsort(keys, kind="stable")
    both = (keys << bits) | np.arange(len(keys))
    both.sort()
    found: Ints = both & ((1 << bits) - 1)
    return found


def counts(answers: Answers) -> Floats:
    """How often each item was given each value: float64, shape (items, values)."""
    cells = answers.items * answers.n_values + answers.values
    found = np.bincount(cells, minlength=answers.n_items * answers.n_values)
    return found.reshape(answers.n_items, answers.n_values).astype(float)


def patterns(
    answers: Answers, *, least: int = 1, named: bool = True, apart: Ints | None = None
) -> tuple[Answers, Ints]:
    """The same answers with one item for all faces that were answered alike, and which item each face became.

    least: faces with fewer answers are left out (-1 in the second result, shape (n_items,)). named: whether it matters
    who gave which answer; else every annotator becomes number 0 and only the counts are kept. apart: a number for each
    face, shape (n_items,); those with other numbers are no pattern together. A team's million answers are some hundreds
    of patterns, and every statistic here is a sum over faces.

    Faces are told apart by a sum of random 64-bit numbers, one for each annotator and value (Zobrist, 1970): two of n
    patterns meet with a probability of n² / 2⁶⁵.
    """
    who = answers.annotators if named else np.zeros_like(answers.annotators)
    n_annotators = answers.n_annotators if named else _ANYBODY
    sizes = np.bincount(answers.items, minlength=answers.n_items)
    table = np.random.default_rng(_HASH_SEED).integers(0, 2**64, (n_annotators, answers.n_values), np.uint64)
    kept = np.flatnonzero(sizes >= max(1, least))
    starts = np.concatenate([[0], np.cumsum(sizes)])[kept]
    codes = table[who, answers.values]
    running = np.concatenate([[np.uint64(0)], np.cumsum(codes, dtype=np.uint64)])
    sums = running[starts + sizes[kept]] - running[starts]  # both wrap round, and so does their difference
    if apart is not None:
        groups, group = np.unique(apart[kept], return_inverse=True)
        sums += np.random.default_rng(_APART_SEED).integers(0, 2**64, len(groups), np.uint64)[group]
    alike = np.unique(sums)
    inverse = np.searchsorted(alike, sums)
    first = np.empty(len(alike), np.intp)
    first[inverse[::-1]] = np.arange(len(sums))[::-1]  # where a place is named twice the last stays: the first face
    became = np.full(answers.n_items, -1, np.intp)
    became[kept] = inverse
    weights = np.bincount(inverse, answers.weights[kept], len(first)).astype(float)
    lengths = sizes[kept][first]
    into = np.repeat(np.arange(len(first)), lengths)
    at = np.repeat(starts[first] - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths) + np.arange(lengths.sum())
    return Answers(into, who[at], answers.values[at], n_annotators, answers.n_values, weights), became


def joined(parts: Sequence[Answers]) -> Answers:
    """The faces of all parts, one behind the other; they have the same annotators and values."""
    starts = np.cumsum([0, *(part.n_items for part in parts)])
    return Answers(
        np.concatenate([part.items + start for part, start in zip(parts, starts[:-1], strict=True)]),
        np.concatenate([part.annotators for part in parts]),
        np.concatenate([part.values for part in parts]),
        parts[0].n_annotators,
        parts[0].n_values,
        np.concatenate([part.weights for part in parts]),
    )


def chosen(answers: Answers, kept: npt.NDArray[np.bool_]) -> Answers:
    """These items alone. kept: shape (n_items,)."""
    rows = kept[answers.items]
    items = (np.cumsum(kept) - 1)[answers.items[rows]]
    return replace(
        answers, items=items, annotators=answers.annotators[rows], values=answers.values[rows],
        weights=answers.weights[kept],
    )  # fmt: skip
