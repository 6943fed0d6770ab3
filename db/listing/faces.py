"""Faces as flat rows, as one person may see them: for scripts and notebooks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from sqlite_utils.db import Database as Db

from db.base import paging
from db.base.paging import Page
from db.base.quality_columns import QUALITY_COLUMNS, quality_of
from db.projection import suggestions
from db.projection.filters import ReviewFilter, keys, matching
from db.tables.classes import list_classes
from db.team.blind import VisibleFaces, veiled_for, visible_states
from pipeline.core.metrics import QualityMetrics

_BLOCK: Final = 2000
_ROWS_SQL: Final = f"""
SELECT t.seq, t.face_id, f.sha256, t.proposal, f.crop_version, f.detector, f.landmark_model, f.score,
  f.x1, f.y1, f.x2, f.y2, i.width, i.height, i.source_id,
  ifnull((SELECT g.location FROM sightings g WHERE g.sha256 = f.sha256 ORDER BY g.id LIMIT 1), i.original),
  {QUALITY_COLUMNS}
FROM json_each(?) j CROSS JOIN face_state t ON t.seq = j.value CROSS JOIN faces f ON f.seq = t.seq
CROSS JOIN images i ON i.sha256 = f.sha256 LEFT JOIN face_quality q ON q.seq = t.seq ORDER BY j.key
"""


@dataclass(frozen=True, slots=True)
class ListedFace:
    """One face.

    state: undecided, waiting (people answered, nothing counts yet), accepted, rejected or unsure. label: the name of
    its class. annotator, at: who made the decision that counts, and when (UTC, ISO 8601); decision: its UUID. proposal:
    the class that its folder proposes. suggestion, confidence: what the model in force suggests, 0 to 1; suggester,
    suggester_version: which. box: x1, y1, x2, y2 in pixels of the upright photo, which is width by height. location:
    of its first file. landmark_model: what placed its landmarks; figures of the two models compare only with their own.
    Where the viewer is to find the answer out by themselves neither proposal nor suggestion is told, source_id is None
    and location "": a folder, a search and a file may be called like a class.
    """

    face_id: str
    sha256: str
    state: str
    label: str | None
    reason: str | None
    annotator: str | None
    at: str | None
    decision: str | None
    proposal: str | None
    suggestion: str | None
    confidence: float | None
    suggester: str | None
    suggester_version: int | None
    crop_version: str
    detector: str
    landmark_model: str
    score: float | None
    box: tuple[float, float, float, float]
    width: int
    height: int
    source_id: int | None
    location: str
    quality: QualityMetrics | None


def page(db: Db, viewer: str, flt: ReviewFilter, size: int, after: str | None = None) -> Page[ListedFace]:
    """At most `size` faces behind the cursor `after`, as this person may see them. Raises UsageError for a bad filter
    or cursor."""
    faces = VisibleFaces(db, viewer)
    found = paging.window(*keys(faces, flt.order, matching(faces, flt)), size, after)
    return found.with_items(_rows(db, viewer, found.items))


def every(db: Db, viewer: str, flt: ReviewFilter) -> Iterator[ListedFace]:
    """All of them, in the filter's order. Raises UsageError for a bad filter."""
    faces = VisibleFaces(db, viewer)
    sorted_keys = np.sort(keys(faces, flt.order, matching(faces, flt))[0])
    seqs = (sorted_keys & np.int64(0xFFFFFFFF)).tolist()
    for start in range(0, len(seqs), _BLOCK):
        yield from _rows(db, viewer, seqs[start : start + _BLOCK])


def some(db: Db, viewer: str, face_ids: Sequence[str]) -> list[ListedFace]:
    """These faces, in this order, as this person may see them; those that are not listed are left out."""
    sql = "SELECT t.seq FROM json_each(?) j CROSS JOIN face_state t ON t.face_id = j.value ORDER BY j.key"
    return _rows(db, viewer, [seq for (seq,) in db.execute(sql, [json.dumps(list(face_ids))])])


def has_crop(db: Db, face_id: str) -> bool:
    """Whether the face is one that is listed: known, and not taken out."""
    return db.execute("SELECT 1 FROM face_state WHERE face_id = ?", [face_id]).fetchone() is not None


def renamed(face: ListedFace, aliases: Mapping[str, str]) -> ListedFace:
    """The same face with what is shown in the place of a name."""
    return replace(face, annotator=aliases.get(face.annotator or "", face.annotator))


def _rows(db: Db, viewer: str, seqs: Sequence[int]) -> list[ListedFace]:
    rows = db.execute(_ROWS_SQL, [json.dumps(list(seqs))]).fetchall()
    ids = [row[1] for row in rows]
    veiled = veiled_for(db, viewer, ids)
    states = {state.face_id: state for state in visible_states(db, viewer, ids)}
    names = {spec.id: spec.name for spec in list_classes(db, archived=True)}
    suggested, suggester = suggestions.of_faces(db, seqs), suggestions.in_force(db)
    found = []
    for row in rows:
        seq, face_id, sha256, proposal, *about = row[:16]
        state = states[face_id]
        guarded = face_id in veiled
        one = None if guarded else suggested.get(seq)
        told = suggester if one is not None else None
        found.append(
            ListedFace(
                face_id, sha256, state_name(state.verdict, state.waiting), names.get(state.class_id or 0), state.reason,
                state.annotator, state.at, state.decision,
                None if guarded else names.get(proposal or 0),
                None if one is None else names.get(one.class_id),
                None if one is None else one.probability,
                None if told is None else told.name,
                None if told is None else told.version,
                about[0], about[1], about[2], about[3], tuple(about[4:8]), about[8], about[9],
                None if guarded else about[10],
                "" if guarded else about[11],
                quality_of(row[16:]),
            )
        )  # fmt: skip
    return found


_STATES: Final = {"accept": "accepted", "reject": "rejected", "unsure": "unsure"}


def state_name(verdict: str | None, waiting: str) -> str:
    """waiting: why nothing counts although people answered, as the viewer may know it."""
    if waiting or verdict is None:
        return "waiting" if waiting else "undecided"
    return _STATES[verdict]
