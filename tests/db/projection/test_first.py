"""The first of a filter in an order, without a number for every face, are what a list of them begins with."""

from __future__ import annotations

import numpy as np
import pytest

from db.base import paging
from db.projection.filters import first, keys
from pipeline.core.metrics import MISSING


class Columns:
    """One column of figures, as `Faces` gives it."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values.astype(np.int32)

    def column(self, _name: str) -> np.ndarray:
        return self.values


DICE = np.random.default_rng(3)
N = 40_000


@pytest.mark.parametrize("order", ["sharpness", "-sharpness", "doubtful", "import", "proposal"])
@pytest.mark.parametrize(
    "values",
    [DICE.integers(-500, 90_000, N), DICE.integers(0, 3, N), np.full(N, MISSING), np.arange(N), np.arange(N)[::-1],
     np.where(DICE.random(N) < 0.999, MISSING, 5)],
    ids=["spread", "ties", "missing", "ascending", "descending", "hardly any"],
)  # fmt: skip
@pytest.mark.parametrize("share", [1.0, 0.4, 0.001])
def test_the_first_are_those_of_the_list(order: str, values: np.ndarray, share: float) -> None:
    faces, within = Columns(values), np.random.default_rng(8).random(N) < share
    seqs = np.flatnonzero(within)
    for size in (1, 96, 400):
        listed = paging.window(*keys(faces, order, seqs), size).items  # type: ignore[arg-type]
        assert first(faces, order, within, size) == listed  # type: ignore[arg-type]
