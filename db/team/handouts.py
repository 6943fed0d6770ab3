"""Hand-outs: a filter of Review whose faces are for one person, until somebody takes it back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.projection.columns import Faces
from db.projection.filter_text import filter_of
from db.projection.filters import Mask, ReviewFilter, masks
from db.tables import audit
from db.tables.annotators import ensure_annotator, list_annotators
from db.team import unanswered
from db.team.pseudonyms import letters
from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.names import find_name

_STANDING_SQL: Final = """
SELECT id, query, annotator, given_by, given_at,
  (SELECT count(*) - 1 FROM handouts o WHERE o.annotator = h.annotator AND o.id <= h.id)
FROM handouts h WHERE taken_back_at IS NULL AND annotator = ifnull(?, annotator) ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class HandOut:
    """query: the parameters of Review's address. annotator: for whom. given_at: UTC ISO 8601.

    letter: A for the first that its person ever got. It is what they know it by: the filter may tell what is blind for
    them, as the search that a face is from.
    """

    id: int
    query: Mapping[str, str]
    annotator: str
    given_by: str
    given_at: str
    letter: str

    @property
    def filter(self) -> ReviewFilter:
        return filter_of(self.query)


def hand_out(db: Db, query: Mapping[str, str], annotator: str, by: str) -> int:
    """Hand the faces of a filter out to a known person, and return the hand-out's id. Inside a write.

    May `by` do so is the caller's question. Raises UsageError: an unknown person, a filter that is none, the same
    hand-out again.
    """
    known = find_name(annotator, list_annotators(db))
    if known is None:
        raise UsageError(message("handout_person_unknown", name=annotator))
    by = ensure_annotator(db, by)
    masks(Faces(db), filter_of(query))  # refuses what no list could show
    text = json.dumps(dict(query), sort_keys=True, ensure_ascii=False)
    if any(one.annotator == known and one.query == dict(query) for one in standing(db)):
        raise UsageError(message("handout_again", name=known))
    db.execute(
        "INSERT INTO handouts (query, annotator, given_by, given_at) VALUES (?, ?, ?, ?)", [text, known, by, now_iso()]
    )
    (number,) = db.execute("SELECT max(id) FROM handouts").fetchone()
    audit.append(db, by, "hand_out", {"handout": number, "person": known, "query": dict(query)})
    return int(number)


def take_back(db: Db, number: int, by: str) -> bool:
    """Take a hand-out back; whether it stood. What its person has claimed of it stays theirs for the batch."""
    by = ensure_annotator(db, by)
    sql = "UPDATE handouts SET taken_back_by = ?, taken_back_at = ? WHERE id = ? AND taken_back_at IS NULL"
    if not db.execute(sql, [by, now_iso(), number]).rowcount:
        return False
    audit.append(db, by, "hand_out_taken_back", {"handout": number})
    return True


def standing(db: Db, annotator: str | None = None) -> list[HandOut]:
    """The hand-outs that are not taken back, oldest first: a person's, or everybody's."""
    return [
        HandOut(number, json.loads(query), person, by, at, letters(place))
        for number, query, person, by, at, place in db.execute(_STANDING_SQL, [annotator])
    ]


def count_left(db: Db, handouts: list[HandOut]) -> dict[int, int]:
    """For each hand-out by its id: how many of its faces its person has not answered."""
    faces = Faces(db)
    return {one.id: int(np.count_nonzero(unanswered.mask(db, faces, one.filter, one.annotator))) for one in handouts}


@dataclass(frozen=True, slots=True)
class ForOthers:
    """The filters that are handed out to other people than one, and to this one."""

    theirs: tuple[ReviewFilter, ...]
    own: tuple[ReviewFilter, ...]

    def among(self, faces: Faces) -> Mask:
        """Which faces (bool by seq) are handed out to other people and not to this one."""
        found = unanswered.passing_any(faces, self.theirs)
        return found & ~unanswered.passing_any(faces, self.own) if self.own else found


def for_others(db: Db, annotator: str) -> ForOthers | None:
    """What stands for other people than this one; None where nothing does."""
    everything = standing(db)
    theirs = tuple(one.filter for one in everything if one.annotator != annotator)
    return ForOthers(theirs, tuple(one.filter for one in everything if one.annotator == annotator)) if theirs else None
