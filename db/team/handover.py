"""What one person did, took back and leaves open: for whoever goes on with it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlite_utils.db import Database as Db

from db.tables import roles
from db.tables.consensus_rules import OPINION_OPEN
from db.team import handouts
from db.team.claims import SECONDS

MOST_NOTES: Final = 200
_CLAIMED: Final = "claims WHERE annotator = ? AND expires_at BETWEEN ? AND ?"
_INDEPENDENT: Final = f"face_id NOT IN (SELECT face_id FROM face_state WHERE {OPINION_OPEN})"
"""What somebody answered on a face that others still answer without seeing it is told to nobody else."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day (UTC, `2026-01-31`): decisions made, and decisions taken back."""

    day: str
    decided: int
    taken_back: int


@dataclass(frozen=True, slots=True)
class OpenNote:
    """A note of the person's in a thread that nobody settled. at: UTC ISO 8601."""

    face_id: str
    text: str
    at: str


@dataclass(frozen=True, slots=True)
class OpenHandOut:
    """query: None for a reader who may hand nothing out and so knows it by its letter: it may name the search that a
    face is from, which is not told while others answer without seeing each other. left: faces not answered."""

    letter: str
    query: Mapping[str, str] | None
    given_by: str
    left: int


@dataclass(frozen=True, slots=True)
class HandOver:
    """answers: standing answers by (verdict, class id or None). independent: how many more there are, on faces whose
    other answers are awaited, and which only the person may see. taken_back: decisions, in all.

    claimed: faces that the person has before them now. awaited: faces that the person answered and that wait for a
    second opinion of somebody else.
    """

    person: str
    answers: dict[tuple[str, int | None], int]
    independent: int
    days: tuple[Day, ...]
    taken_back: int
    claimed: int
    handouts: tuple[OpenHandOut, ...]
    notes: tuple[OpenNote, ...]
    awaited: int


def hand_over(db: Db, person: str, reader: str, now: float | None = None) -> HandOver:
    """What `reader` may see of a person's work. now: seconds since 1970, None for the present.

    Reads the person's own rows of the log, by their index.
    """
    blind = "" if reader == person else f" AND {_INDEPENDENT}"
    sql = f"SELECT verdict, class_id, count(*) FROM answers WHERE annotator = ?{blind} GROUP BY verdict, class_id"
    answers = {(verdict, class_id): number for verdict, class_id, number in db.execute(sql, [person])}
    (everything,) = db.execute("SELECT count(*) FROM answers WHERE annotator = ?", [person]).fetchone()
    days = tuple(
        Day(*row)
        for row in db.execute(
            "SELECT substr(at, 1, 10), sum(verdict <> 'undo'), sum(verdict = 'undo') FROM decisions"
            " WHERE annotator = ? GROUP BY 1 ORDER BY 1",
            [person],
        )
    )
    moment = time.time() if now is None else now
    given = handouts.standing(db, person)
    left = handouts.count_left(db, given) if given else {}
    told = roles.may(db, reader, "hand_out")
    return HandOver(
        person=person,
        answers=answers,
        independent=everything - sum(answers.values()),
        days=days,
        taken_back=sum(day.taken_back for day in days),
        claimed=_count(db, _CLAIMED, [person, int(moment) + 1, int(moment) + SECONDS]),
        handouts=tuple(
            OpenHandOut(one.letter, one.query if told else None, one.given_by, left[one.id]) for one in given
        ),
        notes=_open_notes(db, person),
        awaited=_count(
            db, "answers a JOIN face_state s ON s.face_id = a.face_id WHERE a.annotator = ? AND s.waiting = 'opinion'",
            [person],
        ),
    )  # fmt: skip


def _open_notes(db: Db, person: str) -> tuple[OpenNote, ...]:
    sql = """
    SELECT face_id, text, at FROM notes n WHERE annotator = ?
    AND NOT EXISTS (SELECT 1 FROM resolved_notes r WHERE r.face_id = n.face_id) ORDER BY n.rowid DESC LIMIT ?
    """
    return tuple(OpenNote(*row) for row in db.execute(sql, [person, MOST_NOTES]))


def _count(db: Db, what: str, params: Sequence[object]) -> int:
    return int(db.execute(f"SELECT count(*) FROM {what}", list(params)).fetchone()[0])
