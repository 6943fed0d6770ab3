"""Agreement by week as a small line of fixed size."""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Sequence
from functools import partial
from html import escape
from typing import Final

import numpy as np

from db.team.agreement import Week
from pages._ui import plots
from pages._ui.html_table import sideways
from pages._words import count, labelled, t

_WIDTH: Final = 720
_HEIGHT: Final = 200
_LEFT, _TOP, _BOTTOM = 40, 12, 172
_MOST: Final = 52


def trend(weeks: Sequence[Week]) -> str:
    """An image: α of each week that had enough faces."""
    shown, ink = weeks[-_MOST:], plots.colour("text")
    low = min([0.0, *(math.floor(2 * one.krippendorff) / 2 for one in shown if one.krippendorff is not None)])
    height = partial(_y, low=low)
    step = (_WIDTH - _LEFT - 24) / max(1, len(shown) - 1)
    lines = "".join(
        f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{height(at):.1f}" y2="{height(at):.1f}" stroke="{ink}" opacity=".15"/>'
        f'<text x="0" y="{height(at) + 4:.1f}" font-size="12" fill="{ink}" opacity=".75">{_signed(at, 1)}</text>'
        for at in (low + n / 2 for n in range(round(2 * (1 - low)) + 1))
    )
    points = [(_LEFT + 8 + n * step, height(one.krippendorff), one) for n, one in enumerate(shown)
              if one.krippendorff is not None]  # fmt: skip
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{ink}"/>'
        f'<text x="{x:.1f}" y="{y - 8:.1f}" font-size="11" fill="{ink}" text-anchor="middle">'
        f"{_signed(one.krippendorff, 2)}</text>"
        for x, y, one in points
    )
    ends = "".join(
        f'<text x="{x}" y="194" font-size="12" fill="{ink}" opacity=".75" text-anchor="{anchor}">{day(one)}</text>'
        for x, anchor, one in ((_LEFT, "start", shown[0]), (_WIDTH, "end", shown[-1]))[: 1 + (len(shown) > 1)]
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif">{lines}'
        f'<polyline points="{path}" fill="none" stroke="{ink}" stroke-width="2"/>{dots}{ends}</svg>'
    )
    told = "; ".join(_describe(one) for _, _, one in points)
    name = t("Krippendorff's alpha by week")
    return sideways(
        f'<img class="moue-trend" width="{_WIDTH}" height="{_HEIGHT}" alt="{escape(labelled(name, told))}"'
        f' src="data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}">',
        name,
    )


def day(week: Week) -> str:
    """The Monday, as a date."""
    return str(np.datetime64(week.monday, "D"))


def _describe(week: Week) -> str:
    value = "–" if week.krippendorff is None else _signed(week.krippendorff, 2)
    return f"{t('week of {day}', day=day(week))}: α {value}, {count(week.faces, 'face')}"


def _signed(value: float | None, digits: int) -> str:
    return f"{value or 0.0:.{digits}f}".replace("-", "−")


def _y(value: float | None, low: float) -> float:
    """low: what stands at the foot, 0 or a half below the least α: an agreement worse than chance has one below 0."""
    return _BOTTOM - (_BOTTOM - _TOP) * (min(1.0, value or 0.0) - low) / (1 - low)
