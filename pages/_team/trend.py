"""Agreement by week as a small line of fixed size."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

import numpy as np

from db.team.agreement import Week
from pages._words import count, t

_WIDTH: Final = 720
_HEIGHT: Final = 200
_LEFT, _TOP, _BOTTOM = 40, 12, 172
_MOST: Final = 52


def trend(weeks: Sequence[Week]) -> str:
    """SVG: α of each week, with a gap where there were too few faces; a title at each point."""
    shown = weeks[-_MOST:]
    step = (_WIDTH - _LEFT - 24) / max(1, len(shown) - 1)
    lines = "".join(
        f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{_y(at):.1f}" y2="{_y(at):.1f}" stroke="currentColor" opacity=".15"/>'
        f'<text x="0" y="{_y(at) + 4:.1f}" font-size="12" fill="currentColor" opacity=".75">{at:.1f}</text>'
        for at in (0.0, 0.5, 1.0)
    )
    points = [(_LEFT + 8 + n * step, _y(one.krippendorff), one) for n, one in enumerate(shown)
              if one.krippendorff is not None]  # fmt: skip
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="currentColor"><title>{escape(_describe(one))}</title></circle>'
        for x, y, one in points
    )
    ends = "".join(
        f'<text x="{x}" y="194" font-size="12" fill="currentColor" opacity=".75" text-anchor="{anchor}">'
        f"{day(one)}</text>"
        for x, anchor, one in ((_LEFT, "start", shown[0]), (_WIDTH, "end", shown[-1]))[: 1 + (len(shown) > 1)]
    )
    return (
        f'<svg class="moue-trend" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
        f' aria-label="{escape(t("Krippendorff’s alpha by week"))}">{lines}'
        f'<polyline points="{path}" fill="none" stroke="currentColor" stroke-width="2"/>{dots}{ends}</svg>'
    )


def day(week: Week) -> str:
    """The Monday, as a date."""
    return str(np.datetime64(week.monday, "D"))


def _describe(week: Week) -> str:
    value = "–" if week.krippendorff is None else f"{week.krippendorff:.2f}"
    return f"{t('week of {day}', day=day(week))}: α {value}, {count(week.faces, 'face')}"


def _y(value: float | None) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * min(1.0, max(0.0, value or 0.0))
