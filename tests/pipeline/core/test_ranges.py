"""Numbers as people type them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import UsageError
from pipeline.core.ranges import BYTES, RETRIES, SCENE, SEED, TIMEOUT, Range

NUMBERS_OF_NOBODY = [
    "", " ", "-", "+", ".", "e5", "1e", "nan", "NaN", "-nan", "inf", "-inf", "Infinity", "1_000", "1,5", "1.2.3",
    "١٢", "１２", "½", "1 2", "0x10", "--1", "1e400", "9" * 5000, "1" + "0" * 400, "None", "true", "1\x00",
]  # fmt: skip


@pytest.mark.parametrize("text", NUMBERS_OF_NOBODY)
@pytest.mark.parametrize("of", [RETRIES, TIMEOUT, SCENE, SEED, BYTES])
def test_what_is_no_number_is_refused_with_the_range(of: Range, text: str) -> None:
    with pytest.raises(UsageError, match=r"is not a (whole )?number") as refused:
        of.parse(text)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("text", ["1.5", "1.0", "1e3"])
def test_a_whole_number_has_no_point(text: str) -> None:
    with pytest.raises(UsageError, match="whole number between 0 and 100"):
        RETRIES.parse(text)


def test_the_ends_are_in_or_out() -> None:
    assert (RETRIES.parse("0"), RETRIES.parse(" 100 "), RETRIES.parse("+7"), RETRIES.parse("-0")) == (0, 100, 7, 0)
    assert (TIMEOUT.parse("0.1"), TIMEOUT.parse("3.6e3"), TIMEOUT.parse(".5"), TIMEOUT.parse("5.")) == (
        0.1,
        3600,
        0.5,
        5,
    )
    for text in ("0", "1", "-0.0", "1.0"):
        with pytest.raises(UsageError, match="strictly between 0 and 1"):
            SCENE.parse(text)
    assert SEED.parse(str(2**63 - 1)) == 2**63 - 1
    with pytest.raises(UsageError):
        SEED.parse(str(2**63))


@given(st.integers(-(10**25), 10**25), st.integers(-50, 50), st.integers(0, 100))
def test_a_whole_number_is_taken_where_it_is_in_range(value: int, least: int, more: int) -> None:
    of = Range(least, least + more)
    if least <= value <= least + more:
        assert of.parse(str(value)) == value
    else:
        with pytest.raises(UsageError):
            of.parse(str(value))


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_number_is_taken_where_it_is_in_range(value: float) -> None:
    of = Range(-2.5, 1e6)
    if math.isfinite(value) and -2.5 <= value <= 1e6:
        assert of.parse(f"{value:.17g}") == value
    else:
        assert value not in of
        with pytest.raises(UsageError):
            of.parse(repr(value))
