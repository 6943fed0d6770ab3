"""Sets of faces that people selected on the map: kept, so that Review can show one as a filter.

A set is stored as digits in blocks of BLOCK faces by `seq`, so that 100,000 faces take some 50 rows; a face that is
deleted drops out of every set by a trigger.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.projection import columns
from db.projection.columns import BLOCK, Faces
from db.tables.annotators import ensure_annotator
from pipeline.core.errors import UsageError
from pipeline.core.messages import message

MOST: Final = 100
"""Selections that a workspace keeps: another one drops the oldest."""
_ID: Final = re.compile("[1-9][0-9]{0,15}")
_ONE: Final = ord("1")
_ZERO: Final = ord("0")

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Selection:
    """annotator: who made it, at UTC ISO 8601. faces: how many of them are there still."""

    id: int
    annotator: str
    at: str
    faces: int


def parse(text: str) -> int | None:
    """The id that an address says, None where it says none."""
    return int(text) if _ID.fullmatch(text) else None


def save(db: Db, annotator: str, seqs: npt.NDArray[np.int64]) -> int:
    """Keep a set of listed faces, by seq, in any order; returns its id. Inside a write.

    Faces that are not listed (any more) are left out. Raises UsageError where none is left.
    """
    state = Faces(db).column("state")
    inside = seqs[(seqs >= 0) & (seqs < len(state))]
    chosen = np.zeros(len(state), bool)
    chosen[inside] = state[inside] != columns.ABSENT
    if not chosen.any():
        raise UsageError(message("selection_empty"))
    by = ensure_annotator(db, annotator)
    made = int(db.execute("INSERT INTO selections (annotator, at) VALUES (?, ?)", [by, now_iso()]).lastrowid or 0)
    blocks = chosen.reshape(-1, BLOCK)
    db.conn.executemany(
        "INSERT INTO selection_blocks (selection_id, block, data) VALUES (?, ?, ?)",
        [(made, block, _text(blocks[block])) for block in np.flatnonzero(blocks.any(axis=1)).tolist()],
    )
    oldest = "SELECT id FROM selections ORDER BY id DESC LIMIT -1 OFFSET ?"
    db.execute(f"DELETE FROM selections WHERE id IN ({oldest})", [MOST])
    return made


def find(db: Db, selection_id: int) -> Selection | None:
    """What is known of a set; None where there is none of that id."""
    row = db.execute("SELECT id, annotator, at FROM selections WHERE id = ?", [selection_id]).fetchone()
    if row is None:
        return None
    return Selection(row[0], row[1], row[2], int(np.count_nonzero(mask(Faces(db), selection_id))))


def ids(db: Db) -> frozenset[int]:
    """Those that are kept."""
    return frozenset(number for (number,) in db.execute("SELECT id FROM selections"))


def mask(faces: Faces, selection_id: int) -> Mask:
    """Whether each face (bool by seq) is in the set; none is in one that is not kept any more."""
    found: Mask = np.zeros(faces.length, bool)
    sql = "SELECT block, data FROM selection_blocks WHERE selection_id = ? AND block < ?"
    for block, data in faces.db.execute(sql, [selection_id, faces.length // BLOCK]):
        found[block * BLOCK : (block + 1) * BLOCK] = np.frombuffer(data.encode(), np.uint8) == _ONE
    return found


def _text(chosen: Mask) -> str:
    return (chosen.astype(np.uint8) + _ZERO).tobytes().decode("ascii")
