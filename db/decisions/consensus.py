"""The workspace's consensus rule: what another one would change, changing it, and taking a change back.

Nothing of the log changes with it: only which of the answers counts. Inside a write all other decisions wait, so many
faces are counted in parts behind the change (`db.projection.anew.recount`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlite_utils.db import Database as Db

from db.projection.anew import recounts
from db.projection.consensus import Consensus
from db.projection.face_state import Stored, differences, put_consensus
from db.tables import audit
from db.tables.annotators import RULE_PREFIX, ensure_annotator
from db.tables.consensus_rules import (
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


def preview(db: Db, rule: ConsensusRule) -> Preview:
    """What the rule would change if it held now. Reads every face. Raises UsageError while faces are counted anew: what
    counts on some of them is about to change by itself."""
    if (recount := recounts.waiting(db)) is not None:
        raise UsageError(message("consensus_recounting", n=recount.left))
    moves = Counter((_before(stored), _after(found)) for _, stored, found in differences(db, rule))
    return Preview(rule, {move: n for move, n in sorted(moves.items()) if move[0] != move[1]})


def set_rule(db: Db, rule: ConsensusRule, annotator: str) -> int:
    """Let the rule hold from now on, and count every face under it; returns on how many another decision counts.

    Inside a write, which all others wait for: where there are many answers, `begin_rule` is for it. Raises UsageError
    for a Dawid–Skene rule that was not fitted.
    """
    _change(db, rule, annotator)
    return _project_all(db)


def begin_rule(db: Db, rule: ConsensusRule, annotator: str, left: int) -> None:
    """Let the rule hold from now on; which faces it changes is left to `db.store.recounting`. Inside a write.

    left: see `recounts.begin`. Raises as `set_rule`.
    """
    recounts.begin(db, _change(db, rule, annotator), left)


def undo_rule(db: Db, annotator: str) -> ConsensusRule:
    """Take back the newest change that is not, and count every face; returns the rule that holds now. Inside a write.

    Raises UsageError where there is none.
    """
    _take_back(db, annotator)
    _project_all(db)
    return current_rule(db)


def begin_undo(db: Db, annotator: str, left: int) -> None:
    """The same as far as `begin_rule` goes."""
    recounts.begin(db, _take_back(db, annotator), left)


def answers_to_fit(db: Db) -> list[tuple[str, str, Label]]:
    """(face id, annotator, label) of every person's answer. Reads all answers."""
    sql = f"""
    SELECT face_id, annotator, verdict, class_id FROM answers
    WHERE substr(annotator, 1, {len(RULE_PREFIX)}) <> '{RULE_PREFIX}' ORDER BY face_id, annotator
    """
    return [(face, who, label_of(verdict, class_id)) for face, who, verdict, class_id in db.execute(sql)]


def _change(db: Db, rule: ConsensusRule, annotator: str) -> int:
    """Returns the id of the change whose rule held before."""
    _check_fitted(rule)
    before = _standing(db)
    name = ensure_annotator(db, annotator)
    number = add_change(db, rule, name)
    audit.append(db, name, "consensus_rule", {"change": number, "rule": rule.slug})
    return before


def _take_back(db: Db, annotator: str) -> int:
    """Returns the id of the change that was taken back."""
    newest = _standing(db)
    if not newest:
        raise UsageError(message("consensus_nothing_to_undo"))
    name = ensure_annotator(db, annotator)
    undo_change(db, newest, name)
    audit.append(db, name, "consensus_rule_undone", {"change": newest, "rule": current_rule(db).slug})
    return newest


def _standing(db: Db) -> int:
    """The id of the newest change that is not taken back, 0 where none is."""
    return next((one.id for one in list_changes(db) if one.undone_at is None), 0)


def _project_all(db: Db) -> int:
    changed = [(face_id, found) for face_id, _, found in differences(db, current_rule(db))]
    put_consensus(db, changed)
    recounts.end_all(db)
    return len(changed)


def _check_fitted(rule: ConsensusRule) -> None:
    if rule.needs_fit:
        raise UsageError(message("consensus_not_fitted"))


def _before(stored: Stored) -> Label:
    return NOTHING_COUNTS if stored.verdict is None else label_of(stored.verdict, stored.class_id)


def _after(found: Consensus) -> Label:
    return NOTHING_COUNTS if found.counts is None else found.counts.label
