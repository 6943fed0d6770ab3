"""What the Quality page shows of one measure: its histogram, and the faces at the edges of its range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import streamlit as st

from db.projection import histogram
from db.projection.filters import ReviewFilter
from db.projection.range_text import Ranges
from db.reads.counts import count_landmarks
from db.reads.review import ReviewItem, review_page
from db.store.store import Db, Store
from pages import _ui
from pages._review import filters
from pages._words import metric_ranges, t
from pages._words.vocabulary import LANDMARK_MODEL_WORDS
from pipeline.core.geometry import DLIB
from pipeline.core.metrics import BY_NAME, Metric

Scope = Literal["undecided", "all"]
BINS: Final = 80
CROPS: Final = 10
_HISTOGRAMS: Final = "quality_spreads"
_DIGITS: Final = {1: 0, 10: 1, 1000: 3, 10_000: 4}


@dataclass(frozen=True, slots=True)
class Shown:
    """Which faces the page is about. landmarks: the model that placed theirs, where the workspace has both; model: the
    one that the ranges are set for."""

    state: Scope
    landmarks: str | None
    model: str


def choose_model(store: Store, state: Scope) -> Shown:
    """Figures of the two landmark models compare only with their own: where there are both, one of them is shown."""
    counts = {model: n for model, n in store.read(count_landmarks).items() if n}
    usual = max(counts, key=counts.__getitem__, default=DLIB)
    if len(counts) < 2:
        return Shown(state, None, usual)
    named = {model: f"{t(LANDMARK_MODEL_WORDS[model])} · {n:,}" for model, n in counts.items()}
    asked = st.query_params.get("landmarks")
    found = st.segmented_control(
        t("Landmarks placed by"), list(named), default=asked if asked in named else usual, required=True,
        format_func=lambda one: named[one], key="quality-model",
        help=t("Figures of the two models compare only with their own."),
    )  # fmt: skip
    return Shown(state, found or usual, found or usual)


def clear_histograms() -> None:
    """The histograms are counted anew: the whole page runs, so faces or decisions may have changed."""
    st.session_state.pop(_HISTOGRAMS, None)


def cached_histogram(store: Store, name: str, shown: Shown) -> tuple[tuple[int, ...], int]:
    """Faces by bin over the slider's span (those beyond it at its ends), and those without this figure.

    Kept while a slider moves: its own range does not change it.
    """
    kept: dict[tuple[str, Shown], tuple[tuple[int, ...], int]] = st.session_state.setdefault(_HISTOGRAMS, {})
    if (name, shown) not in kept:
        found = store.read(lambda db: histogram.histogram(db, name, BINS, _filter(shown)))
        kept[name, shown] = tuple(found.counts), found.missing
    return kept[name, shown]


def panel(store: Store, name: str, ranges: Ranges, shown: Shown, turn: int, large: bool) -> dict[str, Any]:
    """The data of `quality_range`; only the large one has crops."""
    metric = BY_NAME[name]
    counts, missing = cached_histogram(store, name, shown)
    low, high = metric_ranges.range_of(ranges, name)
    gap = "" if metric.unit in ("", "°") else " "
    return {
        "name": name, "label": t(metric.label), "unit": f"{gap}{metric.unit}",
        "help": t(metric.help) if large else "",
        "low": metric.low, "high": metric.high, "step": metric_ranges.slider_step(metric), "digits": digits(metric),
        "counts": counts, "missing_words": _missing(missing) if large else "", "from": low, "to": high, "turn": turn,
        "large": large, "edges": store.read(lambda db: edges(db, metric, ranges, shown)) if large else [],
        "base": _ui.base_path(),
    }  # fmt: skip


def open_review(order: str, ranges: Ranges, shown: Shown, *, outside: bool = False) -> None:
    """Go to Review with what is shown."""
    opened = filters.open_with(order, ranges, shown.state, outside=outside, landmarks=shown.landmarks)
    st.switch_page("review.py", query_params=opened)


def _filter(shown: Shown, order: str = "import", ranges: Ranges = ()) -> ReviewFilter:
    return ReviewFilter(state=shown.state, order=order, ranges=ranges, landmarks=shown.landmarks)


def digits(metric: Metric) -> int:
    """Behind the point, in the fields: as fine as one step is."""
    whole = _DIGITS[metric.scale]
    return min(
        whole, next(n for n in range(whole + 1) if n == whole or metric_ranges.slider_step(metric) * 10**n >= 0.999)
    )


def _missing(number: int) -> str:
    if not number:
        return ""
    if number == 1:
        return t("1 face without this figure: a range leaves it out.")
    return t("{n} faces without this figure: a range leaves them out.", n=f"{number:,}")


def edges(db: Db, metric: Metric, ranges: Ranges, shown: Shown) -> list[dict[str, Any]]:
    """At each end that is set the faces just outside and just inside; where none is, the lowest and the highest.

    The other measures' ranges hold for all of them; those nearest to the end come first.
    """
    name = metric.name
    low, high = metric_ranges.range_of(ranges, name)
    others = tuple(one for one in ranges if one[0] != name)

    def nearest(order: str, one: tuple[float | None, float | None]) -> Sequence[ReviewItem]:
        asked = (*others, (name, *one))
        return review_page(db, _filter(shown, order, asked), CROPS).items

    rising, falling = name, f"-{name}"
    found = []
    if low is not None:
        out = nearest(falling, (None, metric_ranges.just_outside(metric, low, below=True)))
        found.append(_edge("low", metric, low, out, nearest(rising, (low, high))))
    if high is not None:
        out = nearest(rising, (metric_ranges.just_outside(metric, high, below=False), None))
        found.append(_edge("high", metric, high, out, nearest(falling, (low, high))))
    if not found:
        # an open range: faces without this figure stay away
        lowest, highest = nearest(rising, (None, None)), nearest(falling, (None, None))
        found.append(_edge("ends", metric, 0, lowest, highest))
    return found


def _edge(
    side: str, metric: Metric, end: float, out: Sequence[ReviewItem], kept: Sequence[ReviewItem]
) -> dict[str, Any]:
    unit = f"{'' if metric.unit in ('', '°') else ' '}{metric.unit}"
    end_text = f"{metric_ranges.format_end(end)}{unit}"
    words = {
        "low": (t("Falls out: below {end}", end=end_text), t("Is kept: {end} and more", end=end_text)),
        "high": (t("Falls out: above {end}", end=end_text), t("Is kept: {end} and less", end=end_text)),
        "ends": (t("The lowest"), t("The highest")),
    }[side]
    return {
        "side": side, "out_words": words[0], "in_words": words[1],
        "out": [_crop(item, metric) for item in out], "in": [_crop(item, metric) for item in kept],
    }  # fmt: skip


def _crop(item: ReviewItem, metric: Metric) -> dict[str, str]:
    value = getattr(item.quality, metric.name) if item.quality is not None else None
    return {"id": item.face_id, "v": item.crop_version, "value": metric_ranges.format_value(metric, value)}
