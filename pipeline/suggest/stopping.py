"""When enough faces were labelled one by one: told from the random draws, by a lower confidence bound.

Only faces that were drawn at random say how often suggestions are right; the uncertain ones, and the typical ones, say
too little or too much. Every random draw counts, also an early one: what was drawn while harder faces were still there
makes the figure too low, never too high.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scipy.stats import binomtest

LEAST: Final = 20
"""Answered random draws below which nothing is said."""
WANTED: Final = 0.95
"""The share of correct labels, in all, that labelling may stop at."""
_SURE: Final = 0.9


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How many suggestions are right: n answered random draws, `right` of them; share with the ends of its interval,
    0 to 1, which holds it nine times of ten."""

    n: int
    right: int
    share: float
    low: float
    high: float


def accuracy(n: int, right: int) -> Accuracy | None:
    """Wilson's interval (1927) of 90 %: its lower end is a bound that holds 19 times of 20. None below LEAST draws."""
    if n < LEAST:
        return None
    interval = binomtest(right, n).proportion_ci(_SURE, method="wilson")
    return Accuracy(n, right, right / n, float(interval.low), float(interval.high))


def correct_in_all(found: Accuracy, decided: int, left: int) -> float:
    """The share of correct labels, at the lower bound, if all that are left were confirmed as suggested; what people
    decided is counted as right. 1.0 where nothing is left."""
    total = decided + left
    return (decided + left * found.low) / total if total else 1.0


def may_stop(found: Accuracy | None, decided: int, left: int, wanted: float = WANTED) -> bool:
    """Whether the rest may be confirmed page by page: the share of correct labels in all is `wanted` or more."""
    return found is not None and correct_in_all(found, decided, left) >= wanted
