"""Which frames are taken by time stamp, against a player that looks at the clock at each step."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from pipeline.frames.options import VideoOptions
from pipeline.frames.selection import select_frames
from pipeline.frames.video_frame import Shot

TICKS = 8
"""In a second: halves of a half of a half, which floats hold exactly."""


def _taken(begins: list[float], lasts: list[float], every: float) -> list[int]:
    shots = [
        Shot(number, at, long, SimpleNamespace()) for number, (at, long) in enumerate(zip(begins, lasts, strict=True))
    ]
    return [shot.index for shot in select_frames(iter(shots), VideoOptions(every=every), SimpleNamespace())]


def _shown(gaps: list[int], every: Fraction) -> list[int]:
    """At each step what began last; each once. gaps: ticks for which each frame is shown."""
    begins = [0, *accumulate(gaps)]
    steps, at = [], Fraction(0)
    while at < begins[-1]:
        steps.append(max(number for number, begun in enumerate(begins[:-1]) if begun <= at))
        at += every * TICKS
    return list(dict.fromkeys(steps))


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=12),
    st.sampled_from([Fraction(1, 8), Fraction(1), Fraction(5, 2)]),
)
def test_as_a_player_shows_them(gaps: list[int], every: Fraction) -> None:
    begins = [at / TICKS for at in [0, *accumulate(gaps)][:-1]]
    assert _taken(begins, [gap / TICKS for gap in gaps], float(every)) == _shown(gaps, every)


def test_ages_between_two_frames_are_not_counted_through() -> None:
    """A header of an AVI can say that each frame lasts four million hours; time stamps may say more."""
    age = float(2**90)  # beside which a quarter of a second is nothing
    assert _taken([0, age, age + 0.125, age + 0.25, 3 * age], [age, 0.0, 0.0, 2 * age, age], 0.25) == [0, 3, 4]
