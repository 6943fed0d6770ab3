"""The small histogram over a range: what it counts, what stands out in it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.projection.filters import ReviewFilter
from db.projection.histogram import Histogram
from pages._review import histogram
from pages._server import identity, workspace
from pages._ui import plots
from pipeline.core.metrics import BY_NAME
from tests.pages.faces_measured import PLAIN, add_measured

SIDE = BY_NAME["side"]  # 0 to 500 px


@pytest.fixture(autouse=True)
def colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plots, "colour", lambda name: name)


def bars(html: str) -> list[tuple[float, str]]:
    """(height in per cent, colours) of each."""
    found = re.findall(r"height:([\d.]+)%;background:linear-gradient\(to right,(.*?)\)\"", html)
    return [(float(height), fill) for height, fill in found]


def test_heights_are_square_roots_and_the_range_stands_out() -> None:
    found = Histogram((0, 125, 250, 375, 500), (0, 4, 1, 16), 0)
    drawn = bars(histogram.picture(SIDE, found, 187.5, 375))
    assert [height for height, _ in drawn] == [0, 50, 25, 100]
    lit = [re.search(r"accent (\d+)% (\d+)%", fill) for _, fill in drawn]
    assert [one.groups() for one in lit if one] == [("100", "100"), ("50", "100"), ("0", "100"), ("0", "0")]


def test_open_ends_take_in_everything() -> None:
    found = Histogram((0, 250, 500), (1, 1), 0)
    assert [fill for _, fill in bars(histogram.picture(SIDE, found, None, None))] == [
        "quiet 0%,accent 0% 100%,quiet 100%"
    ] * 2


def test_a_reader_of_screens_hears_the_numbers() -> None:
    counts = [0] * 25
    counts[2], counts[24] = 1234, 1
    edges = tuple(range(0, 501, 20))
    html = histogram.picture(SIDE, Histogram(edges, tuple(counts), 0), None, None)
    assert 'role="img"' in html
    assert 'aria-label="Crop side: 40 to 59 px 1,234; 480 px and more 1"' in html


def test_its_own_range_is_left_out_of_the_filter() -> None:
    own, other = ("side", 10.0, None), ("sharpness", None, 40.0)
    assert histogram.without(ReviewFilter("all", ranges=(own, other), outside=True), "side") == ReviewFilter(
        "all", ranges=(other,), outside=True
    )
    assert histogram.without(ReviewFilter("all", ranges=(own,), outside=True), "side") == ReviewFilter("all")


def drawn(params: dict[str, str]) -> AppTest:
    def script(params: dict[str, str]) -> None:
        from pages._review import histogram

        histogram.over_range(params, "side")

    return AppTest.from_function(script, default_timeout=30, kwargs={"params": params}).run()


def told(made: AppTest) -> list[str]:
    assert not made.exception
    return re.findall(r'aria-label="(.*?)"', "".join(one.proto.body for one in made.get("html")))


def test_the_faces_of_the_other_filters_are_counted(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    sharp = [replace(PLAIN, side=30, sharpness=500), replace(PLAIN, side=130, sharpness=500)]
    add_measured(workspace.get_store(), [*sharp, replace(PLAIN, side=230, sharpness=1), None])
    assert told(drawn({"quality": "side:200:,sharpness:400:"})) == ["Crop side: 20 to 39 px 1; 120 to 139 px 1"]
    assert told(drawn({"state": "accepted"})) == []
