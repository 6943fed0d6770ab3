"""What people answered, read from the decision log as columns of whole numbers: what agreement is computed from.

Decisions of rules are no person's answers, and an adjudication is made over answers: both are left out. Undone
decisions stay in, marked.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view
from sqlite_utils.db import Database as Db

from db.base.face_seqs import GONE, seqs_of
from db.projection import columns
from db.projection.columns import Column
from db.tables.annotators import RULE_PREFIX
from pipeline.agreement.answers import stable_order
from pipeline.core.metrics import MISSING

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Beside = Callable[[Callable[[Db], "AnswerLog"]], "AnswerLog"]
"""`Store.read_beside`, or what does the same."""

ALIKE: Final = 1
DIFFERENT: Final = 2
"""The column `unseen`: what counted then and had not been seen was the same answer, or another one. 0: neither."""
NOBODY: Final = -1
LONG: Final = 50_000
"""Rows that are worth a thread and a connection."""
_NO_ANSWER: Final = 9
"""In `unseen` as it is read: a row that takes something back or adjudicates."""
_NEVER: Final = 2**62
_DATE: Final = len("2026-01-31")

_COLUMNS: Final = f"""
group_concat(ifnull({columns.ACCEPTED} + class_id, iif(verdict = 'reject', {columns.REJECTED}, {columns.UNSURE}))),
group_concat(CASE WHEN undoes NOT NULL OR kind <> '' THEN '{_NO_ANSWER}' WHEN unseen NOT NULL THEN '{DIFFERENT}'
  WHEN context IS NULL THEN '0' WHEN json_extract(context, '$.unseen') = 1 THEN '{ALIKE}' ELSE '0' END, ''),
group_concat(at), group_concat(face_id, '')
"""
"""A text for each column, all in the same order: a million rows in Python cost three times as much. No `substr`: to cut
the day out of each time costs four times what the whole time does."""
_SINCE_SQL: Final = f"SELECT count(*), {_COLUMNS} FROM decisions WHERE seq > :after AND seq <= :until"
"""All rows, each with whether it is an answer."""
_PEOPLE_SQL: Final = f"""
SELECT a.name, group_concat(d.seq) FROM annotators a CROSS JOIN decisions d
  ON d.annotator = a.name AND d.seq > :after AND d.seq <= :until
WHERE substr(a.name, 1, {len(RULE_PREFIX)}) <> '{RULE_PREFIX}' GROUP BY a.name ORDER BY a.name
"""
"""From an index alone: a fifth of what a name for each row costs."""
_SEQS_SQL: Final = "SELECT group_concat(seq) FROM decisions WHERE seq > :after AND seq <= :until"
_OF_FACES_SQL: Final = f"""
SELECT group_concat(seq), group_concat(annotator, char(10)),
  group_concat(EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.uuid AND u.seq <= :until), ''), {_COLUMNS}
FROM decisions d WHERE +undoes IS NULL AND kind = '' AND seq <= :until
  AND substr(annotator, 1, {len(RULE_PREFIX)}) <> '{RULE_PREFIX}' AND face_id IN ({{faces}})
"""
"""By these faces, not by all rows that take nothing back (hence the plus)."""
_COMMON: Final = """
SELECT face_id FROM decisions WHERE annotator = :one INTERSECT SELECT face_id FROM decisions WHERE annotator = :other
"""
_NUMBERED: Final = "SELECT f.id FROM json_each(:seqs) j CROSS JOIN faces f ON f.seq = j.value"
_UNDONE_SQL: Final = "SELECT d.seq FROM decisions u CROSS JOIN decisions d ON d.uuid = u.undoes WHERE u.undoes NOT NULL"
_LAST_SQL: Final = "SELECT ifnull(max(seq), 0) FROM decisions"


@dataclass(frozen=True, slots=True, eq=False)
class AnswerLog:
    """Columns in the order of the log. last: the newest decision of any kind that was looked at.

    names: of people; who: int64, indices into them. face: the face's seq. state: a number as in
    `db.projection.columns`. day: since 1970, UTC. unseen: ALIKE or DIFFERENT where a decision of somebody else counted
    then and had not been seen. undone: taken back since.
    """

    last: int
    names: tuple[str, ...]
    seq: Numbers
    who: Numbers
    state: Numbers
    unseen: Numbers
    day: Numbers
    face: Numbers
    undone: Mask


def _nothing() -> Numbers:
    return np.zeros(0, np.int64)


EMPTY: Final = AnswerLog(
    0, (), _nothing(), _nothing(), _nothing(), _nothing(), _nothing(), _nothing(), np.zeros(0, bool)
)


class Columns(Protocol):
    """`Faces`, or the columns of a moment."""

    def column(self, name: str) -> Column:
        """As `Faces.column`."""


def read(db: Db, beside: Beside | None = None) -> AnswerLog:
    """The whole log as of now.

    beside: reads on another connection, in another thread. A long log is then read in halves at once, which takes
    little more than half the time: SQLite works beside Python. Rows of the log do not change, so that halves of two
    snapshots fit; a face that is erased between them has gone in the second.
    """
    last = last_of(db)
    log = _since(db, 0, last) if beside is None else _halves(db, last, beside)
    undone = np.array([seq for (seq,) in db.execute(_UNDONE_SQL)], np.int64)
    return replace(log, last=last, undone=np.isin(log.seq, undone))


def last_of(db: Db) -> int:
    """The number of the newest decision of any kind, 0 where there is none."""
    return int(db.execute(_LAST_SQL).fetchone()[0])


def _halves(db: Db, until: int, beside: Beside) -> AnswerLog:
    if until < LONG:
        return _since(db, 0, until)
    middle = until // 2
    with ThreadPoolExecutor(1, "answer-log") as pool:
        later = pool.submit(beside, partial(_since, after=middle, until=until))
        return _join(_since(db, 0, middle), later.result())


def read_common(db: Db, one: str, other: str) -> AnswerLog:
    """The log of those faces alone that both people decided on, whoever else did."""
    return _of_faces(db, _COMMON, {"one": one, "other": other, "until": last_of(db)})


def read_faces(db: Db, seqs: Sequence[int], until: int) -> AnswerLog:
    """The log of these faces alone, as it was when decision number `until` was the last."""
    return _of_faces(db, _NUMBERED, {"seqs": json.dumps(list(seqs)), "until": until})


def _of_faces(db: Db, faces: str, params: dict[str, Any]) -> AnswerLog:
    seqs, people, undone, *packed = db.execute(_OF_FACES_SQL.format(faces=faces), params).fetchone()
    if seqs is None:
        return replace(EMPTY, last=params["until"])
    told = people.split("\n")
    names = tuple(sorted(set(told)))
    codes = {name: code for code, name in enumerate(names)}
    who = np.fromiter(map(codes.__getitem__, told), np.int64, len(told))
    taken_back = np.frombuffer(undone.encode(), np.uint8) == ord("1")
    found = AnswerLog(params["until"], names, _whole(seqs), who, *_columns(db, packed), taken_back)
    return _chosen(found, np.argsort(found.seq, kind="stable"))


def _since(db: Db, after: int, until: int) -> AnswerLog:
    params = {"after": after, "until": until}
    number, *packed = db.execute(_SINCE_SQL, params).fetchone()
    if not number:
        return EMPTY
    gapless = number == until - after
    seq = np.arange(after + 1, until + 1) if gapless else _whole(db.execute(_SEQS_SQL, params).fetchone()[0])
    names: list[str] = []
    who = np.full(number, NOBODY)
    for name, seqs in db.execute(_PEOPLE_SQL, params):
        who[np.searchsorted(seq, _whole(seqs))] = len(names)
        names.append(name)
    log = AnswerLog(0, tuple(names), seq, who, *_columns(db, packed), np.zeros(number, bool))
    answered = np.flatnonzero((who != NOBODY) & (log.unseen != _NO_ANSWER))
    return _without_idle(log if len(answered) == number else _chosen(log, answered))


def _without_idle(log: AnswerLog) -> AnswerLog:
    """Without the names of people who only took back or adjudicated."""
    busy = np.bincount(log.who, minlength=len(log.names)) > 0
    if busy.all():
        return log
    return replace(
        log, names=tuple(itertools.compress(log.names, busy)), who=(np.cumsum(busy) - 1)[log.who].astype(np.int64)
    )


def _columns(db: Db, packed: list[str]) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """The columns of _COLUMNS as an AnswerLog has them."""
    states, unseen, days, faces = packed
    seen = np.frombuffer(unseen.encode(), np.uint8).astype(np.int64) - ord("0")
    return _whole(states), seen, _days(days), seqs_of(db, faces)


def _whole(text: str) -> Numbers:
    """Whole numbers with commas between them."""
    return np.fromstring(text, np.int64, sep=",")


def _chosen(log: AnswerLog, rows: Numbers) -> AnswerLog:
    """These rows alone, in this order."""
    return replace(
        log, seq=log.seq[rows], who=log.who[rows], state=log.state[rows], unseen=log.unseen[rows],
        day=log.day[rows], face=log.face[rows], undone=log.undone[rows],
    )  # fmt: skip


def _days(text: str) -> Numbers:
    """Days since 1970 of times (`2026-01-31T…`) with commas between them; most are the day of the one before."""
    letters = np.frombuffer(text.encode(), np.uint8)
    starts = np.append([0], np.flatnonzero(letters == ord(",")) + 1)
    dates = sliding_window_view(letters, _DATE)[starts].view(f"S{_DATE}").ravel()
    changed = np.append([True], dates[1:] != dates[:-1])
    digits = dates[changed].view(np.uint8).reshape(-1, _DATE).astype(np.int64) - ord("0")
    year = digits[:, :4] @ np.array([1000, 100, 10, 1])
    month, day = digits[:, 5:7] @ np.array([10, 1]), digits[:, 8:] @ np.array([10, 1])
    first = ((year - 1970) * 12 + month - 1).astype("datetime64[M]").astype("datetime64[D]")
    found: Numbers = (first.astype(np.int64) + day - 1)[np.cumsum(changed) - 1]
    return found


def _join(first: AnswerLog, second: AnswerLog) -> AnswerLog:
    names = first.names + tuple(name for name in second.names if name not in first.names)
    codes = np.array([names.index(name) for name in second.names], np.int64)
    return AnswerLog(
        0,
        names,
        np.concatenate([first.seq, second.seq]),
        np.concatenate([first.who, codes[second.who] if len(second.who) else second.who]),
        np.concatenate([first.state, second.state]),
        np.concatenate([first.unseen, second.unseen]),
        np.concatenate([first.day, second.day]),
        np.concatenate([first.face, second.face]),
        np.concatenate([first.undone, second.undone]),
    )


def counted(log: AnswerLog, faces: Columns, *, independent: bool) -> Numbers:
    """The rows of the log that are answers: of each person on each face the newest one that was not taken back.

    Ordered by face, then by the person's name. Faces that are not listed, and those whose second opinions are not all
    given (they are blind), are left out. independent: only of what was decided before anything of others could be
    seen, see `is_independent`.
    """
    state, waiting = faces.column("state"), faces.column("waiting")
    open_ones = (state != columns.ABSENT) & (waiting != columns.WAITING["opinion"])
    kept = ~log.undone & (log.face != GONE) & (log.face < len(state))
    kept[kept] = open_ones[log.face[kept]]
    if independent:
        kept &= is_independent(log, faces.column("wanted"))
    rows = np.flatnonzero(kept)
    keys = log.face[rows] * max(1, len(log.names)) + alphabetical(log.names)[log.who[rows]]
    order = stable_order(keys)
    ordered = keys[order]
    newest = np.append(ordered[1:] != ordered[:-1], [True])[: len(ordered)]
    found: Numbers = rows[order[newest]]
    return found


def alphabetical(names: tuple[str, ...]) -> Numbers:
    """The place of each name among all of them in alphabetical order."""
    places = np.empty(len(names), np.int64)
    places[sorted(range(len(names)), key=lambda one: names[one])] = np.arange(len(names))
    return places


def is_independent(log: AnswerLog, wanted: npt.NDArray[np.int32]) -> Mask:
    """Which rows were decided without seeing what others decided.

    That is: by the first person on the face, while nobody else had decided there; or with somebody's decision that
    counted unseen; or as one of the second opinions that are asked for blind. wanted: how many those are, by the face's
    seq, MISSING where none. What was taken back counts as seen, too.
    """
    if not len(log.seq):
        return np.zeros(0, bool)
    order = stable_order(log.face)
    face, who, seq = log.face[order], log.who[order], log.seq[order]
    first = np.append([True], face[1:] != face[:-1])
    starts, group = np.flatnonzero(first), np.cumsum(first) - 1
    others = who != who[starts][group]
    others_from = np.minimum.reduceat(np.where(others, seq, _NEVER), starts)[group]
    found = (~others & (seq < others_from)) | (log.unseen[order] != 0)
    asked = np.full(len(face), MISSING, np.int64)
    there = (face != GONE) & (face < len(wanted))
    asked[there] = wanted[face[there]]
    if (asked != MISSING).any():
        people = max(1, len(log.names))
        _, firsts = np.unique(face * people + who, return_index=True)  # in the order of the log within a face
        new = np.zeros(len(face), np.int64)
        new[firsts] = 1
        number = np.cumsum(new)
        rank = number - (number[starts] - new[starts])[group]  # people so far, this row's among them
        # up to the one with which the last person who was asked for answered: what comes behind it saw them all
        found |= (asked != MISSING) & ((rank < asked) | ((rank == asked) & (new == 1)))
    back = np.empty(len(found), bool)
    back[order] = found
    return back
