from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from db.base import paging
from pipeline.core.metrics import MISSING


@given(
    some.lists(some.integers(-3, 3) | some.integers(-(2**31), 2**31 - 1) | some.just(MISSING), max_size=80),
    some.integers(1, 90),
)
def test_the_lowest_are_what_a_sort_puts_first(rank: list[int], size: int) -> None:
    found = paging.lowest(np.array(rank, np.int32), size)
    assert found.tolist() == sorted(range(len(rank)), key=lambda place: (rank[place], place))[:size]


@pytest.mark.parametrize("kind", ["spread", "five values", "missing", "ascending", "descending", "guessed too low"])
def test_of_many_too_where_a_sample_guesses_the_limit(kind: str) -> None:
    n, dice = 50_000, np.random.default_rng(4)
    rank = {
        "spread": dice.integers(-1000, 1000, n),
        "five values": dice.integers(0, 5, n),
        "missing": np.full(n, MISSING),
        "ascending": np.arange(n),
        "descending": -np.arange(n),
        "guessed too low": np.where(np.arange(n) % 64 == 0, -np.arange(n), 7),
    }[kind].astype(np.int32)
    rank[dice.random(n) < 0.2] = MISSING
    assert paging.lowest(rank, 96).tolist() == np.argsort(rank, kind="stable")[:96].tolist()
    assert paging.lowest(rank, n + 1).tolist() == np.argsort(rank, kind="stable").tolist()


def test_the_window_begins_with_the_lowest() -> None:
    rank = np.array([3, 1, 3, 1, 2], np.int32)
    seqs = np.array([2, 5, 7, 8, 9])
    shown = paging.window(paging.make_keys(rank, seqs), ranked=True, size=4).items
    assert tuple(seqs[paging.lowest(rank, 4)].tolist()) == shown == (5, 8, 9, 2)


@pytest.mark.parametrize("n", [0, 1, 32_768, 70_001])
def test_places_between_are_those_that_a_loop_finds(n: int) -> None:
    dice = np.random.default_rng(9)
    values, within = dice.integers(-9, 9, n).astype(np.int32), dice.random(n) < 0.7
    values[dice.random(n) < 0.1] = MISSING
    for low, high in ((-(2**31), 3), (-2, MISSING - 1), (5, 5), (4, 3)):
        expected = [place for place in range(n) if within[place] and low <= int(values[place]) <= high]
        assert paging.between(values, low, high, within).tolist() == expected
