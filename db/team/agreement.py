"""How far the people of a workspace agree: sums of their answers, kept up to date, and what comes of them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from sqlite_utils.db import Database as Db

from db.base.face_seqs import all_there
from db.decisions import chain
from db.projection import answer_log, columns
from db.projection.columns import Faces
from db.store.store import Store
from db.tables.annotators import RULE_PREFIX
from db.tables.classes import list_classes
from db.team.answers.matrix import SHOWN, Shown, matrix, shown_now
from db.team.answers.sums import AnswerSums, exchanged, sums_of
from pipeline.agreement import coefficients
from pipeline.agreement.answers import Floats, counts, patterns
from pipeline.agreement.cohen import Pairs
from pipeline.agreement.summary import FEWEST, Summary, summary
from pipeline.core.metrics import MISSING

MANY: Final = 20_000
"""Faces of which it takes as long to read what changed as to read the whole log."""
_FACES_SQL: Final = """
SELECT DISTINCT f.seq FROM decisions d CROSS JOIN faces f ON f.id = d.face_id WHERE d.seq > ? LIMIT ?
"""
_PEOPLE_SQL: Final = f"""
SELECT DISTINCT +annotator FROM decisions
WHERE seq > ? AND undoes IS NULL AND kind = '' AND substr(annotator, 1, {len(RULE_PREFIX)}) <> '{RULE_PREFIX}'
"""
"""By what is new, not by the index of all annotators (hence the plus)."""


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

    names, states: as in AnswerSums. counted: float64, shape (people, values, values), how often each person answered
    the row's value where the column's counts. given: by person in alphabetical order, then by value: those that occur.
    """

    names: tuple[str, ...]
    states: tuple[int, ...]
    summary: Summary
    pairs: Pairs
    counted: Floats
    weeks: tuple[Week, ...]
    given: tuple[GivenAnswers, ...]


class _Moment(NamedTuple):
    """last, head: number and hash of the log's last row."""

    last: int
    head: str
    states: tuple[int, ...]
    shown: Shown


@dataclass(slots=True, eq=False)
class _Kept:
    """sums, found: by whether of independent answers alone; none of it grows with the answers."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    moment: _Moment | None = None
    sums: dict[bool, AnswerSums] = field(default_factory=dict)
    found: dict[bool, Agreement] = field(default_factory=dict)


_kept: Final[WeakKeyDictionary[Store, _Kept]] = WeakKeyDictionary()
_lock: Final = threading.Lock()


def agreement_of(store: Store, *, independent: bool) -> Agreement:
    """As of now. Once it is known only faces are read on which something changed since; any thread may call it.

    independent: only of answers that were given without seeing those of others.
    """
    with _lock:
        kept = _kept.setdefault(store, _Kept())
    with kept.lock:
        return store.read(lambda db: _up_to_date(db, kept, independent, store.read_beside))


def _up_to_date(db: Db, kept: _Kept, independent: bool, beside: answer_log.Beside) -> Agreement:
    now = _Moment(*chain.head(db), _states(db), shown_now(Faces(db)))
    before = kept.moment
    changed = _changed(db, before, now) if before else None
    if before is None or changed is None:
        kept.sums, kept.found = _anew(db, now, beside), {}
    elif changed or now.last > before.last:
        kept.sums, kept.found = _exchanged(db, kept.sums, before, now, changed), {}
    kept.moment = now
    if independent not in kept.found:
        kept.found[independent] = agreement(kept.sums[independent])
    return kept.found[independent]


def _states(db: Db) -> tuple[int, ...]:
    classes = [columns.ACCEPTED + one.id for one in list_classes(db, archived=True)]
    return (*classes, columns.REJECTED, columns.UNSURE)


def _changed(db: Db, before: _Moment, now: _Moment) -> list[int] | None:
    """The seqs of faces whose answers may count otherwise since; None: all are to be read."""
    if before.states != now.states or not chain.holds(db, before.last, before.head):
        return None
    found = {seq for (seq,) in db.execute(_FACES_SQL, [before.last, MANY + 1])} if now.last > before.last else set()
    for name in SHOWN:
        known, column = before.shown.column(name), now.shown.column(name)
        length = len(known)
        if len(column) < length:
            return None
        differ = np.append(column[:length] != known, column[length:] != columns.NOTHING.get(name, MISSING))
        if np.count_nonzero(differ) > MANY:
            return None
        found.update(np.flatnonzero(differ).tolist())
    return sorted(found) if len(found) <= MANY and all_there(db, sorted(found)) else None


def _anew(db: Db, now: _Moment, beside: answer_log.Beside) -> dict[bool, AnswerSums]:
    log = answer_log.read(db, beside)
    made = partial(matrix, log, now.shown, tuple(sorted(log.names)), now.states)
    return {independent: sums_of(made(independent=independent)) for independent in (False, True)}


def _exchanged(
    db: Db, known: dict[bool, AnswerSums], before: _Moment, now: _Moment, changed: list[int]
) -> dict[bool, AnswerSums]:
    new = [name for (name,) in db.execute(_PEOPLE_SQL, [before.last])]
    names = tuple(sorted({*known[False].names, *new}))
    was, became = (
        partial(matrix, answer_log.read_faces(db, changed, moment.last), moment.shown, names, now.states)
        for moment in (before, now)
    )
    return {
        independent: exchanged(sums, sums_of(was(independent=independent)), sums_of(became(independent=independent)))
        for independent, sums in known.items()
    }


def agreement(sums: AnswerSums) -> Agreement:
    """What is told of these sums."""
    few, _ = patterns(sums.few)
    return Agreement(
        sums.names, sums.states, summary(few), Pairs(few), sums.counted.astype(float), _weeks(sums), _given(sums)
    )


def _weeks(sums: AnswerSums) -> tuple[Week, ...]:
    """Percent and α of each week in which a face got its newest answer, oldest first."""
    few, into = patterns(sums.few, named=False)
    weeks, which = np.unique(sums.mondays, return_inverse=True)
    size = len(weeks) * few.n_items
    weights = (
        np.bincount(which * few.n_items + into, sums.few.weights, size).reshape(len(weeks), few.n_items).astype(float)
    )
    table = counts(few)
    shares, alphas = coefficients.percent(table, weights), coefficients.krippendorff(table, weights)
    return tuple(
        Week(int(first), round(number), _told(share, number), _told(alpha, number))
        for first, number, share, alpha in zip(weeks, weights.sum(axis=1), shares, alphas, strict=True)
    )


def _told(value: float, faces: float) -> float | None:
    return None if faces < FEWEST or np.isnan(value) else float(value)


def _given(sums: AnswerSums) -> tuple[GivenAnswers, ...]:
    return tuple(
        GivenAnswers(sums.names[who], sums.states[what], int(sums.given[who, what]), int(sums.crossed[who, what]),
                     int(sums.overruled[who, what]))
        for who, what in np.argwhere(sums.given)
    )  # fmt: skip


def confusion(found: Agreement, one: str, other: str | None) -> Floats:
    """How often `one` answered the row's value where `other` answered the column's, shape (values, values).

    other: None for what counts on each face, where something does.
    """
    place = found.names.index(one)
    return found.counted[place] if other is None else found.pairs.confusion(place, found.names.index(other))
