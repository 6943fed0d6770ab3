"""The charts of the Progress page as Vega-Lite: built here from rows, drawn by Streamlit.

Plain dictionaries, so that a test can read them. Colour never stands alone: every bar has its name beside it. A chart's
description and its table are for screen readers; its marks would only tell them names of fields.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final, Literal

import pandas as pd
import streamlit as st

from db.reads.progress import QUARTER, Tally
from pages._words import t

Spec = dict[str, Any]
Unit = Literal["hour", "day", "week", "month"]
Row = dict[str, Any]

LABELS: Final = 168
"""Pixels left of the bars: the same in every chart, so that times stand over times."""
_ROW: Final = 44
_FLOOR: Final = 0.92
_LEAST_BINS: Final = 12
_MOST_DAYS: Final[dict[Unit, int]] = {"hour": 2, "day": 120, "week": 730}
_TOLD: Final[dict[Unit, str]] = {"hour": "%Y-%m-%d %H:00", "day": "%Y-%m-%d", "week": "%Y-%m-%d", "month": "%Y-%m"}
_AXIS: Final[dict[Unit, str]] = {
    "hour": "utcFormat(datum.value, utchours(datum.value) ? '%H:%M' : '%m-%d')",
    "day": "utcFormat(datum.value, '%m-%d')",
    "week": "utcFormat(datum.value, '%Y-%m-%d')",
    "month": "utcFormat(datum.value, '%Y-%m')",
}
_TICKS: Final[dict[Unit, float]] = {"hour": 3.6e6, "day": 8.64e7, "week": 6.048e8, "month": 2.6e9}


@dataclass(frozen=True, slots=True)
class Bar:
    """One horizontal bar: its name, how long it is, what is written at its end, and the length that it should have."""

    label: str
    length: float
    message: str
    colour: str
    target: float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """What has a row of its own over time."""

    key: str
    label: str
    colour: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Decisions by the beginning of a unit of the reader's time and by the key of a group."""

    unit: Unit
    counts: dict[tuple[datetime, str], int]

    @property
    def starts(self) -> list[datetime]:
        return sorted({start for start, _ in self.counts})

    def describe(self, start: datetime) -> str:
        """`2026-01-31 09:00`, `2026-01-31`, `week of 2026-01-26`, `2026-01`."""
        text = start.strftime(_TOLD[self.unit])
        return t("week of {day}", day=text) if self.unit == "week" else text


def colour(name: Literal["text", "quiet", "line", "accent"]) -> str:
    """A colour of the theme that the reader sees."""
    kind = "dark" if st.context.theme.type == "dark" else "light"
    if name == "accent":
        return str((st.get_option(f"theme.{kind}.chartCategoricalColors") or ["#5b8def"])[0])
    if name == "quiet":
        return "#8b8d94"  # 3:1 on either ground: bars of what is no class
    option = {"text": "textColor", "line": "borderColor"}[name]
    return str(st.get_option(f"theme.{kind}.{option}") or "#808080")


def timeline(found: Sequence[Tally], where: tzinfo, group: Callable[[Tally], str]) -> Timeline:
    """By hour where all of it (there is some) lies in two days, by day within four months, then by week and month."""
    moments = {one.quarter: _wall_clock(one.quarter, where) for one in found}
    days = (max(moments.values()) - min(moments.values())) / timedelta(days=1)
    unit: Unit = next((name for name, most in _MOST_DAYS.items() if days <= most), "month")
    counts: Counter[tuple[datetime, str]] = Counter()
    for one in found:
        counts[_begin(moments[one.quarter], unit), group(one)] += one.decisions
    return Timeline(unit, dict(counts))


def _wall_clock(quarter: int, where: tzinfo) -> datetime:
    return datetime.fromtimestamp(quarter * QUARTER * 60, where).replace(tzinfo=None)


def _begin(moment: datetime, unit: Unit) -> datetime:
    hour = moment.replace(minute=0)
    day = hour.replace(hour=0)
    starts = {"hour": hour, "day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}
    return starts[unit]


def _end(start: datetime, unit: Unit) -> datetime:
    if unit == "month":
        return (start + timedelta(days=32)).replace(day=1)
    return start + {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}[unit]


def _ms(moment: datetime) -> int:
    """Wall-clock time as if it were UTC: the charts draw on a UTC scale, so no browser shifts it once more."""
    return round(moment.replace(tzinfo=UTC).timestamp() * 1000)


def _span(found: Timeline) -> tuple[int, int]:
    """What the axis shows: a single hour is no wall from edge to edge."""
    first, last = found.starts[0], _end(found.starts[-1], found.unit)
    width = max(last - first, _LEAST_BINS * (_end(first, found.unit) - first))
    return _ms(last - width), _ms(last)


def _time_axis(found: Timeline) -> Spec:
    axis = {"title": None, "labelExpr": _AXIS[found.unit], "grid": False, "labelOverlap": True,
            "tickMinStep": _TICKS[found.unit], "tickCount": 10}  # fmt: skip
    return {"field": "start", "type": "temporal", "scale": {"type": "utc", "nice": False}, "axis": axis}


def _time_row(found: Timeline, start: datetime, number: int) -> Row:
    return {"start": _ms(start), "end": _ms(_end(start, found.unit)), "when": found.describe(start), "n": number}


def _tooltip() -> list[Spec]:
    return [{"field": "when", "title": t("When")}, {"field": "n", "title": t("Decisions"), "format": ","}]


def total_over_time(found: Timeline) -> Spec:
    """One bar an hour (day, week, month) over a scale of its own."""
    sums: Counter[datetime] = Counter()
    for (start, _), number in found.counts.items():
        sums[start] += number
    axis = {"title": None, "minExtent": LABELS, "maxExtent": LABELS, "tickCount": 3, "format": ",d", "tickMinStep": 1}
    begin = {"start": _span(found)[0], "end": _span(found)[0], "when": "", "n": 0}
    return {
        "description": f"{t('Decisions over time')}: {sums.total():,}",
        "height": 160,
        "data": {"values": [begin, *(_time_row(found, start, number) for start, number in sorted(sums.items()))]},
        "mark": {"aria": False, "type": "rect", "color": colour("accent"), "x2Offset": -1},
        "encoding": {
            "x": _time_axis(found),
            "x2": {"field": "end"},
            "y": {"field": "n", "type": "quantitative", "axis": axis, "scale": {"zero": True}},
            "y2": {"datum": 0},
            "tooltip": _tooltip(),
        },
    }


def rows_over_time(found: Timeline, groups: Sequence[Group]) -> Spec:
    """A row for each group, all at one scale, its sum beside its name: no legend is needed.

    One view with the rows laid out by hand: only single views take the page's width.
    """
    most = max(found.counts.values())
    index = {group.key: number for number, group in enumerate(groups)}
    sums: Counter[str] = Counter()
    for (_, key), n in found.counts.items():
        sums[key] += n
    rows = [
        {**_time_row(found, start, n), "who": groups[index[key]].label, "colour": groups[index[key]].colour,
         "base": index[key] + _FLOOR, "top": index[key] + _FLOOR - 0.8 * n / most}
        for (start, key), n in sorted(found.counts.items())
    ]  # fmt: skip
    names = [f"{group.label} · {sums[group.key]:,}" for group in groups]
    axis = {
        "title": None, "values": [number + 0.6 for number in range(len(groups))], "grid": False, "ticks": False,
        "domain": False, "labelExpr": f"{_texts(names)}[floor(datum.value)]", "labelLimit": LABELS - 8,
        "minExtent": LABELS, "maxExtent": LABELS,
    }  # fmt: skip
    height = {"type": "quantitative", "scale": {"domain": [0, len(groups)], "reverse": True, "nice": False}}
    wide = {"x": _time_axis(found), "x2": {"field": "end"}}
    start, end = _span(found)
    floors = {"values": [{"base": number + _FLOOR, "start": start, "end": end} for number in range(len(groups))]}
    return {
        "description": f"{t('Decisions over time')}: {', '.join(names)}",
        "height": _ROW * len(groups) + 24,
        "layer": [
            {"data": floors, "mark": {"aria": False, "type": "rule", "color": colour("line")},
             "encoding": {**wide, "y": {"field": "base", **height, "axis": axis}}},
            {"data": {"values": rows}, "mark": {"aria": False, "type": "rect", "x2Offset": -1},
             "encoding": {**wide, "y": {"field": "base", **height},
                          "y2": {"field": "top"}, "color": {"field": "colour", "type": "nominal", "scale": None},
                          "tooltip": [{"field": "who", "title": " "}, *_tooltip()]}},
        ],
    }  # fmt: skip


def _texts(names: Iterable[str]) -> str:
    """A list of texts in Vega's expression language; somebody's name may hold a quote."""
    quoted = ("'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'" for name in names)
    return f"[{', '.join(quoted)}]"


def bars(found: Sequence[Bar], description: str) -> Spec:
    """Horizontal bars with their names and what is told of each; a dashed frame up to a target."""
    rows = [{"label": b.label, "length": b.length, "told": b.message, "colour": b.colour, "target": b.target,
             "at": max(b.length, b.target or 0)} for b in found]  # fmt: skip
    top = max(1e-9, *(max(bar.length, bar.target or 0) for bar in found))
    x = {"type": "quantitative", "scale": {"domain": [0, top], "nice": False}, "axis": None}
    y = {"field": "label", "type": "nominal", "sort": [bar.label for bar in found],
         "scale": {"paddingInner": 0.4, "paddingOuter": 0.2},
         "axis": {"title": None, "ticks": False, "domain": False, "labelLimit": LABELS - 8, "minExtent": LABELS,
                  "maxExtent": LABELS, "grid": False}}  # fmt: skip
    frame = {"aria": False, "type": "bar", "fillOpacity": 0, "stroke": colour("quiet"), "strokeDash": [4, 3]}
    longest = max(len(bar.message) + sum(letter > "\u2e80" for letter in bar.message) for bar in found)
    return {
        "description": f"{description}: " + "; ".join(f"{bar.label} {bar.message}" for bar in found),
        "height": 32 * len(found) + 8,
        "padding": {"right": 16 + 7 * longest, "left": 0, "top": 4, "bottom": 4},
        "data": {"values": rows},
        "layer": [
            {"mark": frame, "transform": [{"filter": "datum.target > 0"}],
             "encoding": {"x": {"field": "target", **x}, "y": y}},
            {"mark": {"aria": False, "type": "bar"},
             "encoding": {"x": {"field": "length", **x}, "y": y,
                          "color": {"field": "colour", "type": "nominal", "scale": None}}},
            {"mark": {"aria": False, "type": "text", "align": "left", "dx": 8, "color": colour("text"), "fontSize": 13},
             "encoding": {"x": {"field": "at", **x}, "y": y, "text": {"field": "told"}}},
        ],
    }  # fmt: skip


def histogram(edges: Sequence[float], counts: Sequence[int], title: str, words: Sequence[str]) -> Spec:
    """Bars that can be clicked at any height (a bar of one face is a pixel high); `bar` selects one's index."""
    rows = [{"place": n, "low": edges[n], "high": edges[n + 1], "n": number, "range": words[n]}
            for n, number in enumerate(counts) if number]  # fmt: skip
    x = {"field": "low", "type": "quantitative", "title": title, "scale": {"domain": [edges[0], edges[-1]]},
         "axis": {"grid": False, "tickCount": 10}}  # fmt: skip
    y = {"field": "n", "type": "quantitative", "axis": {"title": t("Faces"), "format": ",d", "tickMinStep": 1}}
    wide = {"x": x, "x2": {"field": "high"}}
    lit = {"condition": {"param": "over", "value": 0.12, "empty": False}, "value": 0}
    return {
        "description": f"{title}: " + "; ".join(f"{words[n]} {number:,}" for n, number in enumerate(counts) if number),
        "height": 240,
        "data": {"values": rows},
        "params": [
            {"name": "bar", "select": {"type": "point", "fields": ["place"]}, "views": ["hits"]},
            {"name": "over", "views": ["hits"],
             "select": {"type": "point", "fields": ["place"], "on": "pointerover", "clear": "pointerout"}},
        ],
        "layer": [
            {"mark": {"aria": False, "type": "rect", "color": colour("accent"), "x2Offset": -1},
             "encoding": {**wide, "y": {**y, "scale": {"zero": True}}, "y2": {"datum": 0}}},
            {"name": "hits", "mark": {"aria": False, "type": "rect", "color": colour("text"), "cursor": "pointer"},
             "encoding": {**wide, "y": {"value": 0}, "y2": {"value": {"expr": "height"}}, "fillOpacity": lit,
                          "tooltip": [{"field": "range", "title": title},
                                      {"field": "n", "title": t("Faces"), "format": ","}]}},
        ],
    }  # fmt: skip


def chart(spec: Spec, key: str) -> None:
    st.vega_lite_chart(spec, key=key, width="stretch")  # its description is what a screen reader says


def clicked(spec: Spec, key: str) -> list[int]:
    """Draw a chart with bars to click; the indexes of those that were just clicked."""
    event = st.vega_lite_chart(spec, key=key, width="stretch", on_select="rerun", selection_mode=["bar"])
    return [int(one["place"]) for one in event["selection"].get("bar", [])]


def table(rows: Sequence[Row], key: str, shares: Iterable[str] = ()) -> None:
    """The numbers themselves. shares: the columns that are parts of 1."""
    frame = pd.DataFrame(rows)
    st.dataframe(frame, hide_index=True, key=key, column_config=formats(frame, shares))


def formats(frame: pd.DataFrame, shares: Iterable[str] = ()) -> Spec:
    """How a table shows its columns of numbers."""
    numbers = [name for name in frame.columns if pd.api.types.is_numeric_dtype(frame[name])]
    formats = {**dict.fromkeys(numbers, "localized"), **dict.fromkeys(shares, "percent")}
    return {name: st.column_config.NumberColumn(format=kind) for name, kind in formats.items()}


def as_table(rows: Sequence[Row], key: str, named: str) -> None:
    """The same as a chart shows: for screen readers, and for whoever wants the numbers."""
    with st.expander(t("{name} as a table", name=named), icon=":material/table_rows:"):
        table(rows, key)
