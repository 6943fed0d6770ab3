"""The 68 landmarks that annotations tell of a face, packed: a hundred thousand faces have them in memory at once."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Final

POINTS: Final = 68
_FORM: Final = f"<{2 * POINTS}f"
_MOST: Final = 1e6
"""Pixels: no photo is as large."""
NOT_LABELLED: Final = (math.nan, math.nan)


def of_flat(values: Sequence[float]) -> bytes:
    """Of 136 numbers, x and y in turn: float32, little endian; b"" for another number of them, or wild ones."""
    if len(values) != 2 * POINTS or not all(math.isnan(v) or abs(v) < _MOST for v in values):
        return b""
    return struct.pack(_FORM, *values)


def of_pairs(pairs: Sequence[Sequence[float]]) -> bytes:
    """Of 68 points; b"" for another number of them."""
    return of_flat([v for pair in pairs for v in pair]) if all(len(pair) == 2 for pair in pairs) else b""


def of_coco(values: Sequence[float]) -> bytes:
    """Of x, y, v of each point, NaN where v is 0: not labelled. b"" for keypoints that are not 68."""
    triples = [values[at : at + 3] for at in range(0, len(values), 3)]
    return of_pairs([(x, y) if v else NOT_LABELLED for x, y, v in triples]) if len(values) == 3 * POINTS else b""


def scaled(points: bytes, width: float, height: float) -> bytes:
    """Shares of a picture, or pixels of a smaller or larger copy, as its pixels."""
    values = struct.unpack(_FORM, points)
    return struct.pack(_FORM, *(v * (height if at % 2 else width) for at, v in enumerate(values)))
