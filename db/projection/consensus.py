"""What the answers on one face amount to under the workspace's rule. Pure: no database in here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from db.tables.annotators import RULE_PREFIX
from db.tables.consensus_rules import (
    ADJUDICATED,
    DISPUTE,
    LATEST,
    MAJORITY,
    OPINION,
    QUORUM,
    TIE,
    AnnotatorModel,
    ConsensusRule,
    Label,
    Waiting,
    label_of,
)

ADJUDICATION: Final = "adjudication"
"""The `kind` of a decision that ends a dispute; an answer has ''."""


class Answer(NamedTuple):
    """A standing decision that takes part: an annotator's own newest answer on the face, or an adjudication.

    seq: its place in the log, which also names it. blocked: it was made without seeing a decision that counted then
    and still stands (is not undone).
    """

    seq: int
    annotator: str
    verdict: str
    class_id: int | None
    kind: str = ""
    blocked: bool = False

    @property
    def label(self) -> Label:
        return label_of(self.verdict, self.class_id)


class Consensus(NamedTuple):
    """counts: the decision whose verdict, class and reason are the face's, None where none counts. waiting: why none
    does although people answered. adjudicated: what counts is an adjudication."""

    counts: Answer | None = None
    waiting: Waiting = ""
    adjudicated: bool = False


NOTHING: Final = Consensus()


def consensus_of(answers: Sequence[Answer], rule: ConsensusRule, wanted: int = 0) -> Consensus:
    """What counts on a face.

    answers: of each annotator at most one beside adjudications. wanted: how many people's answers a second opinion asks
    for, 0 where none does. An adjudication goes before the rule (under `latest` until somebody decides knowingly
    afterwards), the rule before decisions of rules that reject by figures: those count only where no person answered.
    """
    people = [one for one in answers if not one.kind and not one.annotator.startswith(RULE_PREFIX)]
    adjudications = [one for one in answers if one.kind]
    if adjudications and rule.name != LATEST:
        return Consensus(_newest(adjudications), adjudicated=True)
    if not people and not adjudications:
        return Consensus(max(answers)) if answers else NOTHING
    if not adjudications and len(people) < wanted:
        return Consensus(waiting=OPINION)
    if rule.name == LATEST:
        counts = _newest([*people, *adjudications])
        return Consensus(counts, adjudicated=bool(counts.kind))
    if len(people) < rule.quorum:
        return Consensus(waiting=QUORUM)
    if rule.name == MAJORITY:
        return _majority(people)
    if rule.name == ADJUDICATED or rule.model is None:
        same = len({one.label for one in people}) == 1
        return Consensus(max(people)) if same else Consensus(waiting=DISPUTE)
    return _likeliest(people, rule.model, rule.least)


def _newest(answers: Sequence[Answer]) -> Answer:
    """The newest one that is not blocked.

    Under one rule there always is one: what an answer did not see was not blocked itself, and stays so. Where the rule
    was another one meanwhile there may be none; then it is the newest of all.
    """
    return max([one for one in answers if not one.blocked] or answers)


def _majority(people: Sequence[Answer]) -> Consensus:
    """What most people answered, as its newest answer says it; nothing where two answers have most."""
    (first, most), *others = Counter(one.label for one in people).most_common(2)
    if others and others[0][1] == most:
        return Consensus(waiting=TIE)
    return Consensus(max(one for one in people if one.label == first))


def _likeliest(people: Sequence[Answer], model: AnnotatorModel, least: float) -> Consensus:
    """The answer with the highest posterior under the model, if it is at least `least`, and somebody gave it."""
    given = {one.label for one in people}
    undecided = Consensus(waiting=QUORUM if len(given) == 1 else DISPUTE)
    if not given <= set(model.labels):  # a class that is newer than the fit
        return undecided
    chances = posterior(people, model)
    best = max(chances, key=lambda label: (chances[label], label))
    if best not in given or chances[best] < least or list(chances.values()).count(chances[best]) > 1:
        return undecided
    return Consensus(max(one for one in people if one.label == best))


def posterior(people: Sequence[Answer], model: AnnotatorModel) -> dict[Label, float]:
    """The probability of each label to be the right one, given the answers: the E-step of Dawid and Skene, "Maximum
    Likelihood Estimation of Observer Error-Rates Using the EM Algorithm", Applied Statistics 28 (1979), eq. 2.5.

    Only plain products in a fixed order, so that each machine gets the same bits.
    """
    at = {label: number for number, label in enumerate(model.labels)}
    weights = list(model.prior)
    for one in sorted(people, key=lambda one: one.annotator):
        rows = model.confusion.get(one.annotator, model.confusion[""])
        weights = [weight * rows[number][at[one.label]] for number, weight in enumerate(weights)]
    total = sum(weights)
    shares = [weight / total if total else 1 / len(weights) for weight in weights]
    return dict(zip(model.labels, shares, strict=True))
