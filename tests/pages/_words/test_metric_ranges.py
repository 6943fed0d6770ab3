"""Ranges in words and in the address."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from db.projection import range_text
from pages._words import metric_ranges
from pipeline.core.metrics import BY_NAME, METRICS


@st.composite
def ranges(draw: st.DrawFn) -> metric_ranges.Ranges:
    found = []
    for metric in draw(st.lists(st.sampled_from(METRICS), unique=True)):
        ends = draw(st.tuples(*[st.none() | st.floats(metric.low, metric.high)] * 2))
        one = range_text.normalised(metric, *ends)
        found += [one] if one else []
    return range_text.ordered(found)


@given(ranges())
def test_an_address_brings_the_same_ranges_back(given_ranges: metric_ranges.Ranges) -> None:
    assert range_text.parse(range_text.text_of(given_ranges)) == given_ranges


@given(st.text())
def test_an_address_that_somebody_made_up_is_harmless(text: str) -> None:
    for name, low, high in range_text.parse(text):
        assert name in BY_NAME
        assert low is not None or high is not None


def test_what_an_address_says_wrongly_is_left_out() -> None:
    assert range_text.parse("side:40:300,nose:1:2,yaw:x:,lift:nan:inf,sharpness") == (("side", 40.0, 300.0),)
    assert range_text.parse("side:300:40") == (("side", 40.0, 300.0),)


def test_an_end_of_the_slider_is_open() -> None:
    assert range_text.parse("side:0:500,yaw:-90:20,score:-5:7") == (("yaw", None, 20.0),)


def test_ranges_are_told_in_words() -> None:
    told = [
        metric_ranges.describe(one) for one in range_text.parse("yaw:-25:25,side:40:,sharpness::1.5,score:0.5:0.75")
    ]
    assert told == [
        "Crop side at least 40 px",
        "Sharpness at most 1.5",
        "Turned sideways −25 to 25°",
        "Detector score 0.5 to 0.75",
    ]


def test_a_range_is_changed_and_taken_away() -> None:
    two = range_text.parse("side:40:,yaw:-25:25")
    assert metric_ranges.with_range(two, "side", 50, None) == range_text.parse("side:50:,yaw:-25:25")
    assert metric_ranges.with_range(two, "side", None, None) == (("yaw", -25.0, 25.0),)
    assert metric_ranges.with_range(two, "score", 0.5, None) == range_text.parse("score:0.5:,yaw:-25:25,side:40:")


def test_figures_have_three_digits_that_say_something() -> None:
    sharp, yaw, lift, side = (BY_NAME[name] for name in ("sharpness", "yaw", "lift", "side"))
    assert [metric_ranges.format_value(sharp, v) for v in (5.84, 29.96, 6354.2)] == ["5.8", "30.0", "6,354"]
    assert [metric_ranges.format_value(m, v) for m, v in ((yaw, -7.21), (lift, 0.0312), (side, 142))] == [
        "−7.2", "0.031", "142",
    ]  # fmt: skip
    assert metric_ranges.format_value(sharp, None) == "–"


def test_steps_divide_the_span_and_can_be_stored() -> None:
    steps = {metric.name: metric_ranges.slider_step(metric) for metric in METRICS}
    assert (steps["side"], steps["sharpness"], steps["yaw"], steps["score"]) == (2, 5, 0.5, 0.005)
    for metric in METRICS:
        assert 100 <= (metric.high - metric.low) / steps[metric.name] <= 600
        assert abs(steps[metric.name] * metric.scale - round(steps[metric.name] * metric.scale)) < 1e-9


def test_just_outside_is_one_stored_number_away() -> None:
    for metric in METRICS:
        end = (metric.low + metric.high) / 2
        below, above = (metric_ranges.just_outside(metric, end, below=side) for side in (True, False))
        stored = [metric.to_stored(value) for value in (below, end, above)]
        assert stored[1] - stored[0] == stored[2] - stored[1] == 1
