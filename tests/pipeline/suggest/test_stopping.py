"""When labelling may stop: exact intervals, and which random draws tell of what is left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import beta, binomtest

from pipeline.suggest import stopping

ROOT = Path(__file__).resolve().parents[3]


def test_stopping_goes_by_the_lower_bound() -> None:
    assert stopping.accuracy(19, 19) is None
    found = stopping.accuracy(100, 95)
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(beta.ppf(0.0125, 95, 6)), pytest.approx(beta.ppf(0.9875, 96, 5)))
    assert stopping.correct_in_all(found, 300, 300) == pytest.approx((300 + 300 * found.low) / 600)
    assert stopping.may_stop(found, 400, 200)
    assert not stopping.may_stop(found, 100, 500)
    assert not stopping.may_stop(None, 599, 1)
    assert stopping.may_stop(found, 600, 0)


@pytest.mark.parametrize(("n", "right"), [(20, 0), (20, 20), (57, 41), (3_000, 2_950)])
def test_the_interval_is_scipy_s_exact_one(n: int, right: int) -> None:
    found, wanted = stopping.accuracy(n, right), binomtest(right, n).proportion_ci(0.975, method="exact")
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(wanted.low, abs=1e-9), pytest.approx(wanted.high, abs=1e-9))


@pytest.mark.parametrize("share", [0.7, 0.9, 0.97])
def test_the_interval_holds_nine_times_of_ten(share: float) -> None:
    rng = np.random.default_rng(1)
    ends = [stopping.accuracy(120, right) for right in range(121)]
    drawn = rng.binomial(120, share, 2000)
    held = [found.low <= share <= found.high for right in drawn if (found := ends[right]) is not None]
    assert np.mean(held) >= 0.9


def test_a_draw_tells_of_what_is_left_while_something_as_uncertain_is() -> None:
    drawn, left = np.array([0.1, 0.5, 0.9]), np.array([0.2, 0.6])
    assert stopping.comparable(drawn, left).tolist() == [True, True, False]
    assert not stopping.comparable(drawn, left[:0]).any()


def test_review_does_not_load_what_statistics_bring_with_them() -> None:
    """Review asks at each run of its script; the libraries of training stay in the worker."""
    lines = "import sys, pages._review.query; print([m for m in ('scipy.stats', 'sklearn') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", lines], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
