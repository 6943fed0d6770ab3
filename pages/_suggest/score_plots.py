"""The plots of the scores: images of a fixed size, drawn in the reader's theme, told in words to a screen reader."""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from typing import Final

from pages._ui import plots
from pages._words import labelled, per_cent, t
from pipeline.suggest.report import Bin, Point

_WIDTH, _HEIGHT = 400, 280
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 392, 12, 232
_LARGEST: Final = 14.0
"""Radius of the dot of the tenth that has most faces, pixels."""


def reliability(bins: Sequence[Bin]) -> str:
    """What was told against what is right: a dot a tenth, its area by its faces; on the dashed line all is as told."""
    ink, accent = plots.colour("text"), plots.colour("accent")
    there = [one for one in bins if one.faces]
    most = max((one.faces for one in there), default=1)
    dots = "".join(
        f'<circle cx="{_across(one.told):.1f}" cy="{_up(one.right):.1f}" r="{_radius(one.faces / most):.1f}"'
        f' fill="{accent}" fill-opacity=".55" stroke="{ink}" stroke-width="1"/>'
        for one in there
    )
    line = (
        f'<line x1="{_LEFT}" y1="{_BOTTOM}" x2="{_RIGHT}" y2="{_TOP}" stroke="{ink}" opacity=".5"'
        ' stroke-dasharray="5 4"/>'
    )
    ticks = "".join(_tick(_across(at), per_cent(f"{100 * at:.0f}")) for at in (0.0, 0.5, 1.0))
    told = "; ".join(
        t("told {told} %, right {right} %, {n} faces", told=f"{100 * one.told:.0f}", right=f"{100 * one.right:.0f}",
          n=f"{one.faces:,}") for one in there
    )  # fmt: skip
    return _image(_grid() + line + ticks + dots + _under(t("probability told")), t("Reliability"), told)


def curve(points: Sequence[Point], rule: float) -> str:
    """Accuracy by number of labels, on a logarithmic axis; dashed: the zero-label rule."""
    ink, accent = plots.colour("text"), plots.colour("accent")
    least, most = points[0].labels, max(points[-1].labels, points[0].labels + 1)

    def across(labels: int) -> float:
        return _LEFT + 12 + (_RIGHT - _LEFT - 30) * math.log(labels / least) / math.log(most / least)

    at = [(across(one.labels), _up(one.accuracy), one) for one in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in at)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{accent}" stroke="{ink}"/>' for x, y, _ in at)
    ends = [at[0], at[-1]] if len(at) > 1 else at
    ticks = "".join(_tick(x, f"{one.labels:,}") for x, _, one in ends)
    floor = f'<line x1="{_LEFT}" x2="{_RIGHT}" y1="{_up(rule):.1f}" y2="{_up(rule):.1f}" stroke="{ink}" opacity=".6" stroke-dasharray="5 4"/>'  # noqa: E501
    told = "; ".join(
        t("{n} labels: {share} %", n=f"{one.labels:,}", share=f"{100 * one.accuracy:.1f}") for one in points
    )
    line = f'<polyline points="{path}" fill="none" stroke="{accent}" stroke-width="2"/>'
    return _image(_grid() + floor + line + dots + ticks + _under(t("labels")), t("Learning curve"), told)


def _across(share: float) -> float:
    return _LEFT + (_RIGHT - _LEFT) * share


def _up(share: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * min(1.0, max(0.0, share))


def _radius(share: float) -> float:
    return max(3.0, _LARGEST * math.sqrt(share))


def _grid() -> str:
    ink = plots.colour("text")
    return "".join(
        f'<line x1="{_LEFT}" x2="{_RIGHT}" y1="{_up(at):.1f}" y2="{_up(at):.1f}" stroke="{ink}" opacity=".15"/>'
        f'<text x="0" y="{_up(at) + 4:.1f}" font-size="12" fill="{ink}" opacity=".75">'
        f"{per_cent(f'{100 * at:.0f}')}</text>"
        for at in (0.0, 0.25, 0.5, 0.75, 1.0)
    )


def _tick(x: float, text: str) -> str:
    anchor = "start" if x < _LEFT + 20 else "end" if x > _RIGHT - 30 else "middle"
    return (
        f'<text x="{x:.1f}" y="{_BOTTOM + 18}" font-size="12" fill="{plots.colour("text")}" opacity=".75"'
        f' text-anchor="{anchor}">{escape(text)}</text>'
    )


def _under(text: str) -> str:
    middle = (_LEFT + _RIGHT) / 2
    return (
        f'<text x="{middle}" y="{_HEIGHT - 8}" font-size="12" fill="{plots.colour("text")}" opacity=".75"'
        f' text-anchor="middle">{escape(text)}</text>'
    )


def _image(drawn: str, name: str, told: str) -> str:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif">{drawn}</svg>'  # noqa: E501
    return (
        f'<img width="{_WIDTH}" height="{_HEIGHT}" alt="{escape(labelled(name, told))}"'
        f' src="data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}">'
    )
