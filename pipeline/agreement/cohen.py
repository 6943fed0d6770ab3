"""Two people's answers against each other, and Cohen's κ.

Source: J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20 (1960),
37–46. For more than two people the mean over their pairs (R. J. Light, Psychological Bulletin 76 (1971), 365–377).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.agreement.answers import Answers, Floats, Ints

_NOTHING: Final = 1e-12


class Pairs:
    """What each pair of people answered on the faces that both answered.

    cells, items: intp, shape (n,), an entry for each pair of answers on a face: the number of a cell, ((one ·
    annotators + other) · values + value of one) · values + value of the other, and the item. The one is the lower.
    """

    def __init__(self, answers: Answers) -> None:
        self._people, self._values = answers.n_annotators, answers.n_values
        self._weights = answers.weights
        cells, items = [np.zeros(0, np.intp)], [np.zeros(0, np.intp)]
        shift = 1
        while (same := _same_item(answers.items, shift)).any():  # the answer `shift` places on in each face's row
            one, other = np.flatnonzero(same), np.flatnonzero(same) + shift
            pair = answers.annotators[one] * self._people + answers.annotators[other]
            cells.append((pair * self._values + answers.values[one]) * self._values + answers.values[other])
            items.append(answers.items[one])
            shift += 1
        self.cells, self.items = np.concatenate(cells), np.concatenate(items)

    def confusion(self, one: int, other: int) -> Floats:
        """How often `one` gave the row's value and `other` the column's: float64, shape (values, values)."""
        swapped = one > other
        first, second = (other, one) if swapped else (one, other)
        size = self._values**2
        start = (first * self._people + second) * size
        mine = (self.cells >= start) & (self.cells < start + size)
        found = np.bincount(self.cells[mine] - start, self._weights[self.items[mine]], size).astype(float)
        table = found.reshape(self._values, self._values)
        return table.T if swapped else table

    def pairs(self, least: float = 1) -> list[tuple[int, int]]:
        """Who answered at least so many faces together."""
        faces = np.bincount(self.cells // self._values**2, self._weights[self.items], self._people**2)
        return [(int(one) // self._people, int(one) % self._people) for one in np.flatnonzero(faces >= least)]

    def tables(self, chosen: list[tuple[int, int]], weights: Floats) -> Floats:
        """The confusion matrices of the chosen pairs under these weights of the items: (pairs, values, values)."""
        places, cells, items = self._of(chosen)
        size = self._values**2
        found = np.bincount(places * size + cells, weights[items], len(chosen) * size).astype(float)
        return found.reshape(len(chosen), self._values, self._values)

    def spread(self, chosen: list[tuple[int, int]]) -> float:
        """The standard error of the mean of the chosen pairs' κ when faces are drawn.

        The infinitesimal jackknife (B. Efron, The Jackknife, the Bootstrap and Other Resampling Plans, 1982, chapter
        6): how much one face more would move the mean, squared and summed over faces. A bootstrap with many faces comes
        to the same.
        """
        places, cells, items = self._of(chosen)
        tables = self.tables(chosen, self._weights)
        number = tables.sum(axis=(1, 2))
        shares = tables / number[:, None, None]
        rows, columns = shares.sum(axis=2), shares.sum(axis=1)
        observed, by_chance = np.trace(shares, axis1=1, axis2=2), (rows * columns).sum(axis=1)
        left = np.where(np.abs(1 - by_chance) < _NOTHING, np.nan, 1 - by_chance)
        one, other = cells // self._values, cells % self._values
        moved = (one == other) - observed[places]
        chance_moved = columns[places, one] + rows[places, other] - 2 * by_chance[places]
        pulls = (moved * left[places] - (1 - observed[places]) * chance_moved) / (left**2 * number)[places]
        of_item = np.bincount(items, np.nan_to_num(pulls), len(self._weights)).astype(float)
        return float(np.sqrt(self._weights @ of_item**2)) / max(1, int((~np.isnan(left)).sum()))

    def _of(self, chosen: list[tuple[int, int]]) -> tuple[Ints, Ints, Ints]:
        """For each answer of the chosen pairs the pair's place, the cell in its table, and the item."""
        size = self._values**2
        numbers = np.full(self._people**2, -1, np.intp)
        numbers[[one * self._people + other for one, other in chosen]] = np.arange(len(chosen))
        places = numbers[self.cells // size]
        kept = places >= 0
        return places[kept], self.cells[kept] % size, self.items[kept]


def cohen(confusion: Floats) -> Floats:
    """κ of each confusion matrix, shape (..., values, values) → (...); NaN without answers, and where both people gave
    one and the same value alone."""
    total = confusion.sum(axis=(-2, -1))
    enough = np.where(total < _NOTHING, np.nan, total)
    observed = np.trace(confusion, axis1=-2, axis2=-1) / enough
    rows, columns = confusion.sum(axis=-1), confusion.sum(axis=-2)
    by_chance = (rows * columns).sum(axis=-1) / enough**2
    left = np.where(np.abs(1 - by_chance) < _NOTHING, np.nan, 1 - by_chance)
    found: Floats = (observed - by_chance) / left
    return found


def mean_cohen(kappas: Floats) -> Floats:
    """The mean over pairs of those κ that are defined; NaN where none is. kappas: (…, pairs); (…) comes back."""
    there = ~np.isnan(kappas)
    number = there.sum(axis=-1)
    sums = np.where(there, kappas, 0.0).sum(axis=-1)
    found: Floats = np.where(number == 0, np.nan, sums / np.maximum(number, 1))
    return found


def _same_item(items: Ints, shift: int) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = items[shift:] == items[:-shift] if shift < len(items) else np.zeros(0, bool)
    return found
