"""Ranges of measures as the pages tell and set them; as text, see `db.projection.range_text`."""

from __future__ import annotations

import math

from db.projection.range_text import Range, Ranges, normalised, ordered
from pages._words import t
from pipeline.core.metrics import BY_NAME, Metric


def with_range(ranges: Ranges, name: str, low: float | None, high: float | None) -> Ranges:
    """`ranges` with another one for this measure; none where both ends are open."""
    changed = normalised(BY_NAME[name], low, high)
    return ordered([*(one for one in ranges if one[0] != name), *([changed] if changed else [])])


def range_of(ranges: Ranges, name: str) -> tuple[float | None, float | None]:
    return next(((low, high) for found, low, high in ranges if found == name), (None, None))


def describe(one: Range) -> str:
    """`Crop side 40 to 300 px`, `Sharpness at least 20`."""
    name, low, high = one
    metric = BY_NAME[name]
    unit = metric.unit if metric.unit == "°" else f" {metric.unit}".rstrip()
    label = t(metric.label)
    if low is not None and high is not None:
        return t("{label} {low} to {high}", label=label, low=format_end(low), high=f"{format_end(high)}{unit}")
    if high is not None:
        return t("{label} at most {high}", label=label, high=f"{format_end(high)}{unit}")
    if low is not None:
        return t("{label} at least {low}", label=label, low=f"{format_end(low)}{unit}")
    return t("{label} any", label=label)


def format_value(metric: Metric, value: float | None) -> str:
    """A value with three digits that say something; a real minus sign."""
    if value is None:
        return "–"
    finest = round(math.log10(metric.scale))
    digits = min(finest, max(0, 2 - math.floor(math.log10(max(abs(value), 0.01)))))
    return f"{round(value, digits):,.{digits}f}".replace("-", "−")


def format_end(value: float) -> str:
    """An end of a range, as fine as it was set."""
    return f"{value:,.6g}".replace("-", "−")


def slider_step(metric: Metric) -> float:
    """What one press of an arrow key moves: about a two-hundredth of the span, as 1, 2 or 5."""
    rough = (metric.high - metric.low) / 200
    power = 10.0 ** math.floor(math.log10(rough))
    nice = next(n for n in (5, 2, 1) if n * power <= rough * 1.0001) * power
    return max(nice, 1 / metric.scale)


def just_outside(metric: Metric, end: float, below: bool) -> float:
    """The nearest value that can be stored beyond an end that is included."""
    return end - 1 / metric.scale if below else end + 1 / metric.scale
