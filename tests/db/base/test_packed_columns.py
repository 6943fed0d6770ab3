"""Columns are kept small, and come back as they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from db.base.packed_columns import pack

LEAST, MOST = -(2**63), 2**63 - 1


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    names: tuple[str, ...]
    numbers: npt.NDArray[np.int64]
    flags: npt.NDArray[np.bool_]
    shares: npt.NDArray[np.float64]


def rows(numbers: npt.ArrayLike) -> Rows:
    return Rows(("Ann",), np.array(numbers, np.int64), np.array([True, False]), np.array([0.5]))


@given(arrays(np.int64, st.integers(0, 20), elements=st.integers(LEAST, MOST)))
def test_what_was_packed_comes_back(numbers: npt.NDArray[np.int64]) -> None:
    found = pack(rows(numbers)).unpack()
    assert (found.names, found.flags.tolist(), found.shares.tolist()) == (("Ann",), [True, False], [0.5])
    assert found.numbers.tolist() == numbers.tolist()
    assert found.numbers.dtype == np.int64, "products of two of them do not overflow"
    assert found.flags.dtype == bool


@pytest.mark.parametrize(
    ("numbers", "size"),
    [
        ([0, 255], 1), ([-1, 127], 1), ([256], 2), ([-1, 255], 2), ([2**16], 4), ([-1, 2**31 - 1], 4), ([2**31], 4),
        ([-1, 2**31], 8), ([2**32], 8), ([LEAST, MOST], 8),
    ],
)  # fmt: skip
def test_each_number_takes_as_few_bytes_as_hold_them_all(numbers: list[int], size: int) -> None:
    beside = pack(rows([])).nbytes
    assert pack(rows(numbers)).nbytes - beside == size * len(numbers)


def test_what_is_kept_is_no_view_of_what_was_given() -> None:
    given: Any = rows([2**40])
    packed = pack(given)
    given.numbers[0] = 1
    assert packed.unpack().numbers.tolist() == [2**40]
    packed.unpack().numbers[0] = 2
    assert packed.unpack().numbers.tolist() == [2**40]
