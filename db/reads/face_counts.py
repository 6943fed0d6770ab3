"""How many faces have each value of a column."""

from __future__ import annotations

from collections import Counter
from typing import Final

from sqlite_utils.db import Database as Db

from db.base.lean.lazy_numpy import np
from db.projection import columns
from pipeline.core.metrics import MISSING

FEW: Final = 32 * columns.BLOCK
"""Faces, up to which they are counted without numpy: 2 ms, of which numpy takes a quarter, and 60 to be imported."""


def count_values(db: Db, name: str) -> Counter[int]:
    """Of a column of small numbers, ABSENT or more; MISSING is not counted."""
    faces = columns.Faces(db)
    if faces.length <= FEW:
        counted = Counter(faces.plain_column(name))
        del counted[MISSING]
        return counted
    values = faces.column(name)
    if values.max(initial=columns.ABSENT) == MISSING:  # to leave nothing out takes ten times as long as to count
        values = values[values != MISSING]
    counts = np.bincount(values - columns.ABSENT).tolist()
    return Counter({number + columns.ABSENT: count for number, count in enumerate(counts) if count})


def count_states(db: Db) -> dict[int, int]:
    """How many listed faces are in each state."""
    counted = count_values(db, "state")
    del counted[columns.ABSENT]
    return dict(sorted(counted.items()))


def count_waiting(db: Db) -> dict[str, int]:
    """Why how many listed faces wait, with zeros."""
    counted = count_values(db, "waiting")
    return {why: counted[number] for why, number in columns.WAITING.items()}
