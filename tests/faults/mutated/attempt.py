"""What became of one damaged file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attempt:
    """seconds: of this thread's CPU, which a busy machine does not lengthen, and by the clock. bytes: the most that the
    process grew by. refused: with a named error. fault: anything else than that or a result, with where it came from.
    """

    name: str
    number: int
    seconds: float
    clock_s: float
    bytes: int
    refused: bool
    fault: str = ""
