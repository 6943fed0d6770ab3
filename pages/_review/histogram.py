"""A small histogram over a range of one figure: where the faces lie that the other filters leave."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from math import sqrt
from typing import Final

import streamlit as st

from db.projection import filter_text, histogram, range_text
from db.projection.filters import ReviewFilter
from db.projection.histogram import Histogram
from pages._review import query
from pages._review.query import Params
from pages._server import workspace
from pages._ui import histogram_bins, plots
from pages._words import labelled, metric_ranges, t
from pipeline.core.metrics import BY_NAME, Metric

HEIGHT: Final = 48
INSET: Final = 6
"""Pixels between the edge of a slider and where its scale begins: half a handle."""


def over_range(params: Params, name: str) -> None:
    """Draw how `name` is spread over the faces that these parameters ask for, its own range left out; the part within
    that range stands out. Nothing where no face has the figure."""
    metric, flt = BY_NAME[name], without(query.filter_of(params)[0], name)
    found = workspace.get_store().read(lambda db: histogram.histogram(db, name, histogram_bins.bins(metric), flt))
    if sum(found.counts):
        low, high = metric_ranges.range_of(range_text.parse(params.get(filter_text.RANGES, "")), name)
        st.html(picture(metric, found, low, high))


def without(flt: ReviewFilter, name: str) -> ReviewFilter:
    """The filter without its range of this measure: what could be chosen must be seen, too."""
    others = tuple(one for one in flt.ranges if one[0] != name)
    return replace(flt, ranges=others, outside=flt.outside and bool(others))


def picture(metric: Metric, found: Histogram, low: float | None, high: float | None) -> str:
    """HTML: a bar for each bin, as high as the square root of its faces, so that a few still show. A bin that a range's
    end cuts has both colours. No SVG: `st.html` would throw it away."""
    bins, span = len(found.counts), metric.high - metric.low
    first = 0.0 if low is None else bins * (low - metric.low) / span
    last = float(bins) if high is None else bins * (high - metric.low) / span
    filled = [(index, number) for index, number in enumerate(found.counts) if number]
    message = "; ".join(f"{histogram_bins.bar_words(metric, index)} {number:,}" for index, number in filled)
    most = sqrt(max(found.counts))
    bars = "".join(_bar(sqrt(number) / most, first - n, last - n) for n, number in enumerate(found.counts))
    label = escape(labelled(t(metric.label), message))
    return (
        f'<div role="img" class="moue-spread" aria-label="{label}" style="display:flex;align-items:flex-end;'
        f'gap:1px;height:{HEIGHT}px;margin:0 {INSET}px -8px">{bars}</div>'
    )


def _bar(height: float, start: float, end: float) -> str:
    """height: 0 to 1. start, end: of the range, in widths of this bar from its left."""
    left, right = (100 * min(1.0, max(0.0, edge)) for edge in (start, end))
    quiet, lit = plots.colour("quiet"), plots.colour("accent")
    fill = f"linear-gradient(to right,{quiet} {left:.0f}%,{lit} {left:.0f}% {right:.0f}%,{quiet} {right:.0f}%)"
    least = "min-height:2px;" if height else ""
    return f'<span style="flex:1;{least}height:{100 * height:.1f}%;background:{fill}"></span>'
