"""How a figure of agreement and its interval are set."""

from __future__ import annotations

import pytest

from pages import _words
from pages._team import figures
from pipeline.agreement.summary import Figure


@pytest.mark.parametrize(
    ("language", "interval", "none"),
    [
        ("en", '71 % <span class="quiet interval">(56 to 82)</span>', '71 % <span class="quiet">('),
        ("zh", '71%<span class="quiet interval">（56 至 82）</span>', '71%<span class="quiet">（'),
    ],
)
def test_brackets_are_the_languages_own(
    monkeypatch: pytest.MonkeyPatch, language: str, interval: str, none: str
) -> None:
    """Chinese has full-width ones, with no space beside them."""
    monkeypatch.setattr(_words, "language", lambda: language)
    assert figures.percent(Figure(0.71, 0.56, 0.82, 40)) == interval
    assert figures.percent(Figure(0.71, None, None, 40, "too_few")).startswith(none)
