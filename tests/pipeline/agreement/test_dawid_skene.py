"""Dawid and Skene's estimates against what they published, and against the same equations written out in loops."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.agreement.answers import Answers, answers_of
from pipeline.agreement.dawid_skene import dawid_skene
from tests.pipeline.agreement.published import anaesthesia

Entry = tuple[int, int, int]
ITEMS, PEOPLE, VALUES = 8, 4, 3

entries_of_few = st.lists(
    st.tuples(st.integers(0, ITEMS - 1), st.integers(0, PEOPLE - 1), st.integers(0, VALUES - 1)),
    min_size=1,
    max_size=24,
    unique_by=lambda one: one[:2],
)


def made(entries: list[Entry], shape: tuple[int, int, int] = (ITEMS, PEOPLE, VALUES)) -> Answers:
    items, people, values = zip(*entries, strict=True)
    return answers_of(items, people, values, shape)


def loops(entries: list[Entry], rounds: int, smoothing: float) -> tuple[list[float], dict[int, list[float]]]:
    """Priors and posteriors by equations 2.3 to 2.5, a product a face and no logarithm."""
    asked = sorted({one[0] for one in entries})
    by_item = {item: [(who, what) for i, who, what in entries if i == item] for item in asked}
    posteriors = {
        item: [sum(what == k for _, what in answers) / len(answers) for k in range(VALUES)]
        for item, answers in by_item.items()
    }
    priors = [0.0] * VALUES
    for turn in range(rounds + 1):
        confusion: dict[tuple[int, int, int], float] = {}
        for who in range(PEOPLE):
            for right in range(VALUES):
                row = [
                    smoothing + sum(posteriors[i][right] for i, w, what in entries if w == who and what == k)
                    for k in range(VALUES)
                ]
                for k in range(VALUES):
                    confusion[who, right, k] = row[k] / sum(row)
        priors = [sum(one[k] for one in posteriors.values()) / len(asked) for k in range(VALUES)]
        if turn == rounds:
            break
        for item, answers in by_item.items():
            shares = [priors[k] * math.prod(confusion[who, k, what] for who, what in answers) for k in range(VALUES)]
            posteriors[item] = [one / sum(shares) for one in shares]
    return priors, posteriors


def test_the_forty_five_patients_come_out_as_published() -> None:
    found = dawid_skene(made(anaesthesia(), (45, 5, 4)), smoothing=0)
    assert found.converged
    # table 2 of the paper, which prints two places
    assert found.priors.round(2).tolist() == [0.40, 0.42, 0.11, 0.07]
    assert found.confusion[0].round(2).tolist() == [[0.89, 0.11, 0, 0], [0.07, 0.88, 0.05, 0], [0, 0.34, 0.66, 0],
                                                    [0, 0, 0.56, 0.44]]  # fmt: skip
    # patients 2 and 36, whom most observers put in 3 or were divided on, are in 4 all the same
    assert found.posteriors.argmax(axis=1)[[1, 35]].tolist() == [3, 3]


@given(entries_of_few, st.integers(0, 6), st.sampled_from([0.01, 0.5]))
def test_it_computes_the_published_equations(entries: list[Entry], rounds: int, smoothing: float) -> None:
    found = dawid_skene(made(entries), smoothing=smoothing, tolerance=0, most=rounds)
    priors, posteriors = loops(entries, rounds, smoothing)
    assert found.priors == pytest.approx(priors, abs=1e-9)
    for item in range(ITEMS):
        if item in posteriors:
            assert found.posteriors[item] == pytest.approx(posteriors[item], abs=1e-9)
        else:
            assert np.isnan(found.posteriors[item]).all(), "nobody answered: nothing is known"


@given(entries_of_few)
def test_each_round_makes_the_answers_more_probable(entries: list[Entry]) -> None:
    likelihoods = [
        dawid_skene(made(entries), smoothing=0, tolerance=0, most=rounds).log_likelihood for rounds in range(1, 8)
    ]
    assert all(later >= before - 1e-9 for before, later in pairwise(likelihoods))


@given(entries_of_few, st.permutations(range(PEOPLE)), st.permutations(range(VALUES)), st.permutations(range(ITEMS)))
def test_names_and_order_do_not_matter(
    entries: list[Entry], people: list[int], values: list[int], items: list[int]
) -> None:
    one = dawid_skene(made(entries), most=20)
    other = dawid_skene(made([(items[i], people[a], values[v]) for i, a, v in reversed(entries)]), most=20)
    assert other.priors[values] == pytest.approx(one.priors, abs=1e-6)
    assert np.allclose(other.posteriors[items][:, values], one.posteriors, atol=1e-6, equal_nan=True)
    assert np.allclose(other.confusion[people][:, values][:, :, values], one.confusion, atol=1e-6)


def test_the_better_annotator_wins_where_two_differ() -> None:
    """Three people on 60 faces: two are always right, one says 0 to everything; then the last one and a good one."""
    right = [i % 2 for i in range(60)]
    entries = [(i, a, right[i] if a < 2 else 0) for i in range(60) for a in range(3)]
    entries += [(60, 0, 1), (60, 2, 0)]
    found = dawid_skene(made(entries, (61, 3, 2)))
    assert found.posteriors[60, 1] > 0.9
    assert found.confusion[2, 1, 0] > 0.9


def test_it_says_so_where_it_did_not_end() -> None:
    assert not dawid_skene(made(anaesthesia(), (45, 5, 4)), most=2).converged


@pytest.mark.parametrize(
    ("columns", "shape", "why"),
    [
        (([0], [0], [3]), (1, 1, 3), "outside"),
        (([0], [0], [-1]), (1, 1, 3), "outside"),
        (([0, 0], [0], [0]), (1, 1, 1), "length"),
        (([], [], []), (0, 0, 0), "no value"),
    ],
)
def test_answers_that_are_none_are_refused(
    columns: tuple[list[int], ...], shape: tuple[int, int, int], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        answers_of(*columns, shape)


def test_no_answers_are_no_estimate() -> None:
    found = dawid_skene(answers_of([], [], [], (2, 1, 2)))
    assert np.isnan(found.posteriors).all()
    assert found.converged
