"""Who decided what, when: all decisions but the undos as columns, for Progress; kept, and read on where it ended."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
from sqlite_utils.db import Database as Db

from db.base.packed_columns import Packed, pack
from db.projection import columns
from db.store.store import Store
from db.tables.consensus_rules import OPINION_OPEN

PART: Final = 16_384
"""Rows whose texts are in memory at once."""
HEAD_SQL: Final = "SELECT seq, hash FROM decisions ORDER BY seq DESC LIMIT 1"
OPEN_SQL: Final = f"SELECT json_group_array(seq) FROM face_state WHERE {OPINION_OPEN}"
"""Each of them: their number and their sum may be those of others, and then what was hidden or told stays so."""
LOG_SQL: Final = f"""
SELECT group_concat(seq), group_concat(annotator, char(10)), group_concat(CASE verdict
    WHEN 'accept' THEN {columns.ACCEPTED} + class_id WHEN 'reject' THEN {columns.REJECTED} ELSE {columns.UNSURE} END),
  group_concat(substr(at, 1, 16)), group_concat(took_ms)
FROM decisions WHERE seq > ? AND seq <= ? AND verdict <> 'undo'
  AND face_id NOT IN (SELECT face_id FROM face_state WHERE {OPINION_OPEN})
"""
"""One row with a text for each column, all in the same order: 200,000 rows in Python cost twice as much."""
UNDONE_SQL: Final = """
SELECT d.seq FROM decisions u CROSS JOIN decisions d ON d.uuid = u.undoes WHERE u.undoes NOT NULL AND u.seq > ?
"""

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Log:
    """All decisions but the undos, in the order of the log; without those on faces whose second opinions are not all
    given: these are told to nobody, not in counts either.

    last, head: number and hash of the log's last row. open: the seqs of those faces. names: the annotators; who:
    indices into them; state: a number as in `db.projection.columns`; minute: since 1970, UTC; stands: not taken back.
    """

    last: int
    head: str
    open: str
    names: tuple[str, ...]
    seq: Numbers
    who: Numbers
    state: Numbers
    minute: Numbers
    took_ms: Numbers
    stands: npt.NDArray[np.bool_]


_NONE: Final = np.zeros(0, np.int64)
_logs: Final[WeakKeyDictionary[Store, Packed[Log]]] = WeakKeyDictionary()
_lock: Final = threading.Lock()


def log_of(store: Store) -> Log:
    """The whole log; once somebody has decided, what is new of it is read."""
    with _lock:
        kept = _logs.get(store)
        known = kept.unpack() if kept else None
        found = store.read(lambda db: read_log(db, known))
        if found is not known:
            _logs[store] = pack(found)
        return found


def read_log(db: Db, known: Log | None = None) -> Log:
    """The whole log as of now. known: of before, of which it is read on where it is its beginning."""
    last, head = db.execute(HEAD_SQL).fetchone() or (0, "")
    (hidden,) = db.execute(OPEN_SQL).fetchone()
    if known is not None and (known.head, known.open) == (head, hidden):
        return known
    if known is None or known.open != hidden or not _is_beginning(db, known):
        known = Log(0, "", hidden, (), _NONE, _NONE, _NONE, _NONE, _NONE, _NONE.astype(bool))
    parts = [_part(db, start, min(start + PART, last)) for start in range(known.last, last, PART)]
    names = tuple(sorted({*known.names, *(name for _, people, *_ in parts for name in people)}))
    codes = {name: number for number, name in enumerate(names)}
    before = np.array([codes[name] for name in known.names], np.int64)
    seq = np.concatenate([known.seq, *(part[0] for part in parts)])
    undone = np.array([one for (one,) in db.execute(UNDONE_SQL, [known.last])], np.int64)
    return Log(
        last=last,
        head=head,
        open=hidden,
        names=names,
        seq=seq,
        who=np.concatenate(
            [before[known.who], *(np.array([codes[name] for name in part[1]], np.int64) for part in parts)]
        ),
        state=np.concatenate([known.state, *(part[2] for part in parts)]),
        minute=np.concatenate([known.minute, *(part[3] for part in parts)]),
        took_ms=np.concatenate([known.took_ms, *(part[4] for part in parts)]),
        stands=np.concatenate([known.stands, np.ones(len(seq) - len(known.seq), bool)]) & ~np.isin(seq, undone),
    )


def _is_beginning(db: Db, known: Log) -> bool:
    return (
        known.last == 0
        or db.execute("SELECT 1 FROM decisions WHERE seq = ? AND hash = ?", [known.last, known.head]).fetchone()
        is not None
    )


def _part(db: Db, after: int, last: int) -> tuple[Numbers, list[str], Numbers, Numbers, Numbers]:
    """(seq, annotators, state, minute, took_ms) of the rows behind `after`, the one numbered `last` among them."""
    packed = [text or "" for text in db.execute(LOG_SQL, [after, last]).fetchone()]
    if not packed[0]:
        return _NONE, [], _NONE, _NONE, _NONE
    seq, state, took = (np.array(packed[index].split(","), np.int64) for index in (0, 2, 4))
    times = packed[3].split(",")
    minutes = {text: int(np.datetime64(text, "m").astype(np.int64)) for text in set(times)}
    return seq, packed[1].split("\n"), state, np.array([minutes[text] for text in times], np.int64), took
