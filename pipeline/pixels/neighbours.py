"""The nearest rows of many vectors, exactly: by numpy, or by faiss where it is installed and there are many."""

from __future__ import annotations

import importlib.util
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Numbers = npt.NDArray[np.int64]
Engine = Literal["numpy", "faiss"]

LARGE: Final = 50_000
"""Rows from which faiss takes over where it is there."""
_AT_ONCE: Final = 2_000_000
"""Distances that are in memory at a time."""
_SPARE: Final = 16
_FUZZ: Final = 1e-5


def choose_engine(rows: int) -> Engine:
    """What searches among so many rows; both find the same."""
    return "faiss" if rows > LARGE and importlib.util.find_spec("faiss") is not None else "numpy"


def nearest(rows: Floats, queries: Floats, k: int, engine: Engine | None = None) -> Numbers:
    """For each of (m, d) queries the k nearest of (n, d) rows by Euclidean distance, nearest first: (m, min(k, n)).

    Of rows that are equally far the one that stands first comes first. Both engines only choose candidates, in single
    precision; these are ranked anew in double precision, so both return the same.
    """
    k = min(k, len(rows))
    if not k or not len(queries):
        return np.zeros((len(queries), k), np.int64)
    if (engine or choose_engine(len(rows))) == "faiss":
        return _by_faiss(rows, queries, k)
    found = np.zeros((len(queries), k), np.int64)
    squares = np.einsum("ij,ij->i", rows, rows)
    step = max(1, _AT_ONCE // len(rows))
    for first in range(0, len(queries), step):
        some = queries[first : first + step]
        apart = squares - 2 * (some @ rows.T) + np.einsum("ij,ij->i", some, some)[:, None]
        last = np.partition(apart, k - 1, axis=1)[:, k - 1]
        # what rounding may have moved over the edge is a candidate, too
        edge = last + _FUZZ * (1 + squares.max() + np.abs(last))
        for at, (query, low) in enumerate(zip(some, apart <= edge[:, None], strict=True)):
            found[first + at] = _ranked(rows, query, np.flatnonzero(low), k)
    return found


def _ranked(rows: Floats, query: Floats, candidates: Numbers, k: int) -> Numbers:
    apart = rows[candidates].astype(np.float64) - query.astype(np.float64)
    order = np.argsort(np.einsum("ij,ij->i", apart, apart), kind="stable")[:k]
    found: Numbers = candidates[order].astype(np.int64)
    return found


def _by_faiss(rows: Floats, queries: Floats, k: int) -> Numbers:
    import faiss

    index = faiss.IndexFlatL2(rows.shape[1])
    index.add(np.ascontiguousarray(rows, np.float32))
    far, near = index.search(np.ascontiguousarray(queries, np.float32), min(len(rows), k + _SPARE))
    largest = float(np.einsum("ij,ij->i", rows, rows).max())
    found = np.zeros((len(queries), k), np.int64)
    for at, query in enumerate(queries):
        tied = near.shape[1] < len(rows) and far[at, -1] <= far[at, k - 1] + _FUZZ * (1 + largest + far[at, k - 1])
        if tied:  # more are as far as the last one than were asked for
            found[at] = nearest(rows, query[None], k, "numpy")[0]
        else:
            found[at] = _ranked(rows, query, np.sort(near[at]), k)
    return found
