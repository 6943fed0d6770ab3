"""Ranges of metrics as text, as an address or a table holds them: `sharpness:20:,side:40:300`."""

from __future__ import annotations

import math
from collections.abc import Iterable

from pipeline.core.metrics import BY_NAME, METRICS, Metric

Range = tuple[str, float | None, float | None]
"""Name of a metric, low end, high end, both included, in its own unit; None is open."""
Ranges = tuple[Range, ...]


def parse(text: str) -> Ranges:
    """What the text says; what it says wrongly is left out."""
    found: dict[str, Range] = {}
    for part in text.split(","):
        name, _, ends = part.partition(":")
        low, _, high = ends.partition(":")
        if name in BY_NAME:
            given = normalised(BY_NAME[name], _number(low), _number(high))
            if given is not None:
                found[name] = given
    return ordered(found.values())


def text_of(ranges: Iterable[Range]) -> str:
    """The text that `parse` reads."""
    return ",".join(f"{name}:{_plain(low)}:{_plain(high)}" for name, low, high in ranges)


def ordered(ranges: Iterable[Range]) -> Ranges:
    """In the order of the metrics: equal choices are equal tuples."""
    at = {metric.name: number for number, metric in enumerate(METRICS)}
    return tuple(sorted(ranges, key=lambda one: at[one[0]]))


def normalised(metric: Metric, low: float | None, high: float | None) -> Range | None:
    """Both ends at the precision that is stored; an end of the slider is open. None where nothing is asked."""
    low, high = _stored(metric, low), _stored(metric, high)
    if low is not None and high is not None and low > high:
        low, high = high, low
    low = None if low is None or low <= metric.low else min(low, metric.high)
    high = None if high is None or high >= metric.high else max(high, metric.low)
    return None if low is None and high is None else (metric.name, low, high)


def _stored(metric: Metric, value: float | None) -> float | None:
    return None if value is None else round(value * metric.scale) / metric.scale


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
