"""The nearest rows: the same by numpy, by faiss and by sorting all distances, equal ones and all."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from pipeline.pixels import neighbours
from pipeline.pixels.neighbours import Engine, nearest

needs_faiss = pytest.mark.skipif(
    importlib.util.find_spec("faiss") is None,
    reason="faiss-cpu is not installed: only numpy is tested",
)
ENGINES = ["numpy", pytest.param("faiss", marks=needs_faiss)]


def by_sorting(rows: np.ndarray, query: np.ndarray, k: int) -> list[int]:
    apart = [float(((row.astype(float) - query.astype(float)) ** 2).sum()) for row in rows]
    return sorted(range(len(rows)), key=lambda at: (apart[at], at))[:k]


@pytest.mark.parametrize("engine", ENGINES)
@given(seed=some.integers(0, 2**32 - 1), n=some.integers(1, 80), k=some.integers(1, 12), coarse=some.booleans())
@settings(max_examples=60, deadline=None)
def test_as_sorting_all_distances_says(engine: Engine, seed: int, n: int, k: int, coarse: bool) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, 6)).astype(np.float32)
    if coarse:  # many are equal
        rows = rows.round()
    queries = np.concatenate([rows[:3], rng.normal(size=(2, 6)).astype(np.float32)])
    wanted = [by_sorting(rows, query, k) for query in queries]
    assert nearest(rows, queries, k, engine).tolist() == wanted


@needs_faiss
def test_both_engines_agree_on_as_many_rows_as_faiss_is_for() -> None:
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(neighbours.LARGE + 1, 48)).astype(np.float32)
    rows[100:140] = rows[7]  # more copies than are spare
    assert neighbours.choose_engine(len(rows)) == "faiss"
    queries = rows[[7, 5_000, 50_000]]
    assert nearest(rows, queries, 9).tolist() == nearest(rows, queries, 9, "numpy").tolist()


def test_nothing_to_find() -> None:
    none = np.zeros((0, 4), np.float32)
    assert nearest(none, np.ones((2, 4), np.float32), 3).shape == (2, 0)
    assert nearest(np.ones((5, 4), np.float32), none, 3).shape == (0, 3)


def test_numpy_searches_where_faiss_is_missing_or_rows_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    assert neighbours.choose_engine(neighbours.LARGE) == "numpy"
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert neighbours.choose_engine(10**6) == "numpy"
