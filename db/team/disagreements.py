"""What people differ on and nobody has settled: the faces, and what an adjudicator has to know of each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlite_utils.db import Database as Db

from db.projection import columns
from db.projection.answer_log import Numbers
from db.tables.annotators import RULE_PREFIX
from db.team.blind import VisibleFaces, blind_for

_UNSETTLED_SQL: Final = (
    "SELECT t.seq FROM json_each(?) j CROSS JOIN face_state t ON t.seq = j.value WHERE t.adjudicated = 0 ORDER BY t.seq"
)
_FACE_SQL: Final = (
    "SELECT t.face_id, f.sha256, f.crop_version, t.decision_uuid, t.waiting, f.x1, f.y1, f.x2, f.y2, i.width, i.height"
    " FROM face_state t JOIN faces f ON f.seq = t.seq JOIN images i ON i.sha256 = f.sha256 WHERE t.seq = ?"
)
_ANSWERS_SQL: Final = f"""
SELECT annotator, verdict, class_id, reason, at, unseen IS NOT NULL FROM answers
WHERE face_id = ? AND substr(annotator, 1, {len(RULE_PREFIX)}) <> '{RULE_PREFIX}' ORDER BY seq
"""
_COPIES_SQL: Final = """
SELECT o.id, o.crop_version, t.class_id FROM duplicate_members m
CROSS JOIN duplicate_members n ON n.group_id = m.group_id AND n.sha256 <> m.sha256 AND n.live = 1
CROSS JOIN faces o ON o.sha256 = n.sha256 CROSS JOIN face_state t ON t.face_id = o.id
WHERE m.sha256 = ? AND m.live = 1 AND t.verdict = 'accept' ORDER BY o.seq LIMIT ?
"""
_MOST_COPIES: Final = 3


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """unseen: it was given without seeing what counted then. at: UTC, ISO 8601."""

    annotator: str
    verdict: str
    class_id: int | None
    reason: str | None
    at: str
    unseen: bool


@dataclass(frozen=True, slots=True)
class NearCopy:
    """A face on a near copy of the photo, with the class that counts there."""

    face_id: str
    crop_version: str
    class_id: int


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One face. decision: the UUID of what counts, "" where nothing does. waiting: tie, dispute, or "" where one of the
    answers counts all the same. box: x1, y1, x2, y2, and size: width, height of its photo, upright original pixels.
    answers: of people, oldest first. copies: at most three."""

    seq: int
    face_id: str
    sha256: str
    crop_version: str
    decision: str
    waiting: str
    box: tuple[float, float, float, float]
    size: tuple[int, int]
    answers: tuple[GivenAnswer, ...]
    copies: tuple[NearCopy, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some of the queue, in the order in which the faces came; left: how many there are in all."""

    items: tuple[Disagreement, ...]
    left: int


def unsettled(db: Db, who: str) -> Numbers:
    """The seqs, ascending, of faces on which people's answers differ or are tied, and that were not adjudicated.

    A face whose second opinions are not all given is none of them, nor is one by which `who` is tried: see `blind`.
    """
    faces = VisibleFaces(db, who)
    waiting = faces.column("waiting")
    differing = faces.column("disagreement") == 1
    tied = (waiting == columns.WAITING["tie"]) | (waiting == columns.WAITING["dispute"])
    told = (faces.column("state") != columns.ABSENT) & (waiting != columns.WAITING["opinion"])
    seqs = np.flatnonzero((differing | tied) & told)
    rows = db.execute(_UNSETTLED_SQL, [json.dumps(seqs.tolist())])
    return np.array([seq for (seq,) in rows], np.int64)


def batch(db: Db, who: str, size: int, after: int = 0) -> Batch:
    """At most `size` of them behind the face with the seq `after`; from the beginning where none is left behind it."""
    seqs = unsettled(db, who)
    behind = seqs[seqs > after]
    chosen = (behind if len(behind) else seqs)[:size]
    return Batch(tuple(_disagreement(db, who, int(seq)) for seq in chosen), len(seqs))


def _disagreement(db: Db, who: str, seq: int) -> Disagreement:
    face_id, sha256, version, decision, waiting, *place = db.execute(_FACE_SQL, [seq]).fetchone()
    answers = tuple(
        GivenAnswer(name, verdict, class_id, reason, at, bool(unseen))
        for name, verdict, class_id, reason, at, unseen in db.execute(_ANSWERS_SQL, [face_id])
    )
    near = [NearCopy(*row) for row in db.execute(_COPIES_SQL, [sha256, _MOST_COPIES])]
    hidden = blind_for(db, who, [one.face_id for one in near])
    copies = tuple(one for one in near if one.face_id not in hidden)
    box, size = (place[0], place[1], place[2], place[3]), (place[4], place[5])
    return Disagreement(seq, face_id, sha256, version, decision or "", waiting, box, size, answers, copies)
