"""Whom a person is asked for first: mixes, uncertainty, and random numbers that stay."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.suggest import order


@given(st.integers(0, 60), st.integers(0, 80))
def test_a_mix_is_a_quarter_at_random(n: int, size: int) -> None:
    rng = np.random.default_rng(n)
    uncertain, keys = rng.random(n), rng.random(n)
    chosen, drawn = order.mix(uncertain, keys, size)
    assert len(set(chosen.tolist())) == len(chosen) == min(n, size)
    assert set(drawn.tolist()) <= set(chosen.tolist())
    assert len(drawn) == (round(min(n, size) / 4 + 1e-9) if min(n, size) > 1 else 0)
    assert (np.sort(keys)[: len(drawn)] == np.sort(keys[drawn])).all()


def test_the_most_uncertain_come_first() -> None:
    probabilities = np.array([[0.9, 0.1, 0], [0.4, 0.35, 0.25], [0, 0, 0], [0.6, 0.4, 0]])
    found = order.uncertainty(probabilities)
    assert found.tolist() == pytest.approx([0.2, 0.95, 1.0, 0.8])
    assert order.uncertainty(np.array([[0.7], [0.0]])).tolist() == [0, 1]
    chosen, drawn = order.mix(found, np.array([0.1, 0.2, 0.3, 0.4]), 4)
    assert chosen.tolist() == [2, 1, 3, 0]
    assert drawn.tolist() == [0]


def test_random_keys_are_fixed_and_even() -> None:
    keys = order.random_keys(np.arange(100_000), 7)
    assert (keys[:10] == order.random_keys(np.arange(10), 7)).all()
    assert not (keys[:10] == order.random_keys(np.arange(10), 8)).any()
    counts = np.histogram(keys, 20, (0, 1))[0]
    assert abs(counts - 5000).max() < 300
    assert abs(np.corrcoef(np.arange(100_000), keys)[0, 1]) < 0.01
