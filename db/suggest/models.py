"""Models that suggest classes: each version is written beside the one in force, block by block, and then takes over.

A writer that is killed leaves a version that is not ready: nothing reads it, and the next one removes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.base.lean.lazy_numpy import np
from db.projection import suggestions
from db.projection.suggestions import BLOCK, Suggester
from db.tables.suggesters import OURS

if TYPE_CHECKING:
    import numpy.typing as npt

Kind = Literal["zero_label", "learned", "outside"]
AT_ONCE: Final = 16
"""Blocks that one write removes: some 20 ms."""

_COLUMNS: Final = (
    "id, name, version, kind, made_at, annotator, classes, features, head, n_labels, parameters, report, ready"
)
_OLD_BLOCKS_SQL: Final = """
SELECT b.rowid FROM suggestion_models m JOIN suggestion_blocks b ON b.model_id = m.id WHERE m.name = :name
  AND m.id <> :keep AND m.id <> ifnull((SELECT n.id FROM suggestion_models n WHERE n.name = :name AND n.ready = 1
    ORDER BY n.version DESC LIMIT 1), 0) LIMIT :most
"""


@dataclass(frozen=True, slots=True)
class NewModel:
    """A version to be written. classes: ids, in the order of its probabilities. features: the names of what it looks
    at. head: `seq:hash` of the newest decision that it learned from. n_labels: faces that it learned from. annotator:
    who asked for it or brought it, None: the background job. parameters, report: JSON."""

    name: str
    kind: Kind
    classes: Sequence[int]
    features: Sequence[str] = ()
    head: str = ""
    n_labels: int = 0
    annotator: str | None = None
    parameters: Mapping[str, Any] | None = None
    report: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A version as it is stored. ready: its blocks are whole."""

    model_id: int
    name: str
    version: int
    kind: str
    made_at: str
    annotator: str | None
    classes: tuple[int, ...]
    features: tuple[str, ...]
    head: str
    n_labels: int
    parameters: dict[str, Any]
    report: dict[str, Any]
    ready: bool


def looks_are_used(db: Db) -> bool:
    """Whether our newest version looks at what crops look like."""
    model = newest(db, OURS)
    return model is not None and "looks" in model.parameters


def begin(db: Db, new: NewModel) -> Suggester:
    """Write a version that is not in force yet. Inside a write; its blocks follow, then `take_over`."""
    (before,) = db.execute("SELECT max(version) FROM suggestion_models WHERE name = ?", [new.name]).fetchone()
    version = (before or 0) + 1
    values = [
        new.name, version, new.kind, now_iso(), new.annotator, _json(list(new.classes)), _json(list(new.features)),
        new.head, new.n_labels, _json(dict(new.parameters or {})), _json(dict(new.report or {})), 0,
    ]  # fmt: skip
    sql = f"INSERT INTO suggestion_models ({_COLUMNS.removeprefix('id, ')}) VALUES ({', '.join('?' * len(values))})"
    model_id = db.execute(sql, values).lastrowid
    return Suggester(int(model_id or 0), new.name, version, new.kind, tuple(new.classes))


def put_block(db: Db, model_id: int, block: int, probabilities: npt.NDArray[np.float64]) -> None:
    """Write (BLOCK, classes) probabilities. Inside a write.

    A face that went since they were computed gets none: what is erased stays erased.
    """
    first = block * BLOCK
    seqs = db.execute("SELECT seq FROM faces WHERE seq BETWEEN ? AND ?", [first, first + BLOCK - 1]).fetchall()
    kept = np.zeros_like(probabilities)
    at = [seq - first for (seq,) in seqs]
    kept[at] = probabilities[at]
    if kept.any():
        sql = "INSERT OR REPLACE INTO suggestion_blocks (model_id, block, data) VALUES (?, ?, ?)"
        db.execute(sql, [model_id, block, suggestions.pack(kept)])


def take_over(db: Db, model_id: int) -> None:
    """Put a version whose blocks are whole in the place of the one before. Inside a write; one row changes."""
    db.execute("UPDATE suggestion_models SET ready = 1 WHERE id = ?", [model_id])


def put_report(db: Db, model_id: int, report: Mapping[str, Any]) -> None:
    """Exchange a version's scores for fuller ones. Inside a write."""
    db.execute("UPDATE suggestion_models SET report = ? WHERE id = ?", [_json(dict(report)), model_id])


def prune(db: Db, name: str, keep: int = 0, most: int = AT_ONCE) -> bool:
    """Remove at most `most` blocks of versions of `name` that nothing reads: older ones, and those never finished but
    for `keep`. True while there may be more. Inside a write; once nothing is left, unfinished versions go, too."""
    rows = db.execute(_OLD_BLOCKS_SQL, {"name": name, "keep": keep, "most": most}).fetchall()
    if rows:
        listed = _json([row for (row,) in rows])
        db.execute("DELETE FROM suggestion_blocks WHERE rowid IN (SELECT value FROM json_each(?))", [listed])
        return True
    db.execute("DELETE FROM suggestion_models WHERE name = ? AND ready = 0 AND id <> ?", [name, keep])
    return False


def find(db: Db, model_id: int) -> Model | None:
    """A version, ready or not."""
    row = db.execute(f"SELECT {_COLUMNS} FROM suggestion_models WHERE id = ?", [model_id]).fetchone()
    return None if row is None else _model(row)


def newest(db: Db, name: str) -> Model | None:
    """The version of `name` that is in force where that suggester is."""
    sql = f"SELECT {_COLUMNS} FROM suggestion_models WHERE name = ? AND ready = 1 ORDER BY version DESC LIMIT 1"
    row = db.execute(sql, [name]).fetchone()
    return None if row is None else _model(row)


def of_version(db: Db, name: str, version: int) -> Model | None:
    """One version of a suggester, if it took over."""
    sql = f"SELECT {_COLUMNS} FROM suggestion_models WHERE name = ? AND version = ? AND ready = 1"
    row = db.execute(sql, [name, version]).fetchone()
    return None if row is None else _model(row)


def names(db: Db) -> list[str]:
    """The suggesters that suggest something, by name."""
    return [name for (name,) in db.execute("SELECT DISTINCT name FROM suggestion_models WHERE ready = 1 ORDER BY 1")]


def is_unfinished(db: Db, name: str) -> bool:
    """Whether a version was begun and never took over."""
    sql = "SELECT 1 FROM suggestion_models WHERE name = ? AND ready = 0 LIMIT 1"
    return db.execute(sql, [name]).fetchone() is not None


def _model(row: Sequence[Any]) -> Model:
    classes, features, parameters, report = (json.loads(row[at]) for at in (6, 7, 10, 11))
    made_at, annotator, head, n_labels = row[4], row[5], row[8], row[9]
    return Model(
        row[0], row[1], row[2], row[3], made_at, annotator, tuple(classes), tuple(features), head, n_labels,
        parameters, report, bool(row[12]),
    )  # fmt: skip


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
