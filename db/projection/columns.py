"""Each face's state and metrics as columns of whole numbers, which lists, filters and counts read instead of rows.

Why: a range on one metric, ordered by another, among the undecided ones has no index that serves it, and a scan of a
million rows takes SQLite 0.2 s; the same column as 500 blobs takes numpy 5 ms (docs/adr/0009). The tables `face_state`
and `face_quality` stay authoritative. Triggers note each row that changes in `face_changes`; a reader applies those
rows to the stored blocks, within its own snapshot, and the writer compacts them into the blocks once there are many.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from sqlite_utils.db import Database as Db

from db.base import kept_columns
from db.base.lean.lazy_numpy import np
from db.projection import suggestions
from db.tables.annotators import RULE_PREFIX
from db.tables.consensus_rules import WAITING_FOR
from db.tables.licences import LICENCE_OF, codes
from pipeline.core.geometry import DLIB, LANDMARK_MODELS, MESH
from pipeline.core.metrics import METRICS, MISSING

if TYPE_CHECKING:
    import numpy.typing as npt

Column: TypeAlias = "npt.NDArray[np.int32]"
"""int32, one number a face; its index is the face's `seq`."""

BLOCK: Final = 2048
COMPACT_AT: Final = 2048
"""Waiting changes from which `maybe_compact` compacts; fewer cost a reader less than 5 ms."""
ABSENT: Final = -1
UNDECIDED: Final = 0
UNSURE: Final = 1
REJECTED: Final = 2
ANSWERED: Final = 3
ACCEPTED: Final = 3
"""The numbers of the column `state`; an accepted face has ACCEPTED + its class id, which is 1 or more. ABSENT: no face
is listed there. UNDECIDED: nobody answered. ANSWERED: people did, and nothing counts yet."""
FOUND: Final = 1
DRAWN: Final = 2
HAS_COPIES: Final = 4
"""The bits of the column `outcome`: a detector found the face, or a person drew it where none had; and another file
has the bytes of its photo (`already_present`)."""
STATES: Final = ("state", "source", "proposal")
OPINIONS: Final = ("wanted", "waiting")
WAITING: Final = {why: number for number, why in enumerate(WAITING_FOR, start=1)}
"""The numbers of the column `waiting`: why nothing counts yet on a face that was answered."""
STORIES: Final = ("outcome", "annotator", "decided", "disagreement", "licence", "landmarks")
METRIC_NAMES: Final = tuple(metric.name for metric in METRICS)
NOTHING: Final = {"state": ABSENT, "landmarks": LANDMARK_MODELS.index(DLIB)}
"""What a block holds of faces that were never written there, where that is not MISSING."""
_AT_ONCE: Final = 64 * BLOCK

STATE_SQL: Final = f"""
SELECT c.seq, CASE WHEN t.seq IS NULL THEN {ABSENT} WHEN t.waiting <> '' THEN {ANSWERED}
  WHEN t.verdict IS NULL THEN {UNDECIDED}
  WHEN t.verdict = 'unsure' THEN {UNSURE} WHEN t.verdict = 'reject' THEN {REJECTED} ELSE {ACCEPTED} + t.class_id END,
  ifnull(t.source_id, {MISSING}), ifnull(t.proposal, {MISSING})
FROM face_changes c LEFT JOIN face_state t ON t.seq = c.seq WHERE c.seq BETWEEN ? AND ?
"""
_DIFFERING: Final = f"""
SELECT count(DISTINCT a.verdict || ifnull(a.class_id, '')) > 1 FROM answers a
WHERE a.face_id = t.face_id AND substr(a.annotator, 1, {len(RULE_PREFIX)}) <> '{RULE_PREFIX}'
"""
"""Whether two people's answers on the face t differ."""
STORIES_SQL: Final = f"""
SELECT c.seq, CASE WHEN t.seq IS NULL THEN {MISSING} ELSE iif(f.origin = 'drawn', {DRAWN}, {FOUND}) + {HAS_COPIES} *
    EXISTS (SELECT 1 FROM sightings g WHERE g.sha256 = f.sha256 AND g.outcome = 'already_present') END,
  ifnull(a.code, {MISSING}), ifnull(CAST(strftime('%s', t.at) AS INTEGER) / 60, {MISSING}),
  CASE WHEN t.seq IS NULL THEN {MISSING} WHEN t.n_answers > 1 AND t.waiting <> 'opinion' THEN ({_DIFFERING}) ELSE 0 END,
  iif(t.seq IS NULL, {MISSING}, ifnull(({LICENCE_OF}), 0)),
  iif(t.seq IS NOT NULL AND f.landmark_model = '{MESH}', {LANDMARK_MODELS.index(MESH)}, {LANDMARK_MODELS.index(DLIB)})
FROM face_changes c LEFT JOIN face_state t ON t.seq = c.seq LEFT JOIN faces f ON f.seq = t.seq
LEFT JOIN annotator_codes a ON a.name = t.annotator WHERE c.seq BETWEEN ? AND ?
"""
OPINIONS_SQL: Final = f"""
SELECT c.seq, ifnull(o.wanted, {MISSING}),
  CASE t.waiting {" ".join(f"WHEN '{name}' THEN {number}" for name, number in WAITING.items())} ELSE {MISSING} END
FROM face_changes c LEFT JOIN face_state t ON t.seq = c.seq LEFT JOIN second_opinions o ON o.face_id = t.face_id
WHERE c.seq BETWEEN ? AND ?
"""
METRICS_SQL: Final = f"""
SELECT c.seq, {", ".join(f"ifnull(q.{name}, {MISSING})" for name in METRIC_NAMES)}
FROM face_changes c LEFT JOIN face_quality q ON q.seq = c.seq WHERE c.figures = 1 AND c.seq BETWEEN ? AND ?
"""
BLOCKS_SQL: Final = "SELECT block, data FROM face_columns WHERE name = ? ORDER BY block"
LAST_BLOCK_SQL: Final = "SELECT ifnull(max(block), -1) FROM face_columns WHERE name = ?"
BLOCK_SQL: Final = "SELECT data FROM face_columns WHERE name = ? AND block = ?"
LENGTH_SQL: Final = (
    "SELECT ifnull(max(block), -1) FROM face_columns WHERE name = 'state'",  # the others have none that it has not
    f"SELECT ifnull(max(seq) / {BLOCK}, -1) FROM face_changes",
)
LAST: Final = 2**62


class _Group(NamedTuple):
    """Columns that are stored and read together; a reader loads only the groups that it needs."""

    names: tuple[str, ...]
    sql: str


GROUPS: Final = (
    _Group(STATES, STATE_SQL), _Group(STORIES, STORIES_SQL), _Group(OPINIONS, OPINIONS_SQL),
    _Group(METRIC_NAMES, METRICS_SQL),
)  # fmt: skip
GROUP_OF: Final = {name: group for group in GROUPS for name in group.names}


class Faces:
    """The columns of all faces in the snapshot that `db` reads; only valid while that snapshot is open."""

    def __init__(self, db: Db, keep: bool = True) -> None:
        """keep: what is stored may come from memory, see `db.base.kept_columns`."""
        self._db, self._keep = db, keep
        last = max(db.execute(sql).fetchone()[0] for sql in LENGTH_SQL)
        self.length = (last + 1) * BLOCK
        self._changes: dict[_Group, Column] = {}
        self._columns: dict[str, Column] = {}
        self._suggested: tuple[suggestions.Stored, tuple[int, ...]] | None = None

    def column(self, name: str) -> Column:
        """One column, read-only; MISSING where a face has no value.

        `state`, `source`, `proposal` (a class id), `outcome` (bits: FOUND, DRAWN, HAS_COPIES), `annotator` (a code, see
        `annotators`), `decided` (minutes since 1970, UTC), `disagreement` (0 or 1), `licence` (a code, see
        `db.tables.licences`), `landmarks` (index in LANDMARK_MODELS; dlib's where no face is), `wanted` (people who are
        to answer without seeing each other), `waiting` (see WAITING), `suggested` (a class id), `confidence`,
        `margin` (probability, its lead, * 1000) by the suggester in force, or a metric (value * scale).
        """
        if name not in self._columns:
            if name in suggestions.NAMES:
                self._columns |= suggestions.columns_of(*self._probabilities())
            else:
                self._columns[name] = self._load(name)
        return self._columns[name]

    def plain_column(self, name: str) -> array[int]:
        """A column of the log's tables without numpy, for a few thousand faces: sooner than numpy is imported."""
        group = GROUP_OF[name]
        found: array[int] = array("i", [NOTHING.get(name, MISSING)]) * self.length
        for block, data in self._db.execute(BLOCKS_SQL, [name]):
            numbers = array("i", data)
            if sys.byteorder == "big":
                numbers.byteswap()
            found[block * BLOCK : (block + 1) * BLOCK] = numbers
        for seq, *values in self._db.execute(group.sql, [0, LAST]):
            found[seq] = values[group.names.index(name)]
        return found

    def class_probability(self, class_id: int) -> Column:
        """How probable the suggester in force finds this class, * 1000; MISSING where it suggests nothing."""
        stored, classes = self._probabilities()
        return suggestions.class_column(stored, classes, class_id)

    def annotators(self) -> dict[str, int]:
        """The code of each annotator in the column `annotator`, by name."""
        return dict(self._db.execute("SELECT name, code FROM annotator_codes ORDER BY name").fetchall())

    def licences(self) -> dict[str, int]:
        """The code of each licence in the column `licence`, by name."""
        return codes(self._db)

    def where(self, sql: str, values: Sequence[Any] = ()) -> npt.NDArray[np.bool_]:
        """Whether each face is among the seqs that `sql` selects: for conditions on few faces, which have no column."""
        found = np.zeros(self.length, bool)
        seqs = np.fromiter((seq for (seq,) in self._db.execute(sql, values)), np.intp)
        found[seqs[seqs < self.length]] = True
        return found

    @property
    def db(self) -> Db:
        """The snapshot, for what has no column."""
        return self._db

    def index_of(self, face_id: str) -> int | None:
        """The seq of a face; None for an unknown face and one that is not listed."""
        row = self._db.execute("SELECT seq FROM face_state WHERE face_id = ?", [face_id]).fetchone()
        return int(row[0]) if row else None

    def _probabilities(self) -> tuple[suggestions.Stored, tuple[int, ...]]:
        if self._suggested is None:
            suggester = suggestions.in_force(self._db)
            if suggester is None:
                self._suggested = np.zeros((self.length, 0), np.uint16), ()
            else:
                self._suggested = suggestions.stored(self._db, suggester, self.length), suggester.classes
        return self._suggested

    def _load(self, name: str) -> Column:
        group = GROUP_OF[name]
        stored = kept_columns.stored(self._db, name, _read) if self._keep else _read(self._db, name)
        if group not in self._changes:
            self._changes[group] = _changes(self._db, group, 0, LAST)
        changes = self._changes[group]
        at, values = changes[:, 0], changes[:, 1 + group.names.index(name)]
        if len(stored) == self.length and np.array_equal(stored[at], values):
            return stored
        found = np.empty(self.length, np.int32)
        found[: len(stored)], found[len(stored) :] = stored[: self.length], NOTHING.get(name, MISSING)
        found[at] = values
        found.flags.writeable = False
        return found


def _read(db: Db, name: str) -> Column:
    """What the blocks of a column hold, as far as the last of them."""
    (last,) = db.execute(LAST_BLOCK_SQL, [name]).fetchone()
    found = np.full((last + 1) * BLOCK, NOTHING.get(name, MISSING), np.int32)
    for block, data in db.execute(BLOCKS_SQL, [name]):
        found[block * BLOCK : (block + 1) * BLOCK] = np.frombuffer(data, "<i4")
    return found


def maybe_compact(db: Db) -> None:
    """`compact` once COMPACT_AT changes are waiting. Called before each commit, so a reader never has to apply more."""
    (waiting,) = db.execute("SELECT count(*) FROM face_changes").fetchone()
    if waiting >= COMPACT_AT:
        compact(db)


def compact(db: Db) -> int:
    """Write the waiting changes into the blocks; returns how many rows that were. Inside a write."""
    compacted = 0
    while (first := db.execute("SELECT min(seq) FROM face_changes").fetchone()[0]) is not None:
        last = first // BLOCK * BLOCK + _AT_ONCE - 1
        for group in GROUPS:
            _write(db, group.names, _changes(db, group, first, last))
        compacted += db.execute("DELETE FROM face_changes WHERE seq <= ?", [last]).rowcount
    return compacted


def rebuild(db: Db) -> None:
    """Delete the blocks and compute them from the tables again. Inside a write."""
    db.execute("DELETE FROM face_columns")
    db.execute("INSERT OR REPLACE INTO face_changes (seq, figures) SELECT seq, 1 FROM face_state")
    compact(db)


def _changes(db: Db, group: _Group, first: int, last: int) -> Column:
    """Rows that wait to be compacted, (n, 1 + columns): the seq, then what its table holds now."""
    rows = db.execute(group.sql, [first, last]).fetchall()
    return np.array(rows, np.int32).reshape(len(rows), 1 + len(group.names))


def _write(db: Db, names: tuple[str, ...], changes: Column) -> None:
    blocks = changes[:, 0] // BLOCK
    for number in np.unique(blocks).tolist():
        rows = changes[blocks == number]
        for index, name in enumerate(names, start=1):
            _write_block(db, name, number, rows[:, 0] % BLOCK, rows[:, index])


def _write_block(db: Db, name: str, number: int, at: Column, values: Column) -> None:
    row = db.execute(BLOCK_SQL, [name, number]).fetchone()
    before = np.frombuffer(row[0], "<i4") if row else np.full(BLOCK, NOTHING.get(name, MISSING), "<i4")
    after = before.copy()
    after[at] = values
    if row is None or not np.array_equal(before, after):
        db.execute(
            "INSERT INTO face_columns (name, block, data) VALUES (?, ?, ?)"
            " ON CONFLICT (name, block) DO UPDATE SET data = excluded.data",
            [name, number, after.tobytes()],
        )
