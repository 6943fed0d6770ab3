"""When enough faces were labelled one by one: told from the random draws, by a lower confidence bound.

Only faces that were drawn at random say how often suggestions are right; the uncertain ones, and the typical ones, say
too little or too much. They were drawn from what was left then, and the hardest faces of that are answered by now: a
draw counts only while something as uncertain is left, or the figure would be too low for what it is told of. Each is
right or wrong as it was suggested when it was drawn, before anybody answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from pipeline.suggest.features import Floats

LEAST: Final = 20
"""Answered random draws below which nothing is said."""
WANTED: Final = 0.95
"""The share of correct labels, in all, that labelling may stop at."""
_SURE: Final = 0.975
"""What one look at the interval holds; why so much, `accuracy` says."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How many suggestions are right: n answered random draws, `right` of them; share with the ends of its interval,
    0 to 1, which holds it at least nine times of ten."""

    n: int
    right: int
    share: float
    low: float
    high: float


def accuracy(n: int, right: int) -> Accuracy | None:
    """The exact interval (Clopper and Pearson, 1934), wider than one that holds nine times of ten: it is looked at
    after each batch until it suffices, and the first look that does is often a lucky one. None below LEAST draws."""
    if n < LEAST:
        return None
    side = (1 - _SURE) / 2  # not by scipy.stats: Review asks, and its first look took half a second and 45 MB more
    low = float(betaincinv(right, n - right + 1, side)) if right else 0.0
    high = float(betaincinv(right + 1, n - right, 1 - side)) if right < n else 1.0
    return Accuracy(n, right, right / n, low, high)


def comparable(drawn: Floats, left: Floats) -> npt.NDArray[np.bool_]:
    """Which of m answered random draws tell of what is left, bool (m,): those no more uncertain than the most uncertain
    face that is left.

    drawn: (m,), left: (n,), by the same suggestions: one less the lead of the likeliest class over the next, 0 to 1
    ("smallest margin", Scheffer, Decomain, Wrobel, IDA 2001).
    """
    if not len(left):
        return np.zeros(len(drawn), bool)
    found: npt.NDArray[np.bool_] = drawn <= left.max()
    return found


def correct_in_all(found: Accuracy, decided: int, left: int) -> float:
    """The share of correct labels, at the lower bound, if all that are left were confirmed as suggested; what people
    decided is counted as right. 1.0 where nothing is left."""
    total = decided + left
    return (decided + left * found.low) / total if total else 1.0


def may_stop(found: Accuracy | None, decided: int, left: int, wanted: float = WANTED) -> bool:
    """Whether the rest may be confirmed page by page: the share of correct labels in all is `wanted` or more."""
    return found is not None and correct_in_all(found, decided, left) >= wanted
