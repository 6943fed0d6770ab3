"""The order in which outcomes are shown: the misses first."""

from __future__ import annotations

from typing import Final

from pipeline.core.outcome import Outcome

OUTCOME_RANKS: Final = (
    Outcome.NO_FACE,
    Outcome.UNDECODABLE,
    Outcome.TOO_LARGE,
    Outcome.UNSUPPORTED,
    Outcome.UNAVAILABLE,
    Outcome.QUARANTINED,
    Outcome.ADDED,
    Outcome.ALREADY_PRESENT,
    Outcome.PASSED_OVER,
)
"""In the order of the page; the index of each is `sightings.outcome_rank`."""
