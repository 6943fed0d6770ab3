"""What people answered, read from the decision log as columns of whole numbers: what agreement is computed from.

Decisions of rules are no person's answers, and an adjudication is made over answers: both are left out. Undone
decisions stay in, marked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlite_utils.db import Database as Db

from db.projection import columns
from db.projection.columns import Faces
from db.tables.annotators import RULE_PREFIX
from pipeline.core.metrics import MISSING

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

NOBODY: Final = -1
_NEVER: Final = 2**62

_ROWS_SQL: Final = f"""
SELECT group_concat(d.seq), group_concat(d.annotator, char(10)), group_concat(CASE d.verdict
    WHEN 'accept' THEN {columns.ACCEPTED} + d.class_id WHEN 'reject' THEN {columns.REJECTED} ELSE {columns.UNSURE} END),
  group_concat(d.unseen IS NOT NULL OR ifnull(json_extract(d.context, '$.unseen') = 1, 0)),
  group_concat(substr(d.at, 1, 10)), group_concat(f.seq)
FROM (SELECT * FROM decisions WHERE seq > :after AND seq <= :until AND verdict <> 'undo' AND kind = ''
    AND substr(annotator, 1, {len(RULE_PREFIX)}) <> '{RULE_PREFIX}' {{only}} ORDER BY seq) d
  CROSS JOIN faces f ON f.id = d.face_id
"""
"""One row with a text for each column, all in the same order: a million rows in Python cost three times as much."""
_COMMON: Final = """AND face_id IN (
  SELECT a.face_id FROM answers a JOIN answers b ON b.face_id = a.face_id AND b.annotator = :other
  WHERE a.annotator = :one)"""
_UNDONE_SQL: Final = """
SELECT d.seq FROM decisions u CROSS JOIN decisions d ON d.uuid = u.undoes WHERE u.undoes NOT NULL AND u.seq > ?
"""
_LAST_SQL: Final = "SELECT ifnull(max(seq), 0) FROM decisions"


@dataclass(frozen=True, slots=True, eq=False)
class AnswerLog:
    """Columns in the order of the log. last: the newest decision of any kind that was looked at.

    names: of people; who: int64, indices into them. face: the face's seq. state: a number as in
    `db.projection.columns`. day: since 1970, UTC. unseen: a decision of somebody else counted then and had not been
    seen. undone: taken back since.
    """

    last: int
    names: tuple[str, ...]
    seq: Numbers
    who: Numbers
    state: Numbers
    unseen: Mask
    day: Numbers
    face: Numbers
    undone: Mask


def _nothing() -> Numbers:
    return np.zeros(0, np.int64)


_EMPTY: Final = AnswerLog(
    0, (), _nothing(), _nothing(), _nothing(), np.zeros(0, bool), _nothing(), _nothing(), np.zeros(0, bool)
)


def read(db: Db, known: AnswerLog = _EMPTY) -> AnswerLog:
    """The whole log as of now; of what is `known` only what came since is read."""
    (last,) = db.execute(_LAST_SQL).fetchone()
    if last == known.last:
        return known
    new = _rows(db, "", {"after": known.last, "until": last})
    joined = _join(known, new, last)
    undone = np.array([seq for (seq,) in db.execute(_UNDONE_SQL, [known.last])], np.int64)
    return replace(joined, undone=joined.undone | np.isin(joined.seq, undone))


def read_common(db: Db, one: str, other: str) -> AnswerLog:
    """The log of those faces alone that both people have an answer on, whoever else answered them."""
    (last,) = db.execute(_LAST_SQL).fetchone()
    found = _rows(db, _COMMON, {"after": 0, "until": last, "one": one, "other": other})
    undone = np.array([seq for (seq,) in db.execute(_UNDONE_SQL, [0])], np.int64)
    return replace(found, last=last, undone=np.isin(found.seq, undone))


def _rows(db: Db, only: str, params: dict[str, object]) -> AnswerLog:
    packed = db.execute(_ROWS_SQL.format(only=only), params).fetchone()
    if packed[0] is None:
        return _EMPTY
    seq, state, unseen, face = (np.fromstring(packed[place], np.int64, sep=",") for place in (0, 2, 3, 5))
    people, days = packed[1].split("\n"), packed[4].split(",")
    names = tuple(sorted(set(people)))
    codes = {name: code for code, name in enumerate(names)}
    numbers = {text: int(np.datetime64(text, "D").astype(np.int64)) for text in set(days)}
    who = np.fromiter(map(codes.__getitem__, people), np.int64, len(people))
    day = np.fromiter(map(numbers.__getitem__, days), np.int64, len(days))
    return AnswerLog(0, names, seq, who, state, unseen != 0, day, face, np.zeros(len(seq), bool))


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

    Ordered by face, then by person. Faces that are not listed, and those whose second opinions are not all given (they
    are blind), are left out. independent: only of what was decided before anything of others could be seen, see
    `is_independent`.
    """
    state, waiting = faces.column("state"), faces.column("waiting")
    open_ones = (state != columns.ABSENT) & (waiting != columns.WAITING["opinion"])
    kept = ~log.undone & (log.face < len(state))
    kept[kept] = open_ones[log.face[kept]]
    if independent:
        kept &= is_independent(log, faces.column("wanted"))
    rows = np.flatnonzero(kept)
    keys = log.face[rows] * max(1, len(log.names)) + log.who[rows]
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    newest = np.append(ordered[1:] != ordered[:-1], [True])[: len(ordered)]
    found: Numbers = rows[order[newest]]
    return found


def is_independent(log: AnswerLog, wanted: npt.NDArray[np.int32]) -> Mask:
    """Which rows were decided without seeing what others decided.

    That is: by the first person on the face, while nobody else had decided there; or with somebody's decision that
    counted unseen; or as one of the second opinions that are asked for blind. wanted: how many those are, by the face's
    seq, MISSING where none. What was taken back counts as seen, too.
    """
    if not len(log.seq):
        return np.zeros(0, bool)
    order = np.argsort(log.face, kind="stable")
    face, who, seq = log.face[order], log.who[order], log.seq[order]
    first = np.append([True], face[1:] != face[:-1])
    starts, group = np.flatnonzero(first), np.cumsum(first) - 1
    others = who != who[starts][group]
    others_from = np.minimum.reduceat(np.where(others, seq, _NEVER), starts)[group]
    found = (~others & (seq < others_from)) | log.unseen[order]
    asked = np.full(len(face), MISSING, np.int64)
    asked[face < len(wanted)] = wanted[face[face < len(wanted)]]
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
