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

ALIKE: Final = 1
DIFFERENT: Final = 2
"""The column `unseen`: what counted then and had not been seen was the same answer, or another one. 0: neither."""
GONE: Final = -1
"""The `face` of a row whose photo was erased."""
_NEVER: Final = 2**62

_ROWS_SQL: Final = f"""
SELECT group_concat(seq), group_concat(annotator, char(10)), group_concat(CASE verdict
    WHEN 'accept' THEN {columns.ACCEPTED} + class_id WHEN 'reject' THEN {columns.REJECTED} ELSE {columns.UNSURE} END),
  group_concat(CASE WHEN unseen IS NOT NULL THEN {DIFFERENT} WHEN context IS NULL THEN 0
    ELSE ifnull(json_extract(context, '$.unseen') = 1, 0) * {ALIKE} END),
  group_concat(substr(at, 1, 10), ''), group_concat(face_id, '')
FROM decisions WHERE seq > :after AND seq <= :until AND verdict <> 'undo' AND kind = ''
  AND substr(annotator, 1, {len(RULE_PREFIX)}) <> '{RULE_PREFIX}' {{only}}
"""
"""One row with a text for each column, all in the same order: a million rows in Python cost three times as much."""
_FACES_SQL: Final = "SELECT group_concat(id, ''), group_concat(seq) FROM (SELECT id, seq FROM faces ORDER BY id)"
_COMMON: Final = """AND face_id IN (SELECT face_id FROM decisions WHERE annotator = :one
  INTERSECT SELECT face_id FROM decisions WHERE annotator = :other)"""
_UNDONE_SQL: Final = """
SELECT d.seq FROM decisions u CROSS JOIN decisions d ON d.uuid = u.undoes WHERE u.undoes NOT NULL AND u.seq > ?
"""
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


_EMPTY: Final = AnswerLog(
    0, (), _nothing(), _nothing(), _nothing(), _nothing(), _nothing(), _nothing(), np.zeros(0, bool)
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
    """The log of those faces alone that both people decided on, whoever else did."""
    (last,) = db.execute(_LAST_SQL).fetchone()
    found = _rows(db, _COMMON, {"after": 0, "until": last, "one": one, "other": other})
    undone = np.array([seq for (seq,) in db.execute(_UNDONE_SQL, [0])], np.int64)
    return replace(found, last=last, undone=np.isin(found.seq, undone))


def _rows(db: Db, only: str, params: dict[str, object]) -> AnswerLog:
    packed = db.execute(_ROWS_SQL.format(only=only), params).fetchone()
    if packed[0] is None:
        return _EMPTY
    seq, state, unseen = (np.fromstring(packed[place], np.int64, sep=",") for place in (0, 2, 3))
    people = packed[1].split("\n")
    names = tuple(sorted(set(people)))
    codes = {name: code for code, name in enumerate(names)}
    who = np.fromiter(map(codes.__getitem__, people), np.int64, len(people))
    log = AnswerLog(0, names, seq, who, state, unseen, _days(packed[4]), _seqs(db, packed[5]), np.zeros(len(seq), bool))
    in_order = bool((seq[1:] > seq[:-1]).all())  # with `only` the rows come face by face
    return log if in_order else _in_order(log)


def _in_order(log: AnswerLog) -> AnswerLog:
    order = np.argsort(log.seq, kind="stable")
    return replace(
        log, seq=log.seq[order], who=log.who[order], state=log.state[order], unseen=log.unseen[order],
        day=log.day[order], face=log.face[order], undone=log.undone[order],
    )  # fmt: skip


def _days(text: str) -> Numbers:
    """Days since 1970 of dates (`2026-01-31`) that stand one behind the other; most are the same as the one before."""
    dates = np.frombuffer(text.encode(), "S10")
    changed = np.append([True], dates[1:] != dates[:-1])
    digits = dates[changed].view(np.uint8).reshape(-1, 10).astype(np.int64) - ord("0")
    year = digits[:, :4] @ np.array([1000, 100, 10, 1])
    month, day = digits[:, 5:7] @ np.array([10, 1]), digits[:, 8:] @ np.array([10, 1])
    first = ((year - 1970) * 12 + month - 1).astype("datetime64[M]").astype("datetime64[D]")
    found: Numbers = (first.astype(np.int64) + day - 1)[np.cumsum(changed) - 1]
    return found


def _seqs(db: Db, text: str) -> Numbers:
    """The seqs of faces whose ids (32 hex digits each) stand one behind the other; GONE for one that was erased.

    Ids are compared as two numbers of 64 bits, by a search for the first.
    """
    wanted = np.frombuffer(bytes.fromhex(text), ">u8").astype(np.uint64).reshape(-1, 2)
    packed = db.execute(_FACES_SQL).fetchone()
    found = np.full(len(wanted), GONE, np.int64)
    if packed[0] is None:
        return found
    known = np.frombuffer(bytes.fromhex(packed[0]), ">u8").astype(np.uint64).reshape(-1, 2)
    seqs = np.fromstring(packed[1], np.int64, sep=",")
    first = np.ascontiguousarray(known[:, 0])
    at = np.searchsorted(first, wanted[:, 0])
    looking = np.arange(len(wanted))
    while len(looking):  # twice only where two ids begin alike
        looking = looking[at[looking] < len(first)]
        looking = looking[first[at[looking]] == wanted[looking, 0]]
        hit = known[at[looking], 1] == wanted[looking, 1]
        found[looking[hit]] = seqs[at[looking[hit]]]
        looking = looking[~hit]
        at[looking] += 1
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
    order = np.argsort(keys, kind="stable")
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
    order = np.argsort(log.face, kind="stable")
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
