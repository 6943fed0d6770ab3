"""A bucket fills steadily and holds a minute; the clock is the test's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages._server.scripts.rates import Limiter, requests_a_minute
from pipeline.core.errors import UsageError


def test_a_full_bucket_may_be_emptied_at_once_and_fills_steadily() -> None:
    now = [0.0]
    limiter = Limiter(lambda: 6, lambda: now[0])
    assert [limiter.wait_s("a") for _ in range(7)] == [0] * 6 + [10]
    assert limiter.wait_s("b") == 0
    now[0] = 9.0
    assert limiter.wait_s("a") == 1
    now[0] = 10.0
    assert [limiter.wait_s("a"), limiter.wait_s("a")] == [0, 10]
    now[0] = 10_000.0
    assert [limiter.wait_s("a") for _ in range(7)].count(0) == 6


@given(st.lists(st.floats(0, 30), max_size=200), st.integers(1, 60))
def test_never_more_than_two_buckets_in_a_minute(pauses: list[float], most: int) -> None:
    """One that was full, and what fills in meanwhile."""
    now, let_in = [0.0], []
    limiter = Limiter(lambda: most, lambda: now[0])
    for pause in pauses:
        now[0] += pause
        if limiter.wait_s("a") == 0:
            let_in.append(now[0])
    assert all(sum(start <= one < start + 60 for one in let_in) <= 2 * most for start in let_in)


@pytest.mark.parametrize("said", ["0", "-1", "many", "1.5", "²", "1000001"])
def test_a_rate_that_is_none_is_told(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUE_API_RATE", said)
    with pytest.raises(UsageError, match="MOUE_API_RATE"):
        requests_a_minute()
