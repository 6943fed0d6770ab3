"""The answers of people on faces as a matrix, of the whole log or of some faces of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from db.projection import answer_log, columns
from db.projection.answer_log import AnswerLog
from db.projection.columns import Column, Faces
from pipeline.agreement.answers import Answers, Ints

NOTHING: Final = -1
"""Among values: none."""
SHOWN: Final = ("state", "waiting", "wanted")
"""The columns that say which answers count."""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """The columns SHOWN of one moment, by name."""

    columns: Mapping[str, Column]

    def column(self, name: str) -> Column:
        """As `Faces.column`."""
        return self.columns[name]


def shown_now(faces: Faces) -> Shown:
    """As of the snapshot of `faces`."""
    return Shown({name: faces.column(name) for name in SHOWN})


@dataclass(frozen=True, slots=True, eq=False)
class AnswerMatrix:
    """Who answered what on which face: not kept, it takes 60 bytes an answer.

    names: the people, in alphabetical order. states: what can be answered, as numbers of `db.projection.columns`: the
    classes in their order, then rejected and unsure. answers: items are faces, with their seqs in `faces` (int64);
    annotators are places in `names`, values places in `states`. days: when each face's newest answer was given, since
    1970, UTC. consensus: intp, the value that counts on each face, -1 where none does. crossed: of each answer, whether
    another one counted then that said something else and had not been seen.
    """

    names: tuple[str, ...]
    states: tuple[int, ...]
    answers: Answers
    faces: Ints
    days: Ints
    consensus: Ints
    crossed: answer_log.Mask


def matrix(
    log: AnswerLog, shown: Shown, names: tuple[str, ...], states: tuple[int, ...], *, independent: bool
) -> AnswerMatrix:
    """What counts of the log. names: in alphabetical order, all of the log among them. independent: only of answers
    that were given without seeing those of others; then `log` has all rows of each of its faces."""
    rows = answer_log.counted(log, shown, independent=independent)
    values = np.full(max((*states, columns.ACCEPTED)) + 1, NOTHING, np.intp)
    values[list(states)] = np.arange(len(states))
    face = log.face[rows]
    first = np.append([True], face[1:] != face[:-1])[: len(face)]
    starts, items = np.flatnonzero(first), np.cumsum(first) - 1
    places = {name: place for place, name in enumerate(names)}
    who = np.array([places[name] for name in log.names], np.intp)[log.who[rows]]
    return AnswerMatrix(
        names=names,
        states=states,
        answers=Answers(items, who, values[log.state[rows]], len(names), len(states), np.ones(len(starts))),
        faces=face[starts],
        days=np.maximum.reduceat(log.day[rows], starts) if len(rows) else np.zeros(0, np.int64),
        consensus=_consensus(shown.column("state"), values, face[starts]),
        crossed=log.unseen[rows] == answer_log.DIFFERENT,
    )


def _consensus(state: Column, values: Ints, seqs: Ints) -> Ints:
    counting = state[seqs]
    known = (counting > columns.UNDECIDED) & (counting < len(values))
    return np.where(known, values[np.where(known, counting, 0)], NOTHING)
