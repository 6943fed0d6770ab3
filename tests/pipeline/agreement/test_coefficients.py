"""The coefficients against worked examples as published, other people's code, and the same sums written out."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.agreement import coefficients
from pipeline.agreement.answers import Answers, Floats, answers_of, counts, patterns, stable_order
from pipeline.agreement.cohen import Pairs, cohen, mean_cohen
from tests.pipeline.agreement import published

Entry = tuple[int, int, int]
ITEMS, PEOPLE, VALUES = 10, 4, 3

some_answers = st.lists(
    st.tuples(st.integers(0, ITEMS - 1), st.integers(0, PEOPLE - 1), st.integers(0, VALUES - 1)),
    min_size=4,
    max_size=40,
    unique_by=lambda one: one[:2],
)


def made(entries: list[Entry], shape: tuple[int, int, int] = (ITEMS, PEOPLE, VALUES)) -> Answers:
    items, people, values = zip(*entries, strict=True)
    return answers_of(items, people, values, shape)


def shape_of(entries: list[Entry]) -> tuple[int, int, int]:
    items, people, values = (max(column) + 1 for column in zip(*entries, strict=True))
    return items, people, values


def table_of(entries: list[Entry]) -> Floats:
    """The counts of items with two answers or more."""
    table = counts(made(entries, shape_of(entries)))
    return table[table.sum(axis=1) >= 2]


def ones(table: Floats) -> Floats:
    return np.ones(len(table))


def test_fleiss_first_example() -> None:
    """Fleiss (1971): κ = .430, by category .245, .245, .520, .471, .566."""
    table = np.array([[int(n) for n in row] for row in published.DIAGNOSES.split()], float)
    assert table.shape == (30, 5)
    assert set(table.sum(axis=1)) == {6}
    assert round(float(coefficients.fleiss(table, ones(table))), 3) == 0.430
    by_value = [coefficients.fleiss(coefficients.against_the_rest(table, k), ones(table)) for k in range(5)]
    assert np.round(by_value, 3).tolist() == [0.245, 0.245, 0.520, 0.471, 0.566]


def test_fourteen_raters() -> None:
    """κ = .210, of an agreement of .378 and one by chance of .213."""
    table = np.array(published.FOURTEEN_RATERS, float)
    assert round(float(coefficients.percent(table, ones(table))), 3) == 0.378
    assert round(float(coefficients.fleiss(table, ones(table))), 3) == 0.210


def test_cohen_first_example() -> None:
    """Cohen (1960), table 2: po = .70, pc = .41, κ = .492."""
    assert round(float(cohen(np.array(published.COHEN, float))), 3) == 0.492


@pytest.mark.parametrize(
    ("text", "alpha"),
    [(published.TWO_BINARY, 0.095), (published.TWO_NOMINAL, 0.692), (published.FOUR_WITH_GAPS, 0.743),
     (published.THREE_WITH_GAPS, 0.691)],
)  # fmt: skip
def test_krippendorff_examples(text: str, alpha: float) -> None:
    table = table_of(published.observers(text))
    assert round(float(coefficients.krippendorff(table, ones(table))), 3) == alpha


@given(some_answers)
def test_krippendorff_equals_the_package_of_that_name(entries: list[Entry]) -> None:
    theirs = pytest.importorskip("krippendorff", reason="krippendorff, an oracle, is not installed: nothing compared")
    rows = np.full((PEOPLE, ITEMS), np.nan)
    for item, who, value in entries:
        rows[who, item] = value
    table = table_of(entries)
    ours = coefficients.krippendorff(table, ones(table)) if len(table) else np.nan
    paired = rows[:, (~np.isnan(rows)).sum(axis=0) >= 2]
    if len(set(paired[~np.isnan(paired)])) < 2:
        assert np.isnan(ours), "one value alone, or no pair: not defined"
        return
    assert float(ours) == pytest.approx(theirs.alpha(rows, level_of_measurement="nominal"), abs=1e-9)


@given(st.lists(st.lists(st.integers(0, 3), min_size=5, max_size=5), min_size=2, max_size=12))
def test_fleiss_and_cohen_equal_statsmodels(rows: list[list[int]]) -> None:
    theirs = pytest.importorskip(
        "statsmodels.stats.inter_rater", reason="statsmodels (65 MB), an oracle, is not installed: nothing compared"
    )
    assume(len({value for row in rows for value in row}) > 1)
    answers = made(published.entries(rows), (len(rows), 5, 4))
    table = counts(answers)
    ours = coefficients.fleiss(table, ones(table))
    assert float(ours) == pytest.approx(theirs.fleiss_kappa(table[:, table.sum(axis=0) > 0]), abs=1e-9)
    confusion = Pairs(answers).confusion(0, 3)
    kappa = float(cohen(confusion))
    if not np.isnan(kappa):
        assert kappa == pytest.approx(theirs.cohens_kappa(confusion, return_results=False), abs=1e-9)


@given(some_answers)
def test_the_sums_written_out(entries: list[Entry]) -> None:
    """Percent and "the same again" by counting pairs of answers one by one."""
    given_to = {item: [value for i, _, value in entries if i == item] for item in range(ITEMS)}
    faces = [values for values in given_to.values() if len(values) > 1]
    assume(faces)
    table = table_of(entries)
    shares = [np.mean([a == b for a, b in combinations(values, 2)]) for values in faces]
    assert float(coefficients.percent(table, ones(table))) == pytest.approx(np.mean(shares))
    for value in range(table.shape[1]):
        again = [
            np.mean([other == value for j, other in enumerate(values) if j != i])
            for values in faces
            for i, one in enumerate(values)
            if one == value
        ]
        found = float(coefficients.same_again(table, ones(table), value))
        assert found == pytest.approx(np.mean(again)) if again else np.isnan(found)


@given(some_answers)
def test_confusion_of_two_people_written_out(entries: list[Entry]) -> None:
    pairs = Pairs(patterns(made(entries), least=2)[0])
    by = {(item, who): value for item, who, value in entries}
    for one, other in ((0, 1), (3, 1), (2, 3)):
        expected = np.zeros((VALUES, VALUES))
        for item in range(ITEMS):
            if (item, one) in by and (item, other) in by:
                expected[by[item, one], by[item, other]] += 1
        assert np.array_equal(pairs.confusion(one, other), expected)


@given(some_answers, st.permutations(range(PEOPLE)), st.permutations(range(VALUES)), st.permutations(range(ITEMS)))
def test_names_and_order_do_not_matter(
    entries: list[Entry], people: list[int], values: list[int], items: list[int]
) -> None:
    other = [(items[i], people[a], values[v]) for i, a, v in reversed(entries)]
    for one, two in zip(_all(entries), _all(other), strict=True):
        assert one == pytest.approx(two, abs=1e-12, nan_ok=True)


def _all(entries: list[Entry]) -> tuple[float, ...]:
    answers = made(entries)
    table = counts(answers)
    table = table[table.sum(axis=1) >= 2]
    pairs = Pairs(patterns(answers, least=2)[0])
    chosen = pairs.pairs()
    kappas = cohen(pairs.tables(chosen, patterns(answers, least=2)[0].weights))
    return (
        float(coefficients.percent(table, ones(table))),
        float(coefficients.fleiss(table, ones(table))),
        float(coefficients.krippendorff(table, ones(table))),
        float(mean_cohen(kappas)),
    )


@given(st.lists(st.integers(-3, 3) | st.integers(-(2**62), 2**62), max_size=30))
def test_the_quick_order_is_the_stable_one(keys: list[int]) -> None:
    found = stable_order(np.array(keys, np.int64))
    assert found.tolist() == sorted(range(len(keys)), key=lambda place: keys[place])


@given(some_answers)
def test_a_pattern_is_that_of_its_first_face_and_has_each_ones_people(entries: list[Entry]) -> None:
    answers = made(entries)
    few, became = patterns(answers)
    of_face = [sorted((who, value) for item, who, value in entries if item == face) for face in range(ITEMS)]
    for face, said in enumerate(of_face):
        mine = few.items == became[face]
        pairs = zip(few.annotators[mine].tolist(), few.values[mine].tolist(), strict=True)
        assert list(pairs) == said if said else became[face] == -1


@given(some_answers)
def test_patterns_say_the_same_as_all_faces(entries: list[Entry]) -> None:
    answers = made(entries)
    whole = counts(answers)
    whole = whole[whole.sum(axis=1) >= 2]
    few, became = patterns(answers, least=2, named=False)
    assert few.weights.sum() == len(whole)
    assert len(np.unique(counts(few), axis=0)) == few.n_items, "no two patterns are the same"
    for item in range(ITEMS):
        if became[item] >= 0:
            assert np.array_equal(counts(few)[became[item]], counts(answers)[item])
        else:
            assert counts(answers)[item].sum() < 2
    for compute in (coefficients.percent, coefficients.fleiss, coefficients.krippendorff):
        assert float(compute(counts(few), few.weights)) == pytest.approx(
            float(compute(whole, ones(whole))), nan_ok=True
        )


@given(st.lists(st.integers(0, VALUES - 1), min_size=2, max_size=20), st.integers(2, PEOPLE))
def test_all_agree_is_one(values: list[int], people: int) -> None:
    entries = [(item, who, value) for item, value in enumerate(values) for who in range(people)]
    table = counts(made(entries, (len(values), PEOPLE, VALUES)))
    assert float(coefficients.percent(table, ones(table))) == 1
    kappas = [float(coefficients.fleiss(table, ones(table))), float(coefficients.krippendorff(table, ones(table)))]
    if len(set(values)) > 1:
        assert kappas == [pytest.approx(1), pytest.approx(1)]
    else:
        assert np.isnan(kappas).all(), "one value alone: chance would agree as well"


def test_no_answers_are_not_defined() -> None:
    table = np.zeros((0, 3))
    for compute in (coefficients.percent, coefficients.fleiss, coefficients.krippendorff):
        assert np.isnan(compute(table, ones(table)))
    assert np.isnan(cohen(np.zeros((3, 3))))
    assert np.isnan(mean_cohen(np.array([np.nan])))
