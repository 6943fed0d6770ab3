"""Which faces of a filter a person can still answer, computed on the columns; what waits is looked up by its index."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from sqlite_utils.db import Database as Db

from db.projection import columns, filters
from db.projection.columns import Column, Faces
from db.projection.filters import Mask, ReviewFilter, all_of, conditions

Index: TypeAlias = slice | npt.NDArray[np.intp]
"""Of faces, by seq."""

_MORE_WANTED: Final = [columns.WAITING[why] for why in ("opinion", "quorum", "tie")]
_CLOSED_SQL: Final = """
SELECT t.seq FROM face_state t WHERE t.waiting <> '' AND (t.waiting = 'dispute'
  OR EXISTS (SELECT 1 FROM answers a WHERE a.face_id = t.face_id AND a.annotator = ?))
"""
"""The faces whose wait this person's answer would not end: it is there, or an adjudicator's is wanted."""
_SOME_WAIT_SQL: Final = "SELECT 1 FROM face_state WHERE waiting <> '' LIMIT 1"
PART: Final = 65_536
"""Faces that are looked at together: their columns and masks stay in the processor's cache. Of a million at once each
mask is memory of its own, which the system hands out page by page: half as much time again."""
_TAKEN: Final = 8192
"""What numpy makes indices of at once, 8 bytes each: more would be memory of its own, see `calls.use_few_heaps`."""
_ANSWERED_SQL: Final = "SELECT t.seq FROM answers a JOIN face_state t ON t.face_id = a.face_id WHERE a.annotator = ?"


def mask(db: Db, faces: Faces, flt: ReviewFilter, annotator: str) -> Mask:
    """Which faces (bool by seq) pass the filter and want this person's answer. Raises UsageError for a bad filter."""
    found = passing(faces, flt)
    found[seqs(db, _CLOSED_SQL if flt.state == "undecided" else _ANSWERED_SQL, annotator)] = False
    return found


def passing(faces: Faces, flt: ReviewFilter) -> Mask:
    """Which faces (bool by seq) pass the filter; undecided are also those that wait for more people's answers.

    Raises UsageError for a bad filter.
    """
    return _in_parts(faces, [flt], lambda some: all_of([in_state(some, flt.state), *conditions(some, flt).values()]))


def passing_any(faces: Faces, filters: Sequence[ReviewFilter]) -> Mask:
    """Which faces pass one of these filters or more. Each state is looked at once: what hand-outs differ by is little.

    Raises UsageError for a bad filter.
    """
    alike = {state: _by_sources(one for one in filters if one.state == state) for state in {f.state for f in filters}}
    return _in_parts(faces, filters, lambda some: _passing_any(some, alike))


def _in_parts(faces: Faces, filters: Sequence[ReviewFilter], passing: Callable[[Faces], Mask]) -> Mask:
    """What `passing` finds; of all faces at once where a filter asks for what takes long to find and has no column."""
    if any((flt.person, flt.pair, flt.selection) != (None, None, None) for flt in filters):
        return passing(faces)
    found: Mask = np.zeros(faces.length, bool)
    for start in range(0, max(faces.length, 1), PART):  # a bad filter is refused also where no face is
        part = slice(start, min(start + PART, faces.length))
        found[part] = passing(SomeFaces(faces, part, part.stop - start))
    return found


class SomeFaces(Faces):
    """The columns of some faces: what is computed on them is by their place among these."""

    def __init__(self, whole: Faces, index: Index, length: int) -> None:
        """length: how many faces the index leads to."""
        self._db, self._whole, self._index = whole.db, whole, index
        self.length = length

    def column(self, name: str) -> Column:
        return self._whole.column(name)[self._index]

    def where(self, sql: str, values: Sequence[Any] = ()) -> Mask:
        return self._whole.where(sql, values)[self._index]


def _passing_any(faces: Faces, alike: Mapping[str, Mapping[ReviewFilter, set[int | None]]]) -> Mask:
    """alike: by state, what `_by_sources` makes of its filters."""
    found: Mask = np.zeros(faces.length, bool)
    for state, groups in alike.items():
        some: Mask = np.zeros(faces.length, bool)
        for rest, sources in groups.items():
            met = list(conditions(faces, rest).values())
            if None not in sources:
                met.append(_from_one_of(faces, [number for number in sources if number is not None]))
            some |= all_of(met) if met else True
        some &= in_state(faces, state)
        found |= some
    return found


def _by_sources(filters: Iterable[ReviewFilter]) -> dict[ReviewFilter, set[int | None]]:
    """For each filter, its source left out, the sources of those that are alike but for it: hand-outs mostly are."""
    found: dict[ReviewFilter, set[int | None]] = {}
    for flt in filters:
        found.setdefault(replace(flt, source_id=None), set()).add(flt.source_id)
    return found


def _from_one_of(faces: Faces, sources: Sequence[int]) -> Mask:
    """By a table of all numbers up to the largest: sooner than ten comparisons; np.isin takes as long as twenty."""
    among = np.zeros(max(sources, default=0) + 2, bool)  # its ends stand for no source, and for larger numbers
    among[list(sources)] = True
    source, found = faces.column("source"), np.empty(faces.length, bool)
    for start in range(0, faces.length, _TAKEN):
        piece = slice(start, start + _TAKEN)
        among.take(source[piece], out=found[piece], mode="clip")
    return found


def in_state(faces: Faces, state: str) -> Mask:
    """As `filters.in_state`, but undecided are also those that wait for more people's answers."""
    found = filters.in_state(faces, state)
    if state != "undecided" or not faces.db.execute(_SOME_WAIT_SQL).fetchone():  # by its index: most need no 2nd column
        return found
    return found | np.isin(faces.column("waiting"), _MORE_WANTED)


def seqs(db: Db, sql: str, *params: object) -> npt.NDArray[np.intp]:
    """The only column of what a statement finds, in no order: as one text, which is sooner than row by row."""
    (text,) = db.execute(f"WITH found(seq) AS ({sql}) SELECT json_group_array(seq) FROM found", list(params)).fetchone()
    return np.array(json.loads(text), np.intp)
