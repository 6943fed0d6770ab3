"""How many decisions who made when and how fast, for Progress: sums of the log, kept, to which what is new is added."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
from sqlite_utils.db import Database as Db

from db.base.face_seqs import all_there
from db.base.packed_columns import Packed, pack
from db.decisions import chain
from db.projection import columns
from db.store.store import Store
from db.tables.consensus_rules import OPINION_OPEN

PART: Final = 16_384
"""Rows whose texts are in memory at once."""
PAUSE_MS: Final = 60_000
"""A longer look was a pause: such a decision counts, its time does not."""
QUARTER: Final = 15
"""Minutes: every time zone's hours begin on one of these."""
_STATE: Final = f"""CASE d.verdict WHEN 'accept' THEN {columns.ACCEPTED} + d.class_id
  WHEN 'reject' THEN {columns.REJECTED} ELSE {columns.UNSURE} END"""
_MINUTE: Final = "substr(d.at, 1, 16)"
HIDDEN_SQL: Final = f"SELECT group_concat(seq) FROM face_state WHERE {OPINION_OPEN}"
NEW_SQL: Final = f"""
SELECT group_concat(d.seq), group_concat(d.annotator, char(10)), group_concat({_STATE}), group_concat({_MINUTE}),
  group_concat(d.took_ms)
FROM decisions d WHERE d.seq > ? AND d.seq <= ? AND d.verdict <> 'undo'
  AND d.face_id NOT IN (SELECT face_id FROM face_state WHERE {OPINION_OPEN})
"""
"""One row with a text for each column, all in the same order: 200,000 rows in Python cost twice as much."""
UNDONE_SQL: Final = """
SELECT d.seq FROM decisions u CROSS JOIN decisions d ON d.uuid = u.undoes WHERE u.undoes NOT NULL AND u.seq > ?
"""
_OF_FACES: Final = """
SELECT d.seq FROM json_each(:faces) j CROSS JOIN faces f ON f.seq = j.value
  CROSS JOIN decisions d ON d.face_id = f.id
"""
OLD_SQL: Final = f"""
SELECT f.seq, d.annotator, {_STATE}, {_MINUTE}, d.took_ms, (SELECT u.seq FROM decisions u WHERE u.undoes = d.uuid)
FROM ({_OF_FACES} UNION {UNDONE_SQL.replace("?", ":last")}) o CROSS JOIN decisions d ON d.seq = o.seq
LEFT JOIN faces f ON f.id = d.face_id WHERE d.seq <= :last AND d.verdict <> 'undo'
"""
"""What was summed up before and may count otherwise: on faces that are hidden or told since, or taken back since."""

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class DecisionSums:
    """Sums over all decisions but the undos, as of the row `last` of the log, whose hash is `head`.

    Without decisions on faces whose second opinions are not all given (hidden: their seqs, in order): these are told to
    nobody, not in counts either. names: the annotators, in order; who, looker: indices into them.

    quarter (number since 1970), who, state (as in `db.projection.columns`), decisions: how many stand. looker, took_ms,
    looks: how many of those took how long; of those that were timed and no pause. undone: how many of each annotator's
    were taken back, shape (names,).
    """

    last: int
    head: str
    hidden: Numbers
    names: tuple[str, ...]
    quarter: Numbers
    who: Numbers
    state: Numbers
    decisions: Numbers
    looker: Numbers
    took_ms: Numbers
    looks: Numbers
    undone: Numbers


class _Rows(NamedTuple):
    """Decisions to be added, or with a `weight` of -1 to be taken away. stands: not taken back."""

    people: list[str]
    state: Numbers
    quarter: Numbers
    took_ms: Numbers
    stands: npt.NDArray[np.bool_]
    weight: Numbers


_NONE: Final = np.zeros(0, np.int64)
_EMPTY: Final = DecisionSums(0, "", _NONE, (), _NONE, _NONE, _NONE, _NONE, _NONE, _NONE, _NONE, _NONE)
_kept: Final[WeakKeyDictionary[Store, Packed[DecisionSums]]] = WeakKeyDictionary()
_lock: Final = threading.Lock()


def sums_of(store: Store) -> DecisionSums:
    """As of now; once somebody has decided, what is new is read and added."""
    with _lock:
        kept = _kept.get(store)
        known = kept.unpack() if kept else None
        found = store.read(lambda db: read_sums(db, known))
        if found is not known:
            _kept[store] = pack(found)
        return found


def read_sums(db: Db, known: DecisionSums | None = None) -> DecisionSums:
    """As of now. known: of before, to which what is new is added where its log is the beginning of this one."""
    last, head = chain.head(db)
    hidden = np.sort(_whole(db.execute(HIDDEN_SQL).fetchone()[0]))
    if known is None or not chain.holds(db, known.last, known.head):
        known = _EMPTY
    turned = np.setxor1d(known.hidden, hidden, assume_unique=True)
    if known.head == head and not len(turned):
        return known
    if known.last and not all_there(db, turned.tolist()):
        known = _EMPTY  # what was decided on one that was erased cannot be found by its number
    undone = np.array([seq for (seq,) in db.execute(UNDONE_SQL, [known.last])], np.int64)
    sums = _added(known, _old(db, known, turned, hidden)) if known.last else known
    for start in range(known.last, last, PART):
        sums = _added(sums, _new(db, start, min(start + PART, last), undone))
    return _without_idle(replace(sums, last=last, head=head, hidden=hidden))


def _new(db: Db, after: int, until: int, undone: Numbers) -> _Rows:
    """The rows behind `after`, the one numbered `until` among them. undone: the seqs of those taken back since."""
    seqs, people, states, minutes, took = db.execute(NEW_SQL, [after, until]).fetchone()
    if seqs is None:
        return _Rows([], _NONE, _NONE, _NONE, _NONE.astype(bool), _NONE)
    seq = _whole(seqs)
    stands = ~np.isin(seq, undone)
    return _Rows(
        people.split("\n"), _whole(states), _quarters(minutes.split(",")), _whole(took), stands, np.ones_like(seq)
    )


def _old(db: Db, known: DecisionSums, turned: Numbers, hidden: Numbers) -> _Rows:
    """Each row that may count otherwise: away as it was counted, and back as it is to be counted."""
    rows = db.execute(OLD_SQL, {"faces": json.dumps(turned.tolist()), "last": known.last}).fetchall()
    seqs, people, states, minutes, took, undone = map(list, zip(*rows, strict=True)) if rows else [[] for _ in range(6)]
    seq, state, took_ms = (np.array(one, np.int64) for one in (_without_gone(seqs), states, took))
    undoes = np.array([by or 0 for by in undone], np.int64)
    told = np.concatenate([-1 * ~np.isin(seq, known.hidden), 1 * ~np.isin(seq, hidden)])
    stands = np.concatenate([(undoes == 0) | (undoes > known.last), undoes == 0])
    quarter = _quarters(minutes)
    return _Rows(people * 2, np.tile(state, 2), np.tile(quarter, 2), np.tile(took_ms, 2), stands, told.astype(np.int64))


def _without_gone(seqs: Iterable[int | None]) -> list[int]:
    """An erased face is not hidden."""
    return [seq or 0 for seq in seqs]


def _whole(text: str | None) -> Numbers:
    """Whole numbers with commas between them."""
    return np.fromstring(text, np.int64, sep=",") if text else _NONE


def _quarters(times: list[str]) -> Numbers:
    known = {text: int(np.datetime64(text, "m").astype(np.int64)) // QUARTER for text in set(times)}
    return np.fromiter(map(known.__getitem__, times), np.int64, len(times))


def _added(sums: DecisionSums, rows: _Rows) -> DecisionSums:
    names = tuple(sorted({*sums.names, *rows.people}))
    codes = {name: number for number, name in enumerate(names)}
    before = np.array([codes[name] for name in sums.names], np.int64)
    new = np.fromiter(map(codes.__getitem__, rows.people), np.int64, len(rows.people))
    stands, timed = rows.stands, rows.stands & (rows.took_ms > 0) & (rows.took_ms <= PAUSE_MS)
    (quarter, who, state), decisions = _counted(
        [
            np.concatenate([sums.quarter, rows.quarter[stands]]),
            np.concatenate([before[sums.who], new[stands]]),
            np.concatenate([sums.state, rows.state[stands]]),
        ],
        np.concatenate([sums.decisions, rows.weight[stands]]),
    )
    (looker, took_ms), looks = _counted(
        [np.concatenate([before[sums.looker], new[timed]]), np.concatenate([sums.took_ms, rows.took_ms[timed]])],
        np.concatenate([sums.looks, rows.weight[timed]]),
    )
    undone = np.zeros(len(names), np.int64)
    np.add.at(undone, np.concatenate([before, new[~stands]]), np.concatenate([sums.undone, rows.weight[~stands]]))
    return replace(
        sums, names=names, quarter=quarter, who=who, state=state, decisions=decisions, looker=looker,
        took_ms=took_ms, looks=looks, undone=undone,
    )  # fmt: skip


def _counted(keys: list[Numbers], weights: Numbers) -> tuple[list[Numbers], Numbers]:
    """Each combination of the keys once, in their order, with the sum of its weights; those that come to 0 are left
    out."""
    if not len(weights):
        return keys, weights
    packed = np.zeros(len(weights), np.int64)
    for key in keys:
        packed = packed * (int(key.max()) + 1) + key
    order = np.argsort(packed, kind="stable")
    firsts = np.flatnonzero(np.diff(packed[order], prepend=-1))
    sums = np.add.reduceat(weights[order], firsts)
    chosen = order[firsts[sums != 0]]
    return [key[chosen] for key in keys], sums[sums != 0]


def _without_idle(sums: DecisionSums) -> DecisionSums:
    """Without the names of whom nothing is told any more."""
    busy = (np.bincount(sums.who, minlength=len(sums.names)) > 0) | (sums.undone > 0)
    if busy.all():
        return sums
    places = np.cumsum(busy) - 1
    return replace(
        sums, names=tuple(itertools.compress(sums.names, busy)), who=places[sums.who], looker=places[sums.looker],
        undone=sums.undone[busy],
    )  # fmt: skip
