"""Agreement by week as a line: it stands where it says."""

from __future__ import annotations

import re
from base64 import b64decode

import pytest

from db.team.agreement import Week
from pages._team.trend import trend
from pages._ui import plots


def drawn(monkeypatch: pytest.MonkeyPatch, *alphas: float | None) -> str:
    monkeypatch.setattr(plots, "colour", lambda name: "#000")
    shown = trend([Week(20_000 + 7 * n, 12, 0.5, alpha) for n, alpha in enumerate(alphas)])
    found = re.search(r"base64,([^\"]+)", shown)
    assert found is not None
    return b64decode(found[1]).decode()


def test_an_agreement_worse_than_chance_stands_below_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    svg = drawn(monkeypatch, 0.5, -0.4, None)
    assert re.findall(r'opacity=".75">(−?\d\.\d)<', svg) == ["−0.5", "0.0", "0.5", "1.0"]
    heights = {told: float(y) for y, told in re.findall(r'y="([\d.]+)" font-size="12"[^>]*>(−?\d\.\d)<', svg)}
    dots = [float(y) for y in re.findall(r'cy="([\d.]+)"', svg)]
    assert dots[0] == pytest.approx(heights["0.5"] - 4)
    assert heights["0.0"] - 4 < dots[1] < heights["−0.5"] - 4
    assert ">−0.40<" in svg


def test_where_none_is_the_scale_begins_at_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    assert re.findall(r'opacity=".75">(−?\d\.\d)<', drawn(monkeypatch, 0.0, 1.0)) == ["0.0", "0.5", "1.0"]
