"""Which faces pass a filter, and in which order: worked out on the columns (`db.columns`)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from db import columns, keyset
from db.columns import Column, Faces
from pipeline.errors import UsageError
from pipeline.measures import BY_NAME, MISSING

DOUBTFUL: Final = "doubtful"
"""The order that shows probably misplaced mouths first."""
_STATES: Final = {"undecided": columns.UNDECIDED, "rejected": columns.REJECTED, "unsure": columns.UNSURE}
_FUZZ: Final = 1e-6
"""An end such as 0.29 lies beside its stored 290 by less than this."""
_FARTHEST: Final = 2.0**30

Mask = npt.NDArray[np.bool_]
Ranges = tuple[tuple[str, float | None, float | None], ...]
"""(name of a measure, low, high) in the measure's unit, ends included, None is open."""


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Which faces, in which order.

    state: undecided, accepted, rejected, unsure, all or `class:<id>` (accepted with that class). proposal: a class id
    that the image's folder proposes. ranges: a figure that is missing passes none. outside: the faces that fall out of
    at least one range instead, by a figure that is there. order: import (as they came),
    proposal (grouped by proposed class, none last), a measure's name (least first), the same behind "-" (most first),
    both with the missing ones last, or doubtful (probably misplaced mouths first).
    """

    state: str = "undecided"
    source_id: int | None = None
    proposal: int | None = None
    order: str = "import"
    ranges: Ranges = ()
    outside: bool = False


def matching(faces: Faces, flt: ReviewFilter) -> npt.NDArray[np.intp]:
    """The seqs of the faces that pass, ascending. Raises UsageError for a bad filter."""
    chosen = in_state(faces.column("state"), flt.state)
    if flt.source_id is not None:
        chosen &= faces.column("source") == flt.source_id
    if flt.proposal is not None:
        chosen &= faces.column("proposal") == flt.proposal
    if flt.ranges:
        chosen &= _falling_out(faces, flt.ranges) if flt.outside else _within(faces, flt.ranges)
    return np.flatnonzero(chosen)


def _within(faces: Faces, ranges: Ranges) -> Mask:
    tests = [(faces.column(name), low, high) for name, low, high in stored_ends(ranges)]
    found: Mask = np.logical_and.reduce([(values >= low) & (values <= high) for values, low, high in tests])
    return found


def _falling_out(faces: Faces, ranges: Ranges) -> Mask:
    tests = [(faces.column(name), low, high) for name, low, high in stored_ends(ranges)]
    found: Mask = np.logical_or.reduce(
        [(values != MISSING) & ((values < low) | (values > high)) for values, low, high in tests]
    )
    return found


def keys(faces: Faces, order: str, seqs: npt.NDArray[np.intp]) -> tuple[keyset.Keys, bool]:
    """Keys for `keyset.window`, and whether they have a rank. Raises UsageError for an unknown order."""
    if order == "import":
        return keyset.make_keys(None, seqs), False
    if order == "proposal":
        return keyset.make_keys(faces.column("proposal")[seqs], seqs), True
    name = "plausibility" if order == DOUBTFUL else order.removeprefix("-")
    if name not in BY_NAME:
        raise UsageError(f"{order!r} is no order: import, proposal, doubtful or a measure ({', '.join(BY_NAME)})")
    rank = faces.column(name)[seqs]
    if order.startswith("-"):
        rank = np.where(rank == MISSING, np.int32(MISSING), -rank)
    return keyset.make_keys(rank, seqs), True


def in_state(state: Column, wanted: str) -> Mask:
    """Raises UsageError for a state that is none."""
    found: Mask
    if wanted in _STATES:
        found = state == _STATES[wanted]
    elif wanted == "accepted":
        found = state >= columns.ACCEPTED
    elif wanted == "all":
        found = state != columns.ABSENT
    elif wanted.startswith("class:") and wanted[6:].isdecimal() and len(wanted) < 16:
        found = state == columns.ACCEPTED + int(wanted[6:])
    else:
        raise UsageError(f"{wanted!r} is no filter: undecided, accepted, rejected, unsure, all or class:<number>")
    return found


def stored_ends(ranges: Ranges) -> list[tuple[str, int, int]]:
    """The ranges in stored numbers, ends included; MISSING is in none. Raises UsageError for an unknown measure."""
    found = []
    for name, low, high in ranges:
        if name not in BY_NAME:
            raise UsageError(f"{name!r} is no measure; one of: {', '.join(BY_NAME)}")
        scale = BY_NAME[name].scale
        least = -MISSING if low is None else math.ceil(_near(low * scale) - _FUZZ)
        most = MISSING - 1 if high is None else math.floor(_near(high * scale) + _FUZZ)
        found.append((name, least, most))
    return found


def failing(faces: Faces, ranges: Ranges) -> npt.NDArray[np.intp]:
    """The seqs of undecided faces with a figure outside a range, ascending; a figure that is missing is none."""
    outside = np.zeros(len(state := faces.column("state")), bool)
    for name, low, high in stored_ends(ranges):
        values = faces.column(name)
        outside |= (values != MISSING) & ((values < low) | (values > high))
    return np.flatnonzero(outside & (state == columns.UNDECIDED))


def _near(value: float) -> float:
    """Beyond every figure is far enough (also for an infinity)."""
    if math.isnan(value):
        raise UsageError("an end of a range is not a number")
    return max(-_FARTHEST, min(value, _FARTHEST))
