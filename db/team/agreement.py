"""How far the people of a workspace agree: their answers as a matrix, kept up to date, and what comes of it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
from sqlite_utils.db import Database as Db

from db.base.packed_columns import Packed, pack
from db.projection import answer_log, columns
from db.projection.answer_log import AnswerLog
from db.projection.columns import Column, Faces
from db.store.store import Store
from db.tables.classes import list_classes
from pipeline.agreement import coefficients
from pipeline.agreement.answers import Answers, Floats, Ints, counts, patterns
from pipeline.agreement.cohen import Pairs
from pipeline.agreement.summary import FEWEST, Summary, summary

NOTHING: Final = -1
"""Among values: none."""
WEEK: Final = 7
_MONDAY: Final = 3
"""1970-01-01 was a Thursday: day -3 was a Monday."""


@dataclass(frozen=True, slots=True, eq=False)
class AnswerMatrix:
    """Who answered what on which face, as of decision number `last`: not kept, it takes 60 bytes an answer.

    names: the people, in alphabetical order. states: what can be answered, as numbers of `db.projection.columns`: the
    classes in their order, then rejected and unsure. answers: items are faces, with their seqs in `faces` (int64);
    annotators are places in `names`, values places in `states`. days: when each face's newest answer was given, since
    1970, UTC. consensus: intp, the value that counts on each face, -1 where none does. crossed: of each answer, whether
    another one counted then that said something else and had not been seen.
    """

    last: int
    names: tuple[str, ...]
    states: tuple[int, ...]
    answers: Answers
    faces: Ints
    days: Ints
    consensus: Ints
    crossed: answer_log.Mask


@dataclass(frozen=True, slots=True)
class Week:
    """The faces whose newest answer was given in one week. monday: its first day, since 1970. percent, krippendorff:
    None where there are fewer than FEWEST faces with two answers, or no variation."""

    monday: int
    faces: int
    percent: float | None
    krippendorff: float | None


@dataclass(frozen=True, slots=True)
class GivenAnswers:
    """One person's answers of one value. answers: that stand. crossed: given unlike what counted, which they had not
    seen. overruled: something else counts there now."""

    name: str
    state: int
    answers: int
    crossed: int
    overruled: int


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """All that pages show of one kind of answers: `all` of them, or the independent ones.

    names, states: as in AnswerMatrix. counted: float64, shape (people, values, values), how often each person answered
    the row's value where the column's counts. given: by person in alphabetical order, then by value: those that occur.
    """

    names: tuple[str, ...]
    states: tuple[int, ...]
    summary: Summary
    pairs: Pairs
    counted: Floats
    weeks: tuple[Week, ...]
    given: tuple[GivenAnswers, ...]


@dataclass(slots=True, eq=False)
class _Kept:
    lock: threading.Lock = field(default_factory=threading.Lock)
    log: Packed[AnswerLog] | None = None
    key: object = None
    found: dict[bool, Agreement] = field(default_factory=dict)


_kept: Final[WeakKeyDictionary[Store, _Kept]] = WeakKeyDictionary()
_lock: Final = threading.Lock()


def agreement_of(store: Store, *, independent: bool) -> Agreement:
    """As of now. Of the log only what was appended since the last call is read; any thread may call it.

    independent: only of answers that were given without seeing those of others.
    """
    kept = _kept_of(store)
    with kept.lock:
        return store.read(lambda db: _up_to_date(db, kept, independent, store.read_beside))


def matrix_of(store: Store, *, independent: bool) -> AnswerMatrix:
    """What `agreement_of` is computed from, made anew."""
    kept = _kept_of(store)
    with kept.lock:
        return store.read(lambda db: _matrix(_log(db, kept, store.read_beside), Faces(db), _classes(db), independent))


def _kept_of(store: Store) -> _Kept:
    with _lock:
        return _kept.setdefault(store, _Kept())


def _up_to_date(db: Db, kept: _Kept, independent: bool, beside: answer_log.Beside) -> Agreement:
    faces = Faces(db)
    log, classes = _log(db, kept, beside), _classes(db)
    shown = [faces.column(name) for name in ("state", "waiting", "wanted")]
    key = (log.last, classes, *(hash(one.tobytes()) for one in shown))
    if kept.key != key:
        kept.key, kept.found = key, {}
    if independent not in kept.found:
        kept.found[independent] = _agreement(_matrix(log, faces, classes, independent))
    return kept.found[independent]


def _log(db: Db, kept: _Kept, beside: answer_log.Beside) -> AnswerLog:
    known = kept.log.unpack() if kept.log else answer_log.EMPTY
    if kept.log and _came_back(db, known):
        known = answer_log.EMPTY
    log = answer_log.read(db, known, beside)
    if log is not known:
        kept.log = pack(log)
    return log


def _classes(db: Db) -> tuple[int, ...]:
    return tuple(columns.ACCEPTED + one.id for one in list_classes(db, archived=True))


def _came_back(db: Db, log: AnswerLog) -> bool:
    """Whether a face of the log was erased and came in again, under another seq: its old rows count again."""
    newest = int(log.face.max(initial=0))
    sql = (
        "SELECT 1 FROM faces f WHERE f.seq > ? AND EXISTS"
        " (SELECT 1 FROM decisions d WHERE d.face_id = f.id AND d.seq <= ?) LIMIT 1"
    )
    return db.execute(sql, [newest, log.last]).fetchone() is not None


def _matrix(log: AnswerLog, faces: Faces, classes: tuple[int, ...], independent: bool) -> AnswerMatrix:
    rows = answer_log.counted(log, faces, independent=independent)
    states = (*classes, columns.REJECTED, columns.UNSURE)
    values = np.full(max((*states, columns.ACCEPTED)) + 1, NOTHING, np.intp)
    values[list(states)] = np.arange(len(states))
    face = log.face[rows]
    first = np.append([True], face[1:] != face[:-1])[: len(face)]
    starts, items = np.flatnonzero(first), np.cumsum(first) - 1
    who = answer_log.alphabetical(log.names)[log.who[rows]]
    answers = Answers(items, who, values[log.state[rows]], len(log.names), len(states), np.ones(len(starts)))
    days = np.maximum.reduceat(log.day[rows], starts) if len(rows) else np.zeros(0, np.int64)
    return AnswerMatrix(
        last=log.last,
        names=tuple(sorted(log.names)),
        states=states,
        answers=answers,
        faces=face[starts],
        days=days,
        consensus=_consensus(faces.column("state"), values, face[starts]),
        crossed=log.unseen[rows] == answer_log.DIFFERENT,
    )


def _consensus(state: Column, values: Ints, seqs: Ints) -> Ints:
    counting = state[seqs]
    known = (counting > columns.UNDECIDED) & (counting < len(values))
    return np.where(known, values[np.where(known, counting, 0)], NOTHING)


def _agreement(matrix: AnswerMatrix) -> Agreement:
    few, became = patterns(matrix.answers, least=2)
    return Agreement(
        matrix.names, matrix.states, summary(few), Pairs(few), _counted(matrix), _weeks(matrix, few, became),
        _given(matrix),
    )  # fmt: skip


def _weeks(matrix: AnswerMatrix, answered: Answers, pattern: Ints) -> tuple[Week, ...]:
    """Percent and α of each week in which a face got its newest answer, oldest first.

    answered, pattern: the patterns of faces with two answers, and that of each face.
    """
    few, into = patterns(answered, least=2, named=False)
    twice = np.flatnonzero(pattern >= 0)
    if not len(twice):
        return ()
    became = into[pattern[twice]]
    monday = (matrix.days[twice] + _MONDAY) // WEEK * WEEK - _MONDAY
    weeks, which = np.unique(monday, return_inverse=True)
    size = len(weeks) * few.n_items
    weights = np.bincount(which * few.n_items + became, minlength=size).reshape(len(weeks), -1).astype(float)
    table = counts(few)
    shares, alphas = coefficients.percent(table, weights), coefficients.krippendorff(table, weights)
    return tuple(
        Week(int(first), round(number), _told(share, number), _told(alpha, number))
        for first, number, share, alpha in zip(weeks, weights.sum(axis=1), shares, alphas, strict=True)
    )


def _told(value: float, faces: float) -> float | None:
    return None if faces < FEWEST or np.isnan(value) else float(value)


def _given(matrix: AnswerMatrix) -> tuple[GivenAnswers, ...]:
    answers, size = matrix.answers, len(matrix.states)
    counting = matrix.consensus[answers.items]
    cells = answers.annotators * size + answers.values
    shape = (len(matrix.names), size)
    given, crossed, overruled = (
        np.bincount(cells[chosen], minlength=shape[0] * size).reshape(shape)
        for chosen in (slice(None), matrix.crossed, (counting != NOTHING) & (counting != answers.values))
    )
    return tuple(
        GivenAnswers(matrix.names[who], matrix.states[what], int(given[who, what]), int(crossed[who, what]),
                     int(overruled[who, what]))
        for who, what in np.argwhere(given)
    )  # fmt: skip


def _counted(matrix: AnswerMatrix) -> Floats:
    answers, people, size = matrix.answers, len(matrix.names), len(matrix.states)
    counting = matrix.consensus[answers.items]
    cells = (answers.annotators * size + answers.values) * size + counting
    found = np.bincount(cells[counting != NOTHING], minlength=people * size**2)
    return found.reshape(people, size, size).astype(float)


def confusion(found: Agreement, one: str, other: str | None) -> Floats:
    """How often `one` answered the row's value where `other` answered the column's, shape (values, values).

    other: None for what counts on each face, where something does.
    """
    place = found.names.index(one)
    return found.counted[place] if other is None else found.pairs.confusion(place, found.names.index(other))
