"""Steps of decisions, newest first, and taking one of them back alone: what was decided since stays.

A page costs the same however long the log is: the next step is found from its last row, its size by the index on steps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.decisions import chain, redo
from db.decisions.log import take_back
from db.tables.annotators import RULE_PREFIX, ensure_annotator
from db.team.blind import blind_for
from db.team.history import Wanted, first_from
from pipeline.core.errors import DecisionError
from pipeline.core.messages import message

PAGE: Final = 25
MOST_COUNTED: Final = 20_000
"""Decisions of one step that are counted; of a larger one it is said that there are more."""
_MOST_RUNS: Final = 2_000
"""Steps that are looked at for one page, where few are of the kind that is wanted."""
KINDS: Final = ("decided", "adjudicated", "taken_back")


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody did at once. at: of its last decision, UTC ISO 8601; began: of its first one. kind: one of KINDS.
    what: decisions by (verdict, class id), None where the reader must not know it yet. n: how many, MOST_COUNTED at
    most, then `more`. standing: of these, how many are not taken back. by_rule: of a quality rule, which has a switch.
    """

    seq: int
    step: str
    annotator: str
    at: str
    began: str
    kind: str
    what: Mapping[tuple[str, int | None], int] | None
    n: int
    standing: int
    more: bool
    by_rule: bool


@dataclass(frozen=True, slots=True)
class TakenBack:
    """n: decisions that were taken back. since: by person, on how many of the faces they decided later; that stays."""

    n: int
    since: Mapping[str, int]


def steps(
    db: Db, viewer: str, wanted: Wanted, kind: str = "", before: int | None = None, most: int = PAGE
) -> tuple[list[Step], int | None]:
    """The next steps, newest first, by the time of their last decision, and the seq before which the ones behind them
    lie, None at the end. wanted: whose, and of which days; its action is not looked at. kind: one of KINDS, "" for all.
    """
    end = first_from(db, "decisions", wanted.until) if wanted.until else 1 << 62
    begin = first_from(db, "decisions", wanted.since) if wanted.since else 0
    whose, params = (" AND annotator = ?", [wanted.annotator]) if wanted.annotator else ("", [])
    newest = f"SELECT seq, step, annotator FROM decisions WHERE seq < ? AND seq >= ?{whose} ORDER BY seq DESC LIMIT 1"
    run = f"SELECT seq FROM decisions WHERE seq < ? AND seq >= ?{whose} AND (step <> ? OR annotator <> ?)"
    at = min(before or end, end)
    found: list[Step] = []
    for _ in range(_MOST_RUNS):
        row = db.execute(newest, [at, begin, *params]).fetchone()
        if row is None:
            return found, None
        seq, step, annotator = row
        last = "SELECT max(seq) FROM decisions WHERE step = ? AND annotator = ? AND seq < ?"
        if db.execute(last, [step, annotator, end]).fetchone()[0] == seq:  # else it stands further up already
            one = _read(db, viewer, seq, step, annotator)
            found += [one] if kind in ("", one.kind) else []
        behind = db.execute(f"{run} ORDER BY seq DESC LIMIT 1", [seq, begin, *params, step, annotator]).fetchone()
        if behind is None:
            return found, None
        at = behind[0] + 1
        if len(found) == most:
            break
    return found, at


def has_standing(db: Db, annotator: str) -> bool:
    """Whether there is a step of theirs that they could take back."""
    sql = """
    SELECT 1 FROM decisions d WHERE d.annotator = ? AND d.verdict <> 'undo'
      AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.uuid) LIMIT 1
    """
    return db.execute(sql, [annotator]).fetchone() is not None


def take_back_step(db: Db, actor: str, annotator: str, step: str, key: str) -> TakenBack:
    """Take back what stands of the step of `annotator`, for `actor`; inside a write. key: a new UUID, the undo's step.

    Whether the actor may is for the caller to know. A second call with a key changes nothing. Redo does not bring back
    what was somebody else's. Raises DecisionError where nothing of it stands, or a rule made it.
    """
    who = ensure_annotator(db, actor)
    if annotator.startswith(RULE_PREFIX):
        raise DecisionError(message("step_of_rule"))
    if db.execute("SELECT 1 FROM decisions WHERE step = ? AND annotator = ? LIMIT 1", [key, who]).fetchone():
        return TakenBack(0, {})
    sql = """
    SELECT d.uuid, d.face_id, d.sha256, d.seq FROM decisions d WHERE d.step = ? AND d.annotator = ?
      AND d.verdict <> 'undo' AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.uuid) ORDER BY d.seq
    """
    rows = db.execute(sql, [step, annotator]).fetchall()
    if not rows:
        raise DecisionError(message("step_nothing_stands"))
    since: Counter[str] = Counter()
    later = "SELECT DISTINCT annotator FROM answers WHERE face_id = ? AND seq > ? AND annotator <> ?"
    for _, face, _, seq in rows:
        since.update(name for (name,) in db.execute(later, [face, seq, annotator]))
    at = now_iso()
    take_back(db, who, key, [row[:3] for row in rows], at)
    if who != annotator:
        redo.give_up(db, who, key, at)
    chain.remember_head(db)
    return TakenBack(len(rows), dict(since))


def _read(db: Db, viewer: str, seq: int, step: str, annotator: str) -> Step:
    sql = f"""
    SELECT d.verdict, d.class_id, d.kind, d.at, d.face_id, d.verdict <> 'undo'
      AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.uuid)
    FROM decisions d WHERE d.step = ? AND d.annotator = ? ORDER BY d.seq DESC LIMIT {MOST_COUNTED + 1}
    """
    rows: list[tuple[Any, ...]] = db.execute(sql, [step, annotator]).fetchall()
    more, rows = len(rows) > MOST_COUNTED, rows[:MOST_COUNTED]
    undo = rows[0][0] == "undo"
    kind = "taken_back" if undo else "adjudicated" if rows[0][2] else "decided"
    faces = sorted({row[4] for row in rows})
    blind = blind_for(db, viewer, faces)
    shown = annotator == viewer or not any(face in blind for face in faces)
    return Step(
        seq, step, annotator, rows[0][3], rows[-1][3], kind,
        None if undo or not shown else Counter((row[0], row[1]) for row in rows),
        len(rows), sum(row[5] for row in rows), more, annotator.startswith(RULE_PREFIX),
    )  # fmt: skip
