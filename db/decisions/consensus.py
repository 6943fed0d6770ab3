"""The workspace's consensus rule: what another one would change, changing it, and taking a change back.

Nothing of the log changes with it: only which of the answers counts. Inside a write all other decisions wait, so what
a rule makes of every face is worked out before, from a snapshot (`prepare`); the write does what has changed since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlite_utils.db import Database as Db

from db.projection.consensus import Consensus
from db.projection.face_state import Stored, differences, project_face, put_consensus
from db.tables import audit
from db.tables.annotators import RULE_PREFIX, ensure_annotator
from db.tables.consensus_rules import (
    DEFAULT,
    ConsensusRule,
    Label,
    add_change,
    current_rule,
    label_of,
    list_changes,
    undo_change,
)
from pipeline.core.errors import UsageError
from pipeline.core.messages import message

_STAMP_SQL: Final = """
SELECT name, row_count, digest FROM table_digests WHERE name IN ('faces', 'second_opinions', 'consensus_rules')
ORDER BY name
"""
_TOUCHED_SQL: Final = "SELECT DISTINCT face_id FROM decisions WHERE seq > ?"
_COUNTS_SQL: Final = "SELECT decision_uuid, waiting, adjudicated FROM face_state WHERE face_id = ?"
NOTHING_COUNTS = ""
"""Stands for the label of a face on which nothing counts."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would change. moves: for each pair of labels (what counts now, what would count) how many faces;
    NOTHING_COUNTS where nothing does. waiting: why how many of all faces would wait then."""

    rule: ConsensusRule
    moves: Mapping[tuple[Label, Label], int]

    @property
    def gain(self) -> int:
        """Faces on which something would count, and nothing does."""
        return sum(n for (before, _), n in self.moves.items() if before == NOTHING_COUNTS)

    @property
    def lose(self) -> int:
        return sum(n for (_, after), n in self.moves.items() if after == NOTHING_COUNTS)

    @property
    def change(self) -> int:
        return sum(self.moves.values()) - self.gain - self.lose


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a rule would write, as of a snapshot. decisions: the newest one's seq then. stamp: digests of what the
    consensus depends on beside decisions. found: what counts on each face whose state would change."""

    rule: ConsensusRule
    decisions: int
    stamp: tuple[tuple[str, int, bytes], ...]
    found: tuple[tuple[str, Consensus], ...]


def preview(db: Db, rule: ConsensusRule) -> Preview:
    """What the rule would change if it held now. Reads every face."""
    moves = Counter((_before(stored), _after(found)) for _, stored, found in differences(db, rule))
    return Preview(rule, {move: n for move, n in sorted(moves.items()) if move[0] != move[1]})


def prepare(db: Db, rule: ConsensusRule) -> Prepared:
    """Work out what `set_rule` will write. Reads every face. Raises UsageError for a rule that was not fitted."""
    _check_fitted(rule)
    found = tuple((face_id, one) for face_id, _, one in differences(db, rule))
    return Prepared(rule, _newest(db), _stamp(db), found)


def prepare_undo(db: Db) -> Prepared:
    """The same for `undo_rule`."""
    standing = [one.rule for one in list_changes(db) if one.undone_at is None]
    return prepare(db, standing[1] if len(standing) > 1 else DEFAULT)


def set_rule(db: Db, rule: ConsensusRule, annotator: str, prepared: Prepared | None = None) -> int:
    """Let the rule hold from now on; returns on how many faces another decision counts. Inside a write.

    prepared: of this rule, by `prepare`; without it, or where more than decisions came between, every face is read
    here. Raises UsageError for a Dawid–Skene rule that was not fitted.
    """
    _check_fitted(rule)
    stamp = _stamp(db)
    name = ensure_annotator(db, annotator)
    number = add_change(db, rule, name)
    audit.append(db, name, "consensus_rule", {"change": number, "rule": rule.slug})
    return _project_all(db, stamp, prepared)


def undo_rule(db: Db, annotator: str, prepared: Prepared | None = None) -> ConsensusRule:
    """Take back the newest change that is not; returns the rule that holds now. Inside a write.

    prepared: by `prepare_undo`. Raises UsageError where there is none.
    """
    stamp = _stamp(db)
    newest = next((one for one in list_changes(db) if one.undone_at is None), None)
    if newest is None:
        raise UsageError(message("consensus_nothing_to_undo"))
    name = ensure_annotator(db, annotator)
    undo_change(db, newest.id, name)
    rule = current_rule(db)
    audit.append(db, name, "consensus_rule_undone", {"change": newest.id, "rule": rule.slug})
    _project_all(db, stamp, prepared)
    return rule


def answers_to_fit(db: Db) -> list[tuple[str, str, Label]]:
    """(face id, annotator, label) of every person's answer. Reads all answers."""
    sql = f"""
    SELECT face_id, annotator, verdict, class_id FROM answers
    WHERE substr(annotator, 1, {len(RULE_PREFIX)}) <> '{RULE_PREFIX}' ORDER BY face_id, annotator
    """
    return [(face, who, label_of(verdict, class_id)) for face, who, verdict, class_id in db.execute(sql)]


def _project_all(db: Db, stamp: tuple[tuple[str, int, bytes], ...], prepared: Prepared | None) -> int:
    """stamp: from before the rule was changed."""
    rule = current_rule(db)
    if prepared is None or prepared.stamp != stamp or prepared.rule != rule:
        changed = [(face_id, found) for face_id, _, found in differences(db, rule)]
        put_consensus(db, changed)
        return len(changed)
    touched = {face for (face,) in db.execute(_TOUCHED_SQL, [prepared.decisions])}
    changed = [one for one in prepared.found if one[0] not in touched]
    put_consensus(db, changed)
    return len(changed) + sum(_projects_otherwise(db, face, rule) for face in sorted(touched))


def _projects_otherwise(db: Db, face_id: str, rule: ConsensusRule) -> bool:
    before = db.execute(_COUNTS_SQL, [face_id]).fetchone()
    project_face(db, face_id, rule)
    return bool(db.execute(_COUNTS_SQL, [face_id]).fetchone() != before)


def _stamp(db: Db) -> tuple[tuple[str, int, bytes], ...]:
    return tuple(db.execute(_STAMP_SQL).fetchall())


def _newest(db: Db) -> int:
    (seq,) = db.execute("SELECT ifnull(max(seq), 0) FROM decisions").fetchone()
    return int(seq)


def _check_fitted(rule: ConsensusRule) -> None:
    if rule.needs_fit:
        raise UsageError(message("consensus_not_fitted"))


def _before(stored: Stored) -> Label:
    return NOTHING_COUNTS if stored.verdict is None else label_of(stored.verdict, stored.class_id)


def _after(found: Consensus) -> Label:
    return NOTHING_COUNTS if found.counts is None else found.counts.label


def rule_figures(db: Db) -> dict[str, Any]:
    """The rule that holds, for `status` and exports: its name and what it needs."""
    rule = current_rule(db)
    return {"rule": rule.name, "quorum": rule.quorum, "least": rule.least}
