"""The Compare page: its run in a process of its own, its sums and its pictures."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages._compare import comparison
from pages._server import identity
from pipeline.core.errors import BusyError

PAGE = str(Path(__file__).resolve().parents[2] / "pages" / "compare.py")


@pytest.fixture(autouse=True)
def signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")


def photo(sha: str = "a" * 64, **other: Any) -> dict[str, Any]:
    known = {
        "total": 3, "sha256": sha, "name": "/p/<b>one's.jpg", "width": 200, "height": 100, "both": [], "only_a": [],
        "only_b": [], "seconds_a": 0.1, "seconds_b": 0.4, "failure": "",
    }  # fmt: skip
    return known | other


def wait_for(run: comparison.Run) -> None:
    until = time.monotonic() + 60
    while not run.ended and time.monotonic() < until:
        time.sleep(0.05)
    assert run.ended


def test_the_sums_leave_out_what_could_not_be_read() -> None:
    box = [0, 0, 10, 10]
    found = comparison.summary(
        [
            photo(both=[[box, box]], only_a=[box, box]),
            photo(only_b=[box]),
            photo(both=[[box, box]]),
            photo(failure="gone", seconds_a=0, seconds_b=0),
        ]
    )
    assert (found.photos, found.differ, found.failed) == (3, 2, 1)
    assert (found.both, found.only_a, found.only_b) == (2, 2, 1)
    assert (found.rate_a, found.rate_b) == (pytest.approx(10), pytest.approx(2.5))
    assert comparison.summary([]).rate_a == 0


def test_a_slow_detector_does_not_read_as_none() -> None:
    told = [comparison.rate_told(number) for number in (1240.4, 10, 9.44, 0.376, 0)]
    assert told == ["1,240", "10", "9.4", "0.38", "0"]


def test_boxes_are_shares_of_the_photo_and_carry_letters() -> None:
    html = comparison.gallery([photo(only_a=[[-20, 10, 100, 60]], only_b=[[150, 0, 200, 100]])], "yunet", "hog")
    assert "left:0.00%;top:10.00%;width:50.00%;height:50.00%'><i>A</i>" in html
    assert "left:75.00%;top:0.00%;width:25.00%;height:100.00%'><i>B</i>" in html
    assert "1 only yunet, 1 only hog" in html


def test_a_name_is_text() -> None:
    html = comparison.gallery([photo()], "yunet", "hog")
    assert "<b>one" not in html
    assert "&lt;b&gt;one&#x27;s.jpg" in html


def test_an_empty_workspace_shows_the_way(empty: Path) -> None:
    page = AppTest.from_file(PAGE, default_timeout=30).run()
    assert not page.exception
    assert "no photos yet" in page.info[0].value


def test_a_run_from_the_button_to_the_photos(full: Path) -> None:
    page = AppTest.from_file(PAGE, default_timeout=30).run()
    assert not page.exception
    assert page.button(key="next").label == "Choose a detector"
    page.button(key="compare-run").click().run()
    assert page.button(key="compare-run").disabled
    run = page.session_state["compare_run"]
    wait_for(run)
    page.run()
    assert not page.exception
    assert not page.error
    assert run.failure is None
    told = {metric.label: metric.value for metric in page.metric}
    assert told["Faces found by both"] == "1"
    assert page.subheader[0].value == "yunet against hog, 3 photos"
    assert "They find the same faces on all of these photos." in [text.value for text in page.markdown]
    assert not page.button(key="compare-run").disabled


def test_a_detector_is_not_compared_with_itself(full: Path) -> None:
    page = AppTest.from_file(PAGE, default_timeout=30).run()
    page.selectbox(key="compare-b").set_value("yunet").run()
    assert page.button(key="compare-run").disabled


def test_one_at_a_time_and_stopping_is_no_failure(full: Path) -> None:
    run = comparison.start(full, "yunet", "mmod", 24)
    with pytest.raises(BusyError):
        comparison.start(full, "yunet", "hog", 24)
    run.stop()
    wait_for(run)
    assert run.failure is None


def test_a_failure_is_told_in_its_own_words(full: Path) -> None:
    run = comparison.start(full, "yunet", "hog", 0)
    wait_for(run)
    assert run.failure is not None
    assert "between 1 and 1,000" in run.failure.text
    assert run.photos() == []
