"""The bins of a metric's histogram, and what each of its bars holds, in words."""

from __future__ import annotations

from db.reads import progress
from pages._words import metric_ranges, t
from pipeline.core.metrics import Metric


def bins(metric: Metric) -> int:
    """So many that each is a round number wide."""
    return 30 if metric.low < 0 else 25


def bar_words(metric: Metric, index: int) -> str:
    """What one bar holds: `40 to 59 px`, `at most 19 px`, `480 px and more`."""
    low, high = progress.bar_ends(metric.name, bins(metric), index)
    unit = f"{'' if metric.unit in ('', '°') else ' '}{metric.unit}"
    if low is None:
        return t("at most {high}", high=f"{metric_ranges.format_end(high or 0)}{unit}")
    if high is None:
        return t("{low} and more", low=f"{metric_ranges.format_end(low)}{unit}")
    return t("{low} to {high}", low=metric_ranges.format_end(low), high=f"{metric_ranges.format_end(high)}{unit}")
