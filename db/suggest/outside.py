"""What other models say of the faces, kept beside Moue's own suggestions; they never become decisions or labels."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlite_utils.db import Database as Db

from db.projection.suggestions import BLOCK, SCALE
from db.suggest import models
from db.suggest.models import NewModel
from db.tables import audit, suggesters
from db.tables.annotators import ensure_annotator
from db.tables.classes import list_classes
from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.names import clean_name, find_name, invisible_in

LONGEST: Final = 60
_NEWEST_SQL: Final = """
SELECT id, version, classes, parameters FROM suggestion_models
WHERE kind = 'outside' AND name = ? ORDER BY version DESC LIMIT 1
"""
_EVERY_BLOCK: Final = 2**31

Block = npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Added:
    """faces: whose suggestions are new or others than before. repeats: those that were there as they are."""

    suggester: str
    version: int
    faces: int
    repeats: int


def checked_name(text: str) -> str:
    """A suggester's name, or its version in its maker's words, as it is kept. Raises UsageError."""
    name = clean_name(text)
    if not 1 <= len(name) <= LONGEST or invisible_in(name):
        raise UsageError(message("suggester_name", most=LONGEST))
    return name


def add_predictions(
    db: Db, suggester: str, told_version: str, given: Mapping[int, Mapping[int, float]], by: str
) -> Added:
    """Keep what a model of this name and version (in its maker's words) says. Inside a write.

    given: by a face's seq the probability of each class id, together at most 1. The same version again adds to what it
    said before, face by face; another one takes its place. by: a person, or `audit.COMMAND_LINE`. A change is noted in
    the audit. Raises UsageError for a name that is Moue's own or none.
    """
    name, told = checked_name(suggester), checked_name(told_version)
    if find_name(name, [suggesters.OURS]):
        raise UsageError(message("suggester_reserved", name=name))
    known = [one for (one,) in db.execute("SELECT DISTINCT name FROM suggestion_models WHERE kind = 'outside'")]
    name = find_name(name, known) or name
    newest = db.execute(_NEWEST_SQL, [name]).fetchone()
    if newest is not None and json.loads(newest[3]).get("version") == told:
        model_id, version, before = newest[0], newest[1], json.loads(newest[2])
    else:
        model_id, version, before = None, 1 if newest is None else newest[1] + 1, []
    told_of = sorted({class_id for row in given.values() for class_id in row})
    classes = list(dict.fromkeys([*before, *(spec.id for spec in list_classes(db)), *told_of]))
    if model_id is None:
        person = None if by == audit.COMMAND_LINE else ensure_annotator(db, by)
        new = NewModel(name, "outside", classes, annotator=person, parameters={"version": told})
        model_id = models.begin(db, new).model_id
        models.take_over(db, model_id)
        models.prune(db, name, most=_EVERY_BLOCK)
    elif classes != before:
        _widen(db, model_id, len(before), len(classes))
        db.execute("UPDATE suggestion_models SET classes = ? WHERE id = ?", [json.dumps(classes), model_id])
    changed = _put(db, model_id, classes, given)
    if changed:
        told_by = {"suggester": name, "version": told, "faces": changed}
        audit.append(db, by, "predictions", told_by)
    return Added(name, version, changed, len(given) - changed)


def _put(db: Db, model_id: int, classes: Sequence[int], given: Mapping[int, Mapping[int, float]]) -> int:
    """Write the faces' rows into the blocks; returns how many are others than before."""
    place = {class_id: at for at, class_id in enumerate(classes)}
    by_block: dict[int, dict[int, Block]] = {}
    for seq, said in given.items():
        row = np.zeros(len(classes), np.uint16)
        for class_id, probability in said.items():
            row[place[class_id]] = max(1, round(probability * SCALE))
        by_block.setdefault(seq // BLOCK, {})[seq % BLOCK] = row
    changed = 0
    for block, rows in by_block.items():
        first = block * BLOCK
        there = "SELECT seq FROM faces WHERE seq BETWEEN ? AND ? AND removed_at IS NULL"
        left = {seq - first for (seq,) in db.execute(there, [first, first + BLOCK - 1])}
        before = _read(db, model_id, block, len(classes))
        after = before.copy()
        for at, row in rows.items():
            if at in left:  # not erased since it was looked up
                after[at] = row
        changed += int((before != after).any(axis=1).sum())
        _write(db, model_id, block, after)
    return changed


def _widen(db: Db, model_id: int, before: int, after: int) -> None:
    """Columns for classes that are new here."""
    for (block,) in db.execute("SELECT block FROM suggestion_blocks WHERE model_id = ?", [model_id]).fetchall():
        wider = np.zeros((BLOCK, after), np.uint16)
        wider[:, :before] = _read(db, model_id, block, before)
        _write(db, model_id, block, wider)


def _read(db: Db, model_id: int, block: int, classes: int) -> Block:
    sql = "SELECT data FROM suggestion_blocks WHERE model_id = ? AND block = ?"
    row = db.execute(sql, [model_id, block]).fetchone()
    if row is None:
        return np.zeros((BLOCK, classes), np.uint16)
    return np.frombuffer(row[0], "<u2").reshape(BLOCK, classes).astype(np.uint16)


def _write(db: Db, model_id: int, block: int, data: Block) -> None:
    sql = (
        "INSERT INTO suggestion_blocks (model_id, block, data) VALUES (?, ?, ?)"
        " ON CONFLICT (model_id, block) DO UPDATE SET data = excluded.data"
    )
    db.execute(sql, [model_id, block, data.astype("<u2").tobytes()])
