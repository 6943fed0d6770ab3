"""Histograms of the quality metrics, and how many faces pass given ranges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from sqlite_utils.db import Database as Db

from db.projection.columns import Faces
from db.projection.filters import Ranges, ReviewFilter, matching
from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.metrics import BY_NAME, MISSING

MOST_BINS: Final = 200


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many faces lie in each bin. edges: one more than counts, in the metric's unit; the first and the last bin
    also hold what lies beyond. missing: faces without this metric."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    missing: int


def histogram(db: Db, name: str, bins: int, flt: ReviewFilter) -> Histogram:
    """The distribution of a metric over the faces that pass the filter, whose order is ignored. Raises UsageError."""
    if name not in BY_NAME:
        raise UsageError(message("metric_unknown", name=name, names=tuple(BY_NAME)))
    if not 1 <= bins <= MOST_BINS:
        raise UsageError(f"a histogram has 1 to {MOST_BINS} bins, not {bins}")
    metric = BY_NAME[name]
    low, high = metric.to_stored(metric.low), metric.to_stored(metric.high)
    faces = Faces(db)
    values = faces.column(name)[matching(faces, flt)]
    known = values[values != MISSING].clip(low, high).astype(np.int64)
    bin_index = np.minimum((known - low) * bins // (high - low), bins - 1)
    counts = np.bincount(bin_index, minlength=bins)
    width = (metric.high - metric.low) / bins
    edges = (*(metric.low + n * width for n in range(bins)), metric.high)
    return Histogram(edges, tuple(counts.tolist()), len(values) - len(known))


def count_passing(
    db: Db, ranges: Ranges, state: Literal["all", "undecided"] = "all", landmarks: str | None = None
) -> tuple[int, int]:
    """How many faces pass all ranges, and of how many. landmarks: of those that this model placed. Raises
    UsageError."""
    faces = Faces(db)
    total = len(matching(faces, ReviewFilter(state, landmarks=landmarks)))
    passing = ReviewFilter(state, ranges=ranges, landmarks=landmarks)
    return len(matching(faces, passing)) if ranges else total, total
