"""What the answers on a face amount to: each rule against the same said another way."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from db.projection.consensus import ADJUDICATION, Answer, Consensus, consensus_of, posterior
from db.tables.consensus_rules import (
    ADJUDICATED,
    DAWID_SKENE,
    LATEST,
    MAJORITY,
    RULES,
    AnnotatorModel,
    ConsensusRule,
    rule_from_json,
)
from pipeline.core.errors import UsageError

SMILE, POUT = ("accept", 1), ("accept", 2)
REJECT, UNSURE = ("reject", None), ("unsure", None)
PEOPLE = ("Ann", "Bob", "Cy", "Dee")
verdicts = some.sampled_from([SMILE, POUT, REJECT, UNSURE])


def said(*what: tuple[str, int | None], names: Sequence[str] = PEOPLE, first: int = 1) -> list[Answer]:
    return [Answer(first + n, name, *one) for n, (name, one) in enumerate(zip(names, what, strict=False))]


def adjudication(seq: int, what: tuple[str, int | None], who: str = "Lee", blocked: bool = False) -> Answer:
    return Answer(seq, who, *what, ADJUDICATION, blocked)


def label(found: Consensus) -> tuple[str, int | None] | str:
    return found.waiting if found.counts is None else (found.counts.verdict, found.counts.class_id)


@pytest.mark.parametrize("name", RULES)
def test_nothing_counts_where_nobody_answered_and_a_rules_reject_only_there(name: str) -> None:
    rule = ConsensusRule(name)
    assert consensus_of([], rule) == Consensus()
    rejected = Answer(9, "rule: small", *REJECT)
    assert consensus_of([rejected], rule).counts == rejected
    assert label(consensus_of([*said(SMILE, SMILE), rejected], rule)) == SMILE


@given(some.lists(verdicts, min_size=1, max_size=4))
def test_latest_is_the_newest_of_all_where_nobody_missed_anything(what: list[tuple[str, int | None]]) -> None:
    answers = said(*what)
    assert consensus_of(answers[::-1], ConsensusRule()) == Consensus(answers[-1])


@given(some.lists(some.tuples(verdicts, some.booleans()), min_size=1, max_size=4))
def test_latest_passes_over_what_was_said_unseen(what: list[tuple[tuple[str, int | None], bool]]) -> None:
    answers = [Answer(n, PEOPLE[n], *one, "", blocked) for n, (one, blocked) in enumerate(what)]
    knowing = [one for one in answers if not one.blocked]
    assert consensus_of(answers, ConsensusRule()).counts == (knowing or answers)[-1]


@given(some.lists(verdicts, max_size=4), some.integers(1, 4))
def test_majority_is_what_a_person_counts(what: list[tuple[str, int | None]], quorum: int) -> None:
    found = consensus_of(said(*what), ConsensusRule(MAJORITY, quorum))
    tally = sorted(((what.count(one), one) for one in set(what)), key=lambda pair: -pair[0])
    if not what:
        assert found == Consensus()
    elif len(what) < quorum:
        assert label(found) == "quorum"
    elif len(tally) > 1 and tally[0][0] == tally[1][0]:
        assert label(found) == "tie"
    else:
        assert label(found) == tally[0][1]
        assert found.counts == [one for one in said(*what) if (one.verdict, one.class_id) == tally[0][1]][-1]


@given(some.lists(verdicts, max_size=4), some.integers(1, 4))
def test_adjudicated_is_what_all_say_or_a_dispute(what: list[tuple[str, int | None]], quorum: int) -> None:
    found = consensus_of(said(*what), ConsensusRule(ADJUDICATED, quorum))
    differ = "quorum" if len(what) < quorum else "dispute"
    wanted = "" if not what else what[0] if len(set(what)) == 1 and len(what) >= quorum else differ
    assert label(found) == wanted


def test_a_reject_counts_whatever_its_reasons_and_unsure_is_an_answer() -> None:
    assert label(consensus_of(said(REJECT, REJECT, SMILE), ConsensusRule(MAJORITY))) == REJECT
    assert label(consensus_of(said(UNSURE, UNSURE, SMILE), ConsensusRule(MAJORITY))) == UNSURE


@pytest.mark.parametrize("name", RULES)
def test_a_second_opinion_that_is_open_waits_under_every_rule(name: str) -> None:
    rule = ConsensusRule(name, 1, 0.0)
    assert label(consensus_of(said(SMILE, SMILE), rule, wanted=3)) == "opinion"
    assert label(consensus_of(said(SMILE, SMILE, SMILE), rule, wanted=3)) == SMILE
    assert consensus_of([], rule, wanted=3) == Consensus()
    assert label(consensus_of([Answer(1, "rule: small", *REJECT)], rule, wanted=3)) == REJECT


@pytest.mark.parametrize("name", RULES)
def test_an_adjudication_goes_before_the_rule(name: str) -> None:
    ends = adjudication(3, POUT)
    found = consensus_of([*said(SMILE, REJECT), ends], ConsensusRule(name), wanted=3)
    assert found == Consensus(ends, adjudicated=True)


def test_under_latest_who_decides_knowingly_afterwards_goes_before_an_adjudication() -> None:
    ends, later = adjudication(3, POUT), Answer(4, "Ann", *SMILE)
    assert consensus_of([*said(SMILE, REJECT)[1:], ends, later], ConsensusRule()) == Consensus(later)
    unseen = later._replace(blocked=True)
    assert consensus_of([ends, unseen], ConsensusRule()) == Consensus(ends, adjudicated=True)
    assert consensus_of([ends, later], ConsensusRule(MAJORITY)) == Consensus(ends, adjudicated=True)


@pytest.mark.parametrize("name", RULES)
def test_of_two_adjudications_the_one_that_saw_the_other_counts(name: str) -> None:
    first, second = adjudication(3, POUT), adjudication(4, SMILE, "Max")
    assert consensus_of([first, second], ConsensusRule(name)).counts == second
    assert consensus_of([first, second._replace(blocked=True)], ConsensusRule(name)).counts == first


# ---- Dawid and Skene: two labels; Ann is nearly always right, Bob nearly always wrong, a stranger tosses a coin
MODEL = AnnotatorModel(
    ("accept:1", "accept:2"),
    (0.5, 0.5),
    {"Ann": ((0.9, 0.1), (0.2, 0.8)), "Bob": ((0.1, 0.9), (0.9, 0.1)), "": ((0.5, 0.5), (0.5, 0.5))},
)


def test_the_posterior_is_bayes_rule_by_hand() -> None:
    found = posterior(said(SMILE, POUT), MODEL)  # Ann: smile; Bob: pout
    one = Fraction(1, 2) * Fraction(9, 10) * Fraction(9, 10)
    two = Fraction(1, 2) * Fraction(2, 10) * Fraction(1, 10)
    assert found["accept:1"] == pytest.approx(float(one / (one + two)))
    assert sum(found.values()) == pytest.approx(1)
    assert posterior(said(SMILE, names=["Eve"]), MODEL) == {"accept:1": 0.5, "accept:2": 0.5}


@pytest.mark.parametrize(
    ("answers", "least", "quorum", "wanted"),
    [
        (said(SMILE, POUT), 0.9, 1, SMILE),  # .976: Bob's pout speaks for a smile
        (said(SMILE, POUT), 0.98, 1, "dispute"),
        (said(SMILE), 0.8, 1, SMILE),  # .818
        (said(SMILE), 0.9, 1, "quorum"),
        (said(SMILE), 0.5, 2, "quorum"),
        (said(SMILE, names=["Bob"]), 0.5, 1, "quorum"),  # a pout is likelier, and nobody said so
        (said(SMILE, names=["Eve"]), 0.0, 1, "quorum"),  # as likely as not
        (said(SMILE, REJECT), 0.0, 1, "dispute"),  # a label that the fit did not meet
    ],
)
def test_the_likeliest_answer_counts_if_it_is_likely_enough(
    answers: list[Answer], least: float, quorum: int, wanted: object
) -> None:
    assert label(consensus_of(answers, ConsensusRule(DAWID_SKENE, quorum, least, MODEL))) == wanted


def test_a_rule_is_stored_whole() -> None:
    for rule in (ConsensusRule(), ConsensusRule(MAJORITY, 3), ConsensusRule(ADJUDICATED, 2)):
        assert rule_from_json(rule.to_json()) == rule
    fitted = ConsensusRule(DAWID_SKENE, 2, 0.75, MODEL)
    assert rule_from_json(fitted.to_json()) == fitted
    slugs = [one.slug for one in (ConsensusRule(), ConsensusRule(MAJORITY, 3), fitted)]
    assert slugs == [LATEST, "majority:3", "dawid-skene:2:0.75"]


@pytest.mark.parametrize("bad", [("newest", 1, 0.0), (MAJORITY, 0, 0.0), (MAJORITY, 10, 0.0), (DAWID_SKENE, 1, 1.0)])
def test_a_rule_that_is_none_is_refused(bad: tuple[str, int, float]) -> None:
    with pytest.raises(UsageError):
        ConsensusRule(*bad)
