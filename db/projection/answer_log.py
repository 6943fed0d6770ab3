"""What people answered, read from the decision log as columns of whole numbers: what agreement is computed from.

Decisions of rules are no person's answers, and an adjudication is made over answers: both are left out. Undone
decisions stay in, marked.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view
from sqlite_utils.db import Database as Db

from db.base.face_seqs import GONE, seqs_of
from db.projection import columns
from db.projection.columns import Faces
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
_COMMON_SQL: Final = f"""
SELECT group_concat(seq), group_concat(annotator, char(10)), {_COLUMNS}
FROM decisions WHERE +undoes IS NULL AND kind = '' AND substr(annotator, 1, {len(RULE_PREFIX)}) <> '{RULE_PREFIX}'
  AND face_id IN (SELECT face_id FROM decisions WHERE annotator = :one
  INTERSECT SELECT face_id FROM decisions WHERE annotator = :other)
"""
"""By these faces, not by all rows that take nothing back (hence the plus)."""
_UNDONE_SQL: Final = """
SELECT d.seq FROM decisions u CROSS JOIN decisions d ON d.uuid = u.undoes WHERE u.undoes NOT NULL AND +u.seq > ?
"""
"""By the index of what is undone, not by all rows (hence the plus)."""
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


def read(db: Db, known: AnswerLog = EMPTY, beside: Beside | None = None) -> AnswerLog:
    """The whole log as of now; of what is `known` only what came since is read.

    beside: reads on another connection, in another thread. A long log is then read in halves at once, which takes
    little more than half the time: SQLite works beside Python. Rows of the log do not change, so that halves of two
    snapshots fit; a face that is erased between them has gone in the second.
    """
    (last,) = db.execute(_LAST_SQL).fetchone()
    if last == known.last:
        return known
    new = _since(db, known.last, last) if beside is None else _halves(db, known.last, last, beside)
    return _undone(db, _join(known, new, last), known.last)


def _halves(db: Db, after: int, until: int, beside: Beside) -> AnswerLog:
    if until - after < LONG:
        return _since(db, after, until)
    middle = (after + until) // 2
    with ThreadPoolExecutor(1, "answer-log") as pool:
        later = pool.submit(beside, partial(_since, after=middle, until=until))
        return _join(_since(db, after, middle), later.result(), 0)


def read_common(db: Db, one: str, other: str) -> AnswerLog:
    """The log of those faces alone that both people decided on, whoever else did."""
    (last,) = db.execute(_LAST_SQL).fetchone()
    seqs, people, *packed = db.execute(_COMMON_SQL, {"one": one, "other": other}).fetchone()
    if seqs is None:
        return replace(EMPTY, last=last)
    told = people.split("\n")
    names = tuple(sorted(set(told)))
    codes = {name: code for code, name in enumerate(names)}
    who = np.fromiter(map(codes.__getitem__, told), np.int64, len(told))
    found = AnswerLog(last, names, _whole(seqs), who, *_columns(db, packed), np.zeros(len(who), bool))
    return _undone(db, _chosen(found, np.argsort(found.seq, kind="stable")), 0)


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


def _undone(db: Db, log: AnswerLog, after: int) -> AnswerLog:
    """With what decisions behind number `after` took back marked as such."""
    seqs = np.array([seq for (seq,) in db.execute(_UNDONE_SQL, [after])], np.int64)
    if not len(seqs) or not len(log.seq):
        return log
    at = np.minimum(np.searchsorted(log.seq, seqs), len(log.seq) - 1)
    undone = log.undone.copy()
    undone[at[log.seq[at] == seqs]] = True
    return replace(log, undone=undone)


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


def _join(known: AnswerLog, new: AnswerLog, last: int) -> AnswerLog:
    if not len(known.seq):
        return replace(new, last=last)
    names = known.names + tuple(name for name in new.names if name not in known.names)
    codes = np.array([names.index(name) for name in new.names], np.int64)
    return AnswerLog(
        last,
        names,
        np.concatenate([known.seq, new.seq]),
        np.concatenate([known.who, codes[new.who] if len(new.who) else new.who]),
        np.concatenate([known.state, new.state]),
        np.concatenate([known.unseen, new.unseen]),
        np.concatenate([known.day, new.day]),
        np.concatenate([known.face, new.face]),
        np.concatenate([known.undone, new.undone]),
    )


def counted(log: AnswerLog, faces: Faces, *, independent: bool) -> Numbers:
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
