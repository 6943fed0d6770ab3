"""What the suggester in force suggests for each face, read from blocks of probabilities.

A block has BLOCK rows (faces by `seq`), one number a class: uint16 little endian, probability × SCALE, row major. A row
of zeros suggests nothing. Blocks of a model that is not ready yet are never read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias

from sqlite_utils.db import Database as Db

from db.base.lean.lazy_numpy import np
from db.tables import suggesters
from pipeline.core.metrics import MISSING

if TYPE_CHECKING:
    import numpy.typing as npt

BLOCK: Final = 2048
"""Faces of a block, as in `db.projection.columns`."""
SCALE: Final = 65535
CONFIDENCE: Final = 1000
"""The column `confidence` is the probability × this."""
NAMES: Final = ("suggested", "confidence", "margin")
"""The columns that tell of suggestions."""

Column: TypeAlias = "npt.NDArray[np.int32]"
Stored: TypeAlias = "npt.NDArray[np.uint16]"

_IN_FORCE_SQL: Final = """
SELECT id, name, version, kind, classes FROM suggestion_models WHERE name = ? AND ready = 1
ORDER BY version DESC LIMIT 1
"""
_STALE_SQL: Final = "SELECT seq FROM suggestion_pending WHERE changed = 1 AND seq < ?"
_ROWS_SQL: Final = f"""
SELECT j.value, substr(b.data, (j.value % {BLOCK}) * :width + 1, :width) FROM json_each(:seqs) j
JOIN suggestion_blocks b ON b.model_id = :model AND b.block = j.value / {BLOCK}
WHERE NOT (:ours AND EXISTS (SELECT 1 FROM suggestion_pending p WHERE p.seq = j.value AND p.changed = 1))
"""


@dataclass(frozen=True, slots=True)
class Suggester:
    """A version of a model that is ready. classes: class ids, in the order of its probabilities."""

    model_id: int
    name: str
    version: int
    kind: str
    classes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A class proposed for a face, and how probable the model finds it (0 to 1). Never a decision."""

    class_id: int
    probability: float


def in_force(db: Db) -> Suggester | None:
    """Whose suggestions are shown; None while there are none, or they are switched off."""
    return newest(db, suggesters.in_force(db)) if suggesters.are_on(db) else None


def newest(db: Db, name: str) -> Suggester | None:
    """The newest version of a suggester that is ready."""
    row = db.execute(_IN_FORCE_SQL, [name]).fetchone()
    return None if row is None else Suggester(row[0], row[1], row[2], row[3], tuple(json.loads(row[4])))


def pack(probabilities: npt.NDArray[np.float64]) -> bytes:
    """A block's bytes: (BLOCK, classes) probabilities, 0 to 1; rows that are not finite suggest nothing.

    Raises ValueError for another number of rows.
    """
    if len(probabilities) != BLOCK:
        raise ValueError(f"a block has {BLOCK} rows, not {len(probabilities)}")
    known = np.where(np.isfinite(probabilities).all(1, keepdims=True), probabilities, 0.0)
    return (np.clip(known, 0.0, 1.0) * SCALE).round().astype("<u2").tobytes()


def stored(db: Db, suggester: Suggester, length: int) -> Stored:
    """(length, classes), probability × SCALE of every face by seq, zeros where nothing is suggested."""
    found = np.zeros((length, len(suggester.classes)), np.uint16, order="F")  # it is read class by class
    sql = "SELECT block, data FROM suggestion_blocks WHERE model_id = ? AND block < ?"
    for block, data in db.execute(sql, [suggester.model_id, -(-length // BLOCK)]):
        rows = found[block * BLOCK : (block + 1) * BLOCK]
        rows[:] = _rows_of(data, len(suggester.classes))[: len(rows)]
    if suggester.kind != "outside":  # what another model said of the photo holds, wherever the crop is now
        found[[seq for (seq,) in db.execute(_STALE_SQL, [length])]] = 0
    return found


def columns_of(probabilities: Stored, classes: Sequence[int]) -> dict[str, Column]:
    """By name, read-only: the most probable class of each face, its probability × CONFIDENCE, and how far it leads
    before the next class, × CONFIDENCE. MISSING where nothing is suggested."""
    if not classes:
        suggested = confidence = margin = np.full(len(probabilities), MISSING, np.int32)
    else:
        suggested, most, second = _two_best(probabilities, classes)
        suggested[most == 0] = MISSING
        confidence = np.where(most > 0, scaled(most), np.int32(MISSING))
        margin = np.where(most > 0, scaled(most - second), np.int32(MISSING))
    found = dict(zip(NAMES, (suggested, confidence, margin), strict=True))
    for values in found.values():
        values.flags.writeable = False
    return found


def _two_best(probabilities: Stored, classes: Sequence[int]) -> tuple[Column, Stored, Stored]:
    """The likeliest class of each row, its probability and the next one's. Class by class: with few of them several
    times as fast as a sort of each row."""
    suggested = np.full(len(probabilities), classes[0], np.int32)
    most, second = probabilities[:, 0].copy(), np.zeros(len(probabilities), np.uint16)
    for place, class_id in enumerate(classes[1:], start=1):
        values = probabilities[:, place]
        second = np.maximum(second, np.minimum(most, values))
        suggested[values > most] = class_id
        most = np.maximum(most, values)
    return suggested, most, second


def class_column(probabilities: Stored, classes: Sequence[int], class_id: int) -> Column:
    """The probability of one class × CONFIDENCE; MISSING where nothing is suggested or the class is not known."""
    if class_id not in classes:
        return np.full(len(probabilities), MISSING, np.int32)
    values = scaled(probabilities[:, list(classes).index(class_id)])
    return np.where(probabilities.any(1), values, np.int32(MISSING))


def scaled(values: Stored) -> Column:
    """Stored probabilities × CONFIDENCE / SCALE, rounded."""
    return _all_scaled()[values]


@cache
def _all_scaled() -> Column:
    """`scaled` of every number that is stored: a million divisions take longer than as many look-ups."""
    return ((np.arange(SCALE + 1, dtype=np.int32) * CONFIDENCE + SCALE // 2) // SCALE).astype(np.int32)


def of_faces(db: Db, seqs: Sequence[int]) -> dict[int, Suggestion]:
    """What is suggested for these faces, by seq: for one page of cards."""
    suggester = in_force(db)
    if suggester is None or not suggester.classes:
        return {}
    params = {
        "seqs": json.dumps(list(seqs)),
        "model": suggester.model_id,
        "width": 2 * len(suggester.classes),
        "ours": suggester.kind != "outside",
    }
    found = {}
    for seq, data in db.execute(_ROWS_SQL, params):
        row = np.frombuffer(data, "<u2")
        if row.any():
            best = int(row.argmax())
            found[seq] = Suggestion(suggester.classes[best], int(row[best]) / SCALE)
    return found


def clear(db: Db, seqs: Iterable[int]) -> None:
    """Forget what any model suggested for these faces. Inside a write."""
    by_block: dict[int, list[int]] = {}
    for seq in seqs:
        by_block.setdefault(seq // BLOCK, []).append(seq % BLOCK)
    for block, at in by_block.items():
        for model_id, data in db.execute("SELECT model_id, data FROM suggestion_blocks WHERE block = ?", [block]):
            rows = np.frombuffer(data, "<u2").copy().reshape(BLOCK, -1)
            if rows[at].any():
                rows[at] = 0
                sql = "UPDATE suggestion_blocks SET data = ? WHERE model_id = ? AND block = ?"
                db.execute(sql, [rows.tobytes(), model_id, block])


def _rows_of(data: bytes, classes: int) -> Stored:
    return np.frombuffer(data, "<u2").reshape(BLOCK, classes)
