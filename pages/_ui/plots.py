"""The plots of the Progress page, drawn here as HTML: they cost no script and have their height at once.

Colour never stands alone: every bar has its name beside it. A plot's name tells a screen reader all that it shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from html import escape
from typing import Any, Final, Literal

import pandas as pd
import streamlit as st

from db.reads.decision_sums import QUARTER
from db.reads.progress import Tally
from pages._ui.html_table import figures_table
from pages._words import labelled, t

Unit = Literal["hour", "day", "week", "month"]
Row = dict[str, Any]

_MOST_ROWS: Final = 40
"""Of a table that is drawn whole; a longer one scrolls in a box of its own."""
_LEAST_BINS: Final = 12
_BESIDE: Final = 16
"""Characters that stand beside a bar on a phone; more stand below it, or there would be no bar."""
_MOST_TICKS: Final = 8
_MOST_DAYS: Final[dict[Unit, int]] = {"hour": 2, "day": 120, "week": 730}
_TOLD: Final[dict[Unit, str]] = {"hour": "%Y-%m-%d %H:00", "day": "%Y-%m-%d", "week": "%Y-%m-%d", "month": "%Y-%m"}
_AXIS: Final[dict[Unit, str]] = {"hour": "%H:00", "day": "%m-%d", "week": "%Y-%m-%d", "month": "%Y-%m"}
_STEPS: Final[dict[Unit, tuple[int, ...]]] = {
    "hour": (1, 2, 3, 6, 12, 24), "day": (1, 2, 7, 14, 28), "week": (1, 2, 4, 8, 13, 26), "month": (1, 2, 3, 6, 12),
}  # fmt: skip
"""Units between two marks of the axis."""


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


@dataclass(frozen=True, slots=True)
class _Axis:
    """The time that a plot shows: from the first decision on, and a single hour is no wall from edge to edge."""

    unit: Unit
    first: datetime
    last: datetime

    @staticmethod
    def of(found: Timeline) -> _Axis:
        first, last = found.starts[0], _end(found.starts[-1], found.unit)
        width = max(last - first, _LEAST_BINS * (_end(first, found.unit) - first))
        return _Axis(found.unit, first, first + width)

    def percent(self, moment: datetime) -> float:
        return 100 * ((moment - self.first) / (self.last - self.first))

    def ticks(self) -> str:
        """HTML of the marks below: so many that they stand apart on the narrowest screen that shows them."""
        starts = [_begin(self.first, self.unit)]
        while (after := _end(starts[-1], self.unit)) < self.last:
            starts.append(after)
        starts = [one for one in starts if one >= self.first]
        step = next((one for one in _STEPS[self.unit] if len(starts) <= one * _MOST_TICKS), len(starts))
        shown = starts[::step]
        if self.unit == "hour":
            shown = [one for one in starts if one.hour % min(step, 24) == 0] or starts[:1]
        return "".join(f'<i style="left:{self.percent(one):.2f}%">{self._name(one)}</i>' for one in shown)

    def _name(self, one: datetime) -> str:
        new_day = self.unit == "hour" and one.hour == 0
        return one.strftime(_AXIS["day" if new_day else self.unit])

    def bar(self, start: datetime, height: float, fill: str, told: str) -> str:
        """height: 0 to 1, of its row."""
        left, right = self.percent(start), self.percent(_end(start, self.unit))
        place = f"left:{left:.2f}%;width:{right - left:.2f}%;height:{100 * height:.1f}%;background:{escape(fill)}"
        return f'<b style="{place}" title="{escape(told)}"></b>'


def _told(found: Timeline, start: datetime, number: int, of: str = "") -> str:
    return labelled(f"{of}{found.describe(start)}", f"{number:,}")


def total_over_time(found: Timeline) -> str:
    """One bar an hour (day, week, month) over a scale of its own."""
    sums: Counter[datetime] = Counter()
    for (start, _), number in found.counts.items():
        sums[start] += number
    axis, most, fill = _Axis.of(found), max(sums.values()), colour("accent")
    drawn = "".join(axis.bar(start, n / most, fill, _told(found, start, n)) for start, n in sorted(sums.items()))
    scale = f'<span class="name scale"><i>{most:,}</i><i>0</i></span>'
    return _plot(
        "time", labelled(t("Decisions over time"), f"{sums.total():,}"),
        f'{scale}<span class="row tall">{drawn}</span><span class="ticks">{axis.ticks()}</span>',
    )  # fmt: skip


def rows_over_time(found: Timeline, groups: Sequence[Group]) -> str:
    """A row for each group, all at one scale, its sum beside its name: no legend is needed."""
    most, axis = max(found.counts.values()), _Axis.of(found)
    drawn, names = "", []
    for group in groups:
        own = {start: n for (start, key), n in sorted(found.counts.items()) if key == group.key}
        names.append(f"{group.label} · {sum(own.values()):,}")
        bars = "".join(
            axis.bar(start, n / most, group.colour, _told(found, start, n, f"{group.label}, "))
            for start, n in own.items()
        )
        drawn += f'<span class="name" title="{escape(names[-1])}">{escape(names[-1])}</span>'
        drawn += f'<span class="row">{bars}</span>'
    return _plot(
        "time", labelled(t("Decisions over time"), t(", ").join(names)),
        f'{drawn}<span class="ticks">{axis.ticks()}</span>',
    )  # fmt: skip


def bars(found: Sequence[Bar], description: str) -> str:
    """Horizontal bars with their names and what is told of each; a dashed frame up to a target."""
    top = max(1e-9, *(max(bar.length, bar.target or 0) for bar in found))
    longest = max(len(bar.message) + sum(letter > "\u2e80" for letter in bar.message) for bar in found)
    drawn = "".join(
        f'<span class="name" title="{escape(bar.label)}">{escape(bar.label)}</span><span class="bar">'
        f'<span class="{"target" if bar.target else ""}"'
        f' style="width:calc((100% - var(--moue-beside, {longest + 2}ch))*{long / top:.4f})">'
        f'<b style="width:{100 * bar.length / max(long, 1e-9):.2f}%;background:{escape(bar.colour)}"></b></span>'
        f"<em>{escape(bar.message)}</em></span>"
        for bar in found
        for long in (max(bar.length, bar.target or 0),)
    )
    kind = "bars wordy" if longest > _BESIDE else "bars"
    return _plot(kind, f"{description}: " + "; ".join(f"{bar.label} {bar.message}" for bar in found), drawn)


def histogram(
    counts: Sequence[int], title: str, words: Sequence[str], ends: Sequence[str], links: Sequence[str]
) -> str:
    """Bars that are links at any height: a bar of one face is a pixel high. words: what each bar holds; ends: what
    stands below the first of every fifth; links: where each leads. The outer bars hold what lies beyond, too, and say
    so: their words stand at the axis's ends."""
    most, wide, fill = max(counts), 100 / len(counts), colour("accent")
    drawn = "".join(
        f'<a href="{escape(links[n])}" target="_self" style="left:{n * wide:.3f}%;width:{wide:.3f}%"'
        f' title="{escape(told)}" aria-label="{escape(told)}">'
        f'<b style="height:{100 * number / most:.2f}%;background:{fill}"></b></a>'
        for n, number in enumerate(counts)
        if number
        for told in (f"{words[n]} · {number:,}",)
    )
    every = max(1, len(counts) // 5)
    inner = "".join(f'<i style="left:{n * wide:.2f}%">{escape(ends[n])}</i>' for n in range(every, len(counts), every))
    outer = f"<i>{escape(words[0])}</i><i>{escape(words[-1])}</i>"
    name = f"{title}: " + "; ".join(f"{words[n]} {number:,}" for n, number in enumerate(counts) if number)
    return (
        f'<div class="moue-plot spread" role="group" aria-label="{escape(name)}">'
        f'<span class="name scale"><i>{most:,}</i><i>0</i></span><span class="row">{drawn}</span>'
        f'<span class="ticks">{inner}</span><span class="ticks ends">{outer}</span></div>'
    )


def _plot(kind: str, name: str, drawn: str) -> str:
    return f'<div class="moue-plot {kind}" role="img" aria-label="{escape(name)}">{drawn}</div>'


def table(rows: Sequence[Row], key: str, named: str, shares: Iterable[str] = ()) -> None:
    """The numbers themselves. named: what they are of. shares: the columns that are parts of 1."""
    if not rows:
        return
    if len(rows) <= _MOST_ROWS:
        st.html(figures_table(rows, named, shares))
        return
    frame = pd.DataFrame(rows)
    st.dataframe(frame, hide_index=True, key=key, column_config=_formats(frame, shares))


def _formats(frame: pd.DataFrame, shares: Iterable[str]) -> dict[str, Any]:
    numbers = [name for name in frame.columns if pd.api.types.is_numeric_dtype(frame[name])]
    formats = {**dict.fromkeys(numbers, "localized"), **dict.fromkeys(shares, "percent")}
    return {name: st.column_config.NumberColumn(format=kind) for name, kind in formats.items()}


def as_table(rows: Callable[[], Sequence[Row]], key: str, named: str) -> None:
    """The same as a plot shows, once it is asked for: for screen readers, and for whoever wants the numbers."""
    label = t("{name} as a table", name=named)
    with st.expander(label, icon=":material/table_rows:", key=f"{key}-open", on_change="rerun") as shown:
        if shown.open:
            table(rows(), key, named)
