"""Faces looked at part by part are those that are found of all at once."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from db.decisions.log import apply_ops
from db.projection.columns import UNDECIDED, Faces
from db.projection.filters import ReviewFilter, masks
from db.store.store import Db, Store
from db.team import unanswered
from db.team.notes import add_note
from pipeline.core.errors import UsageError
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide, new_uuid

FILTERS = (
    ReviewFilter(),
    ReviewFilter(state="all"),
    ReviewFilter(state="accepted", source_id=2),
    ReviewFilter(state="all", source_id=1, annotator="Ann"),
    ReviewFilter(state="all", outcome="added", landmarks="dlib"),
    ReviewFilter(state="all", notes="open"),
)


@pytest.fixture
def filled(store: Store) -> Store:
    """Three sources of eleven faces; Ann and Ben decided some, and noted one."""
    dice = random.Random(5)
    faces = [
        face for source in "abc" for face in add_images(store, [f"{source} {n}" for n in range(11)], source=source)
    ]
    for who, face in zip(("Ann", "Ben") * 8, dice.sample(faces, 16), strict=True):
        op = store.read(lambda db, face=face: decide(db, face, dice.choice((Verdict.ACCEPT, Verdict.REJECT))))
        store.write(lambda db, who=who, op=op: apply_ops(db, who, [op]))
    store.write(lambda db: add_note(db, "Ann", faces[7], new_uuid(), "blurred?"))
    return store


def at_once(db: Db, flt: ReviewFilter) -> list[int]:
    found = masks(Faces(db), flt).values()
    return [seq for seq in range(Faces(db).length) if all(mask[seq] for mask in found)]


@pytest.mark.parametrize("part", [1, 7, 2048, 65_536])
def test_part_by_part(filled: Store, part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unanswered, "PART", part)

    def check(db: Db) -> None:
        assert (Faces(db).column("state") == UNDECIDED).sum() == 33 - 16
        each = [at_once(db, flt) for flt in FILTERS]
        assert all(each)
        for flt, expected in zip(FILTERS, each, strict=True):
            assert np.flatnonzero(unanswered.passing(Faces(db), flt)).tolist() == expected
        for first in range(len(FILTERS)):
            some = np.flatnonzero(unanswered.passing_any(Faces(db), FILTERS[first:])).tolist()
            assert some == sorted({seq for found in each[first:] for seq in found})

    filled.read(check)


@pytest.mark.parametrize("flt", [ReviewFilter(state="nowhere"), ReviewFilter(ranges=(("beauty", 0, 1),))])
@pytest.mark.parametrize("faces", [0, 1])
def test_a_bad_filter_is_refused(store: Store, flt: ReviewFilter, faces: int) -> None:
    add_images(store, ["a"] * faces)
    with pytest.raises(UsageError):
        store.read(lambda db: unanswered.passing(Faces(db), replace(flt)))
