"""Counts for the filter widgets: how many faces each choice would show if all other filters stayed as set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlite_utils.db import Database as Db

from db.projection import columns
from db.projection.columns import Column, Faces
from db.projection.filters import OUTCOMES, Mask, ReviewFilter, all_of, masks
from pipeline.core.geometry import LANDMARK_MODELS
from pipeline.core.metrics import MISSING

ANY: Final = ""
"""The choice of a filter that is not set."""


FILTERS: Final = ("state", "source", "proposal", "outcome", "annotator", "disagreement", "licence", "landmarks")


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts of faces for a filter. faces: all that are listed. total: those that pass the whole filter.

    of: for each filter, how many faces each of its choices would show; a choice that is missing would show none. Those
    of `state`, `outcome`, `annotator`, `licence` and `landmarks` as `ReviewFilter` says them, of `source` and
    `proposal` ids as text, of `disagreement` "1" (and "0"); all filters but `state` have ANY, too.
    """

    faces: int
    total: int
    of: Mapping[str, Mapping[str, int]]


def facets(db: Db, flt: ReviewFilter, names: Sequence[str] = FILTERS, faces: Faces | None = None) -> Facets:
    """The counts of the filters called `names`, in one pass over the columns. Raises UsageError for a bad filter."""
    faces = faces or Faces(db)
    state = faces.column("state")
    listed: Mask = state != columns.ABSENT
    asked = masks(faces, flt)
    everything = all_of(asked.values())
    found = {}
    for name in names:
        others = [mask for other, mask in asked.items() if other != name]
        shown = all_of([listed, *others]) if name in asked else everything
        values = faces.column(name)[shown]
        if name == "state":
            found[name] = _states(values) | _waiting(faces.column("waiting")[shown])
        else:
            found[name] = _outcomes(values) if name == "outcome" else _each(values)
    if "landmarks" in found:
        models = dict(enumerate(LANDMARK_MODELS))
        found["landmarks"] = {one and models[int(one)]: number for one, number in found["landmarks"].items()}
    for name, codes in (("annotator", faces.annotators), ("licence", faces.licences)):
        if name in found:
            called = {str(code): each for each, code in codes().items()}
            found[name] = {called.get(code, code): number for code, number in found[name].items()}
    return Facets(int(np.count_nonzero(listed)), int(np.count_nonzero(everything)), found)


def _each(values: Column) -> dict[str, int]:
    """How often each number is among these, and ANY: how many there are."""
    counts = np.bincount(values[values != MISSING])
    return {ANY: len(values), **{str(n): count for n, count in enumerate(counts.tolist()) if count}}


def _states(values: Column) -> dict[str, int]:
    counts = {n: count for n, count in enumerate(np.bincount(values).tolist()) if count}
    by_class = {n - columns.ACCEPTED: count for n, count in counts.items() if n > columns.ACCEPTED}
    return {
        "undecided": counts.get(columns.UNDECIDED, 0),
        "waiting": counts.get(columns.ANSWERED, 0),
        "rejected": counts.get(columns.REJECTED, 0),
        "unsure": counts.get(columns.UNSURE, 0),
        "accepted": sum(by_class.values()),
        "all": len(values),
        **{f"class:{n}": count for n, count in by_class.items()},
    }


def _waiting(values: Column) -> dict[str, int]:
    counts = np.bincount(values[values != MISSING], minlength=len(columns.WAITING) + 1).tolist()
    return {f"waiting:{why}": counts[number] for why, number in columns.WAITING.items() if counts[number]}


def _outcomes(values: Column) -> dict[str, int]:
    return {ANY: len(values), **{name: int(np.count_nonzero(values & bit)) for name, bit in OUTCOMES.items()}}
