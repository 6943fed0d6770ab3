"""Suggesters side by side: how often each is right on faces whose answer is known, and against the one in force.

Answers are known of gold faces, and of faces that were drawn at random and labelled since, but for what a page
confirmed unseen: that follows a suggestion. What a learned model says of them is what it said without having seen their
labels (`held_out`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlite_utils.db import Database as Db

from db.projection.suggestions import BLOCK
from db.team.gold import wilson

_MODELS_SQL: Final = """
SELECT id, name, version, kind, made_at, classes, parameters FROM suggestion_models m
WHERE ready = 1 AND version = (SELECT max(version) FROM suggestion_models n WHERE n.name = m.name AND n.ready = 1)
ORDER BY name <> 'moue', name
"""
_GOLD_SQL: Final = """
SELECT f.seq, g.face_id, g.class_id FROM gold g JOIN faces f ON f.id = g.face_id
WHERE g.verdict = 'accept' AND f.removed_at IS NULL
"""
_DRAWN_SQL: Final = """
SELECT t.seq, t.face_id, t.class_id FROM random_draws r CROSS JOIN face_state t ON t.face_id = r.face_id
CROSS JOIN decisions d ON d.uuid = t.decision_uuid
WHERE t.verdict = 'accept'
  AND (json_extract(d.context, '$.confirmed') IS NULL OR json_extract(d.context, '$.confirmed.in_batch'))
  AND json_extract(d.context, '$.off_screen') IS NULL
"""
_STORE_SQL: Final = """
INSERT OR REPLACE INTO held_out SELECT :model, t.face_id, :class_id FROM face_state t
WHERE t.seq = :seq AND (EXISTS (SELECT 1 FROM gold g WHERE g.face_id = t.face_id)
  OR EXISTS (SELECT 1 FROM random_draws r WHERE r.face_id = t.face_id))
"""


@dataclass(frozen=True, slots=True)
class Share:
    """right of `of` faces."""

    right: int
    of: int

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share."""
        return wilson(self.right, self.of)


@dataclass(frozen=True, slots=True)
class Suggester:
    """The newest version of one suggester. told_version: in its maker's words, "" for Moue's own. covered: faces with
    a suggestion. only_this, only_other: faces with a known answer on which this one alone is right, and the one in
    force alone, of the `both` that both tell of."""

    name: str
    version: int
    told_version: str
    kind: str
    made_at: str
    in_force: bool
    covered: int
    gold: Share
    drawn: Share
    both: int
    only_this: int
    only_other: int


def compare(db: Db, in_force: str) -> list[Suggester]:
    """All suggesters, Moue's own first, then by name. in_force: the name of the one that is."""
    gold, drawn = db.execute(_GOLD_SQL).fetchall(), db.execute(_DRAWN_SQL).fetchall()
    models = db.execute(_MODELS_SQL).fetchall()
    known = {seq: (face_id, class_id) for seq, face_id, class_id in (*drawn, *gold)}  # gold has the last word
    right: dict[str, dict[int, bool]] = {}
    covered: dict[str, int] = {}
    for model_id, name, _, kind, _, classes, _ in models:
        said, covered[name] = _said(db, model_id, json.loads(classes), sorted(known))
        if kind == "learned":
            said = _held_out(db, model_id, known)
        right[name] = {seq: said[seq] == known[seq][1] for seq in said}
    other = right.get(in_force, {})
    return [
        _suggester(row, covered[row[1]], right[row[1]], other, in_force, [seq for seq, *_ in gold],
                   [seq for seq, *_ in drawn])
        for row in models
    ]  # fmt: skip


def known_seqs(db: Db) -> npt.NDArray[np.int64]:
    """The seqs of the faces whose right answer is known: gold, and random draws."""
    sql = "SELECT seq FROM faces WHERE id IN (SELECT face_id FROM gold UNION SELECT face_id FROM random_draws)"
    return np.array([seq for (seq,) in db.execute(sql)], np.int64)


def store_held_out(
    db: Db,
    model_id: int,
    seqs: npt.NDArray[np.int64],
    classes: Sequence[int],
    probabilities: npt.NDArray[np.float64],
) -> None:
    """Keep what a learned model says, out of fold, of gold faces and random draws; of older versions it is deleted.

    seqs: (n,), classes: k class ids, probabilities: (n, k), a row of zeros: it says nothing. Inside a write.
    """
    older = "SELECT id FROM suggestion_models WHERE name = (SELECT name FROM suggestion_models WHERE id = ?)"
    db.execute(f"DELETE FROM held_out WHERE model_id IN ({older})", [model_id])
    for seq, row in zip(seqs.tolist(), probabilities, strict=True):
        if row.any():
            db.execute(_STORE_SQL, {"model": model_id, "seq": seq, "class_id": classes[int(row.argmax())]})


def _said(db: Db, model_id: int, classes: Sequence[int], wanted: Sequence[int]) -> tuple[dict[int, int], int]:
    """The class that a model suggests by seq, for the wanted ones that it has one for; and how many faces it has."""
    found: dict[int, int] = {}
    covered = 0
    by_block: dict[int, list[int]] = {}
    for seq in wanted:
        by_block.setdefault(seq // BLOCK, []).append(seq)
    for block, data in db.execute("SELECT block, data FROM suggestion_blocks WHERE model_id = ?", [model_id]):
        rows = np.frombuffer(data, "<u2").reshape(BLOCK, len(classes))
        has = np.asarray(rows.any(axis=1))
        covered += int(has.sum())
        for seq in by_block.get(block, ()):
            if has[seq % BLOCK]:
                found[seq] = classes[int(rows[seq % BLOCK].argmax())]
    return found, covered


def _held_out(db: Db, model_id: int, known: Mapping[int, tuple[str, int]]) -> dict[int, int]:
    said = dict(db.execute("SELECT face_id, class_id FROM held_out WHERE model_id = ?", [model_id]).fetchall())
    return {seq: said[face_id] for seq, (face_id, _) in known.items() if face_id in said}


def _suggester(
    row: tuple[int, str, int, str, str, str, str],
    covered: int,
    right: Mapping[int, bool],
    other: Mapping[int, bool],
    in_force: str,
    gold: Sequence[int],
    drawn: Sequence[int],
) -> Suggester:
    _, name, version, kind, made_at, _, parameters = row
    both = [seq for seq in right if seq in other]
    told = json.loads(parameters).get("version", "") if kind == "outside" else ""
    return Suggester(
        name, version, str(told), kind, made_at, name == in_force, covered,
        _share(right, gold), _share(right, drawn), len(both),
        sum(right[seq] and not other[seq] for seq in both), sum(other[seq] and not right[seq] for seq in both),
    )  # fmt: skip


def _share(right: Mapping[int, bool], of: Sequence[int]) -> Share:
    told = [right[seq] for seq in of if seq in right]
    return Share(sum(told), len(told))
