"""The workspace's consensus rule: which answer counts on a face where several people answered; and each change of it.

`db.projection.consensus` applies it; here is what it is, as it is stored: the newest change that is not undone holds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

from db.base.clock import now_iso
from pipeline.core.errors import UsageError
from pipeline.core.messages import Message, message
from pipeline.core.ranges import LEAST_CHANCE
from pipeline.core.ranges import QUORUM as QUORUMS

if TYPE_CHECKING:  # the command line's arguments name the rules
    from sqlite_utils.db import Database as Db

LATEST: Final = "latest"
MAJORITY: Final = "majority"
ADJUDICATED: Final = "adjudicated"
DAWID_SKENE: Final = "dawid-skene"
RULES: Final = (LATEST, MAJORITY, ADJUDICATED, DAWID_SKENE)

OPINION: Final = "opinion"
QUORUM: Final = "quorum"
TIE: Final = "tie"
DISPUTE: Final = "dispute"
WAITING_FOR: Final = (OPINION, QUORUM, TIE, DISPUTE)
"""Why nothing counts on a face that people answered: a second opinion is open; too few answered; as many say one thing
as another; people differ and somebody has to adjudicate."""
OPINION_OPEN: Final = f"waiting <> '' AND waiting = '{OPINION}'"
"""The condition, of rows of `face_state`. Both halves: SQLite takes the index of what waits only where the index's own
condition is said, else it goes through all faces."""

Waiting = Literal["", "opinion", "quorum", "tie", "dispute"]
Label = str
"""An answer without its reason, as text: `accept:3` (with the class id), `reject` or `unsure`."""


@dataclass(frozen=True, slots=True)
class AnnotatorModel:
    """What a Dawid–Skene fit says of the answers of people, all of them probabilities.

    labels: the answers that were met. prior: of each label to be the right one. confusion: for each annotator a row
    for each right label, and in it the probability of each answer; `""`: of somebody whom the fit did not meet.
    """

    labels: tuple[Label, ...]
    prior: tuple[float, ...]
    confusion: Mapping[str, tuple[tuple[float, ...], ...]]


@dataclass(frozen=True, slots=True)
class ConsensusRule:
    """latest: the newest answer that was not given unseen of the one that counts. majority: what most people answered.
    adjudicated: what all agree on, else an adjudication. dawid-skene: the likeliest answer by `model`.

    quorum: people who must have answered first; not with latest. least: the least probability; dawid-skene's alone.
    """

    name: str = LATEST
    quorum: int = 1
    least: float = 0.0
    model: AnnotatorModel | None = None

    def __post_init__(self) -> None:
        """Raises UsageError."""
        if self.name not in RULES:
            raise UsageError(message("consensus_rule", name=self.name, names=tuple(RULES)))
        if self.quorum not in QUORUMS:
            raise UsageError(message("consensus_quorum", n=self.quorum, most=QUORUMS.most))
        if self.least not in LEAST_CHANCE:
            raise UsageError(message("consensus_least", p=self.least))

    @property
    def needs_fit(self) -> bool:
        return self.name == DAWID_SKENE and self.model is None

    @property
    def slug(self) -> str:
        """In one word, for files: `latest`, `majority:3`, `adjudicated:1`, `dawid-skene:2:0.8`."""
        parts = [self.name] if self.name == LATEST else [self.name, str(self.quorum)]
        return ":".join([*parts, f"{self.least:g}"] if self.name == DAWID_SKENE else parts)

    def describe(self) -> Message:
        """In a few words: which answer counts."""
        if self.name == LATEST:
            return message("rule_latest")
        code = {MAJORITY: "rule_majority", ADJUDICATED: "rule_adjudicated"}.get(self.name, "rule_dawid_skene")
        if self.quorum > 1:
            return message(f"{code}_of", n=self.quorum, **self._share())
        return message(code, **self._share())

    def _share(self) -> dict[str, str]:
        return {"p": f"{self.least:g}"} if self.name == DAWID_SKENE else {}

    def to_json(self) -> str:
        """As it is stored."""
        values: dict[str, Any] = {"name": self.name}
        if self.name != LATEST:
            values["quorum"] = self.quorum
        if self.name == DAWID_SKENE:
            values["least"] = self.least
        if self.model is not None:
            values["model"] = {
                "labels": self.model.labels,
                "prior": self.model.prior,
                "confusion": dict(self.model.confusion),
            }
        return json.dumps(values, sort_keys=True)


@lru_cache(maxsize=64)
def rule_from_json(text: str) -> ConsensusRule:
    """A stored rule. Raises UsageError for one of a later Moue, or that Moue did not write."""
    try:
        values = json.loads(text)
        found = values.get("model")
        model = found and AnnotatorModel(
            tuple(found["labels"]),
            tuple(found["prior"]),
            {name: tuple(tuple(row) for row in rows) for name, rows in found["confusion"].items()},
        )
        return ConsensusRule(values["name"], values.get("quorum", 1), values.get("least", 0.0), model)
    except (TypeError, KeyError, ValueError, AttributeError) as e:
        raise UsageError(message("consensus_rule", name=text, names=tuple(RULES))) from e


def label_of(verdict: str, class_id: int | None) -> Label:
    """The label of an answer: reasons of a rejection are no answers of their own."""
    return f"{verdict}:{class_id}" if class_id is not None else verdict


DEFAULT: Final = ConsensusRule()
CURRENT_SQL: Final = "SELECT rule FROM consensus_rules WHERE undone_at IS NULL ORDER BY id DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One change of the rule, and who undid it when."""

    id: int
    rule: ConsensusRule
    annotator: str
    at: str
    undone_by: str | None
    undone_at: str | None


def current_rule(db: Db) -> ConsensusRule:
    """The rule that holds; `latest` until somebody chooses another one."""
    row = db.execute(CURRENT_SQL).fetchone()
    return DEFAULT if row is None else rule_from_json(row[0])


def find_rule(db: Db, number: int) -> ConsensusRule:
    """The rule of a change, 0 for the one at first. Raises UsageError where there is no such change."""
    if not number:
        return DEFAULT
    row = db.execute("SELECT rule FROM consensus_rules WHERE id = ?", [number]).fetchone()
    return rule_from_json("null" if row is None else row[0])


def list_changes(db: Db) -> list[RuleChange]:
    """All changes, the newest first."""
    sql = "SELECT id, rule, annotator, at, undone_by, undone_at FROM consensus_rules ORDER BY id DESC"
    return [RuleChange(number, rule_from_json(text), *rest) for number, text, *rest in db.execute(sql)]


def add_change(db: Db, rule: ConsensusRule, annotator: str) -> int:
    """Note that this rule holds from now on, and return the change's number. Inside a write; the projection follows
    in `db.decisions.consensus`."""
    sql = "INSERT INTO consensus_rules (rule, annotator, at) VALUES (?, ?, ?)"
    db.execute(sql, [rule.to_json(), annotator, now_iso()])
    (number,) = db.execute("SELECT max(id) FROM consensus_rules").fetchone()
    return int(number)


def undo_change(db: Db, number: int, annotator: str) -> bool:
    """Note that a change is undone; False where it was already. Inside a write."""
    sql = "UPDATE consensus_rules SET undone_by = ?, undone_at = ? WHERE id = ? AND undone_at IS NULL"
    return bool(db.execute(sql, [annotator, now_iso(), number]).rowcount)
