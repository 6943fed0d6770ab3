"""Columns that are kept between two looks, in as few bytes a number as hold them.

What works with them takes int64, in which no product of two of them overflows; kept so they would take up to eight
times as much of the server for good.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt

T = TypeVar("T")

_WIDE: Final = np.dtype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Packed(Generic[T]):
    """A dataclass whose columns are kept small, see `pack`."""

    _kind: type[T]
    _values: Mapping[str, Any]
    _narrowed: frozenset[str]

    def unpack(self) -> T:
        """Anew what was packed."""
        values = {
            name: value.astype(_WIDE) if name in self._narrowed else value for name, value in self._values.items()
        }
        return self._kind(**values)

    @property
    def nbytes(self) -> int:
        """Of all columns."""
        return sum(value.nbytes for value in self._values.values() if isinstance(value, np.ndarray))


def pack(columns: T) -> Packed[T]:
    """columns: a dataclass; its arrays of int64 are kept in the least type that holds them all, the rest as it is."""
    values = {one.name: getattr(columns, one.name) for one in fields(columns)}  # type: ignore[arg-type]
    wide = frozenset(name for name, one in values.items() if isinstance(one, np.ndarray) and one.dtype == _WIDE)
    return Packed(type(columns), {name: _narrow(one) if name in wide else one for name, one in values.items()}, wide)


def _narrow(values: npt.NDArray[np.int64]) -> npt.NDArray[np.integer[Any]]:
    least, most = int(values.min(initial=0)), int(values.max(initial=0))
    return values.astype(np.min_scalar_type(most if least >= 0 else min(least, ~most)))
