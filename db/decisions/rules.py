"""Quality rules: named ranges of metrics that reject undecided faces while the rule is switched on.

Nothing else rejects a face without a person looking at it. A rule's decisions carry its own annotator name ("rule:
small mouths"). They are one step, which is undone when the rule is switched off; a person's later decision stays.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Final

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.decisions import chain
from db.decisions.log import apply_ops, take_back
from db.decisions.ops import DecideOp
from db.projection.columns import Faces
from db.projection.filters import Ranges, failing, outside, stored_ends
from db.tables import audit
from db.tables.annotators import RULE_PREFIX
from pipeline.core.errors import UsageError
from pipeline.core.geometry import DLIB
from pipeline.core.messages import message
from pipeline.core.names import clean_name, find_name, invisible_in
from pipeline.core.records import REJECT_REASONS, Verdict

LONGEST_NAME: Final = 80
CHUNK: Final = 100
"""Decisions in one write; other annotators' decisions wait while it runs."""
COUNT_STEP_SQL: Final = "SELECT count(*), min(seq) FROM decisions WHERE step = ? AND annotator = ?"
COUNT_ROWS_SQL: Final = "SELECT count(*) FROM decisions WHERE annotator = ? AND seq >= ?"
LAST_UNDONE_SQL: Final = """
SELECT d.seq FROM decisions u JOIN decisions d ON d.uuid = u.undoes
WHERE u.annotator = ? AND u.verdict = 'undo' AND u.step <> ? ORDER BY u.seq DESC LIMIT 1
"""
STANDING_SQL: Final = """
SELECT d.uuid, d.face_id, d.sha256 FROM decisions d LEFT JOIN decisions u ON u.undoes = d.uuid
WHERE d.step = ? AND d.annotator = ? AND d.seq > ? AND d.verdict <> 'undo' AND u.seq IS NULL ORDER BY d.seq LIMIT ?
"""
STANDING_FACES_SQL: Final = """
SELECT f.seq, d.uuid, d.face_id, d.sha256 FROM decisions d CROSS JOIN faces f ON f.id = d.face_id
LEFT JOIN decisions u ON u.undoes = d.uuid
WHERE d.step = ? AND d.annotator = ? AND d.verdict <> 'undo' AND f.removed_at IS NULL AND u.seq IS NULL ORDER BY d.seq
"""
_BEGUN_SQL: Final = (
    "SELECT name, conditions, reason, active, step, landmark_model FROM rules WHERE step IS NOT NULL ORDER BY name"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: it rejects undecided faces with a metric outside one of its ranges.

    ranges: (metric, low, high), see `filters.Ranges`. reason: the slug that its rejects carry. annotator: who changed
    it last. decided: how many of its decisions were not undone; a person may have decided on those faces since.
    landmarks: the model for whose landmarks the ranges were set, see `filters.outside`."""

    name: str
    ranges: Ranges
    reason: str
    active: bool
    annotator: str
    changed_at: str
    decided: int
    landmarks: str = DLIB


def list_rules(db: Db) -> list[Rule]:
    """All rules, by name."""
    rows = db.execute(
        "SELECT name, conditions, reason, active, annotator, changed_at, step, landmark_model FROM rules ORDER BY name"
    ).fetchall()
    return [
        Rule(name, _ranges(text), reason, bool(active), who, at, _count_standing(db, name, step), model)
        for name, text, reason, active, who, at, step, model in rows
    ]


def save_rule(db: Db, name: str, ranges: Ranges, reason: str, annotator: str, landmarks: str = DLIB) -> str:
    """Save a rule, switched off, and return its cleaned name. A rule of that name that is switched off is overwritten.

    Inside a write. Raises UsageError for a bad name, no ranges, an unknown metric or reason, or a rule that is on.
    """
    cleaned = _find(db, name) or clean_name(name)
    if not 0 < len(cleaned) <= LONGEST_NAME or invisible_in(cleaned):
        raise UsageError(message("rule_name", most=LONGEST_NAME))
    if not ranges or all(low is None and high is None for _, low, high in ranges):
        raise UsageError(message("rule_without_end"))
    stored_ends(ranges)
    if reason not in REJECT_REASONS:
        raise UsageError(message("reason_unknown", reason=reason, reasons=tuple(REJECT_REASONS)))
    row = db.execute("SELECT active, step FROM rules WHERE name = ?", [cleaned]).fetchone()
    if row is not None and (row[0] or _count_standing(db, cleaned, row[1])):
        raise UsageError(message("rule_on_change", name=cleaned))
    conditions = json.dumps({metric: [low, high] for metric, low, high in ranges}, sort_keys=True)
    db.execute(
        "INSERT INTO rules (name, conditions, reason, active, annotator, changed_at, landmark_model)"
        " VALUES (?, ?, ?, 0, ?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET conditions = excluded.conditions, reason = excluded.reason,"
        " annotator = excluded.annotator, changed_at = excluded.changed_at,"
        " landmark_model = excluded.landmark_model",
        [cleaned, conditions, reason, annotator, now_iso(), landmarks],
    )
    said = {"rule": cleaned, "reason": reason, "ranges": json.loads(conditions)}
    audit.append(db, annotator, "rule_saved", said if landmarks == DLIB else {**said, "landmarks": landmarks})
    return cleaned


def delete_rule(db: Db, name: str, *, by: str = audit.COMMAND_LINE) -> None:
    """Delete a rule; its decisions stay in the log. Inside a write.

    Raises UsageError for a rule that is on, or was switched off and has decisions that are still to be undone.
    """
    name, active, step = _row(db, name)
    if active or _count_standing(db, name, step):
        raise UsageError(message("rule_on", name=name))
    db.execute("DELETE FROM rules WHERE name = ?", [name])
    audit.append(db, by, "rule_forgotten", {"rule": name})


def would_reject(db: Db, ranges: Ranges, landmarks: str = DLIB) -> int:
    """How many undecided faces have a metric outside the ranges; a missing metric does not count as outside."""
    return len(failing(Faces(db), ranges, landmarks))


def switch_on(db: Db, name: str, annotator: str) -> int:
    """Switch a rule on and reject the first chunk of faces. Call `apply_active_rules` until it returns 0 for the rest.

    Inside a write. Returns the number of decisions made. Raises UsageError for an unknown rule.
    """
    name, active, step = _row(db, name)
    if not active:
        # what an interrupted switching-off left stands again, or no later one would find it
        kept = step if _count_standing(db, name, step) else str(uuid.uuid4())
        db.execute(
            "UPDATE rules SET active = 1, step = ?, annotator = ?, changed_at = ? WHERE name = ?",
            [kept, annotator, now_iso(), name],
        )
        audit.append(db, annotator, "rule_on", {"rule": name})
    return apply_active_rules(db)


def switch_off(db: Db, name: str, annotator: str) -> int:
    """Switch a rule off and undo the first chunk of its decisions; see `switch_on`."""
    name, active, _ = _row(db, name)
    if active:
        audit.append(db, annotator, "rule_off", {"rule": name})
    db.execute(
        "UPDATE rules SET active = 0, annotator = ?, changed_at = ? WHERE name = ? AND active = 1",
        [annotator, now_iso(), name],
    )
    return apply_active_rules(db)


def apply_active_rules(db: Db) -> int:
    """Do one chunk of pending work: rejects by rules that are on, undos for rules that are off. Returns how many.

    Inside a write; 0 if nothing is pending. Also called after an ingest, when rules that are on reject new faces, and
    after a reprocess, when they undo the rejects of faces that pass now.
    """
    for name, text, reason, active, step, model in db.execute(_BEGUN_SQL).fetchall():
        done = _keep_to(db, name, _ranges(text), reason, step, model) if active else _take_back(db, name, step)
        if done:
            return done
    return 0


def is_pending(db: Db) -> bool:
    """Whether `apply_active_rules` would find anything to do. In a read, so that nobody's decision waits for it."""
    for name, text, _, active, step, model in db.execute(_BEGUN_SQL).fetchall():
        if not active:
            if _standing(db, name, step):
                return True
        elif would_reject(db, _ranges(text), model) or _passing(db, name, _ranges(text), step, model):
            return True
    return False


def _reject(db: Db, name: str, ranges: Ranges, reason: str, step: str, model: str) -> int:
    chosen = json.dumps(failing(Faces(db), ranges, model)[:CHUNK].tolist())
    sql = "SELECT f.id, f.sha256 FROM json_each(?) j CROSS JOIN faces f ON f.seq = j.value"
    ops = [
        DecideOp(str(uuid.uuid4()), step, face_id, sha256, Verdict.REJECT, None, reason)
        for face_id, sha256 in db.execute(sql, [chosen])
    ]
    return sum(result.status == "saved" for result in apply_ops(db, annotator_of(name), ops)) if ops else 0


def _keep_to(db: Db, name: str, ranges: Ranges, reason: str, step: str, model: str) -> int:
    return _reject(db, name, ranges, reason, step, model) or _release(db, name, ranges, step, model)


def _release(db: Db, name: str, ranges: Ranges, step: str, model: str) -> int:
    """Take back a chunk of the rejects whose faces have other figures now, and pass."""
    passing = _passing(db, name, ranges, step, model)
    if passing:
        take_back(db, annotator_of(name), _release_step(step), passing, now_iso())
        chain.remember_head(db)
    return len(passing)


def _passing(db: Db, name: str, ranges: Ranges, step: str, model: str) -> list[tuple[str, str, str]]:
    """The first of those rejects: key, face and photo. Reads all rejects of the rule."""
    rows = db.execute(STANDING_FACES_SQL, [step, annotator_of(name)]).fetchall()
    if not rows:
        return []
    fails = outside(Faces(db), ranges, model)
    return [(key, face, sha) for seq, key, face, sha in rows if not fails[seq]][:CHUNK]


def _release_step(step: str) -> str:
    """Under this name rejects are taken back one by one; those of a rule that is off go in their order."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{step} passes now"))


def _take_back(db: Db, name: str, step: str) -> int:
    """The next chunk of the step."""
    standing = _standing(db, name, step)
    if standing:
        take_back(db, annotator_of(name), str(uuid.uuid4()), standing, now_iso())
        chain.remember_head(db)
    return len(standing)


def _standing(db: Db, name: str, step: str) -> list[tuple[str, str, str]]:
    """Key, face and photo of its next chunk: it is undone from its start on, so what stands lies behind the last one
    undone."""
    who = annotator_of(name)
    undone = db.execute(LAST_UNDONE_SQL, [who, _release_step(step)]).fetchone()
    rows = db.execute(STANDING_SQL, [step, who, undone[0] if undone else 0, CHUNK])
    return [(one, face_id, sha) for one, face_id, sha in rows]


def annotator_of(name: str) -> str:
    """The annotator name of a rule's decisions."""
    return f"{RULE_PREFIX} {name}"


def _count_standing(db: Db, name: str, step: str | None) -> int:
    """The step's decisions without their undos: a rule's rows behind the first of a step are one or the other."""
    if step is None:
        return 0
    number, first = db.execute(COUNT_STEP_SQL, [step, annotator_of(name)]).fetchone()
    (rows,) = db.execute(COUNT_ROWS_SQL, [annotator_of(name), first or 0]).fetchone()
    return int(2 * number - rows) if number else 0


def _row(db: Db, name: str) -> tuple[str, bool, str | None]:
    """Its name as it is kept, whether it is on, and its step. Raises UsageError."""
    row = db.execute("SELECT name, active, step FROM rules WHERE name = ?", [_find(db, name)]).fetchone()
    if row is None:
        raise UsageError(message("rule_unknown", name=name))
    return row[0], bool(row[1]), row[2]


def _find(db: Db, name: str) -> str | None:
    return find_name(name, [kept for (kept,) in db.execute("SELECT name FROM rules ORDER BY name")])


def _ranges(text: str) -> Ranges:
    return tuple((metric, low, high) for metric, (low, high) in json.loads(text).items())
