"""The table of the review bench: what was measured, what is aimed at, and the baseline beside it."""

from __future__ import annotations

from dataclasses import dataclass

WIDTH = 58


@dataclass(frozen=True)
class Line:
    """value and base in `unit`. aim: the most (the least, for `at_least`) that is good enough, None for a line that is
    told beside. base: the baseline's value, None where there is none; `against` says what it is."""

    name: str
    value: float
    unit: str
    aim: float | None = None
    base: float | None = None
    against: str = ""
    at_least: bool = False

    @property
    def reached(self) -> bool:
        if self.aim is None:
            return True
        return self.value >= self.aim if self.at_least else self.value <= self.aim


def head() -> str:
    return f"{'':{WIDTH}}{'value':>12}{'aim':>14}{'':6}{'baseline':>12}{'ratio':>9}"


def print_line(line: Line) -> None:
    """Ratio: how many times the baseline what we have is; of a time or a size, less than 1 is better."""
    aim = "" if line.aim is None else f"{'≥' if line.at_least else '≤'} {_number(line.aim)} {line.unit}"
    mark = "" if line.aim is None else "  yes" if line.reached else "  NO"
    base = ratio = ""
    if line.base is not None:
        base = _number(line.base)
        ratio = f"{line.value / line.base:.3g}x" if line.base else "-"
    value = f"{_number(line.value)} {line.unit}"
    against = f"  {line.against}" if line.against else ""
    print(f"{line.name:{WIDTH}}{value:>12}{aim:>14}{mark:6}{base:>12}{ratio:>9}{against}", flush=True)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
