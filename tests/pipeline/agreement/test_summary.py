"""All figures at once: intervals, classes, and the words for where there is nothing to say."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.agreement import summary as module
from pipeline.agreement.answers import Answers, answers_of, counts
from pipeline.agreement.coefficients import fleiss, krippendorff, percent
from pipeline.agreement.cohen import Pairs, cohen
from pipeline.agreement.summary import FEWEST, Figure, pair_figure, summary

VALUES = 4


def simulated(faces: int, people: int, noise: float, seed: int = 7, missing: float = 0.3) -> Answers:
    """Each person answers some of the faces; with probability `noise` anything at all."""
    rng = np.random.default_rng(seed)
    right = rng.choice(VALUES, faces, p=[0.5, 0.3, 0.15, 0.05])
    said = np.where(rng.random((faces, people)) < noise, rng.integers(0, VALUES, (faces, people)), right[:, None])
    items, who = np.nonzero(rng.random((faces, people)) >= missing)
    return answers_of(items, who, said[items, who], (faces, people, VALUES))


def face_bootstrap(answers: Answers, times: int) -> dict[str, tuple[float, float]]:
    """The interval of each coefficient by drawing faces one by one from the whole table."""
    table = counts(answers)
    table = table[table.sum(axis=1) >= 2]
    rng = np.random.default_rng(11)
    found: dict[str, list[float]] = {"percent": [], "fleiss": [], "krippendorff": []}
    for _ in range(times):
        drawn = table[rng.integers(0, len(table), len(table))]
        for name, compute in (("percent", percent), ("fleiss", fleiss), ("krippendorff", krippendorff)):
            found[name].append(float(compute(drawn, np.ones(len(drawn)))))
    return {name: (float(np.quantile(v, 0.025)), float(np.quantile(v, 0.975))) for name, v in found.items()}


def test_intervals_are_those_of_drawing_faces() -> None:
    answers = simulated(300, 3, 0.3)
    found = summary(answers)
    for name, (low, high) in face_bootstrap(answers, 1500).items():
        figure: Figure = getattr(found.overall, name)
        assert figure.low == pytest.approx(low, abs=0.012)
        assert figure.high == pytest.approx(high, abs=0.012)
        assert figure.value is not None
        assert low < figure.value < high


def test_the_same_answers_give_the_same_figures_every_time() -> None:
    assert summary(simulated(200, 3, 0.2)) == summary(simulated(200, 3, 0.2))


def test_the_mean_kappa_of_pairs_has_the_interval_of_drawing_faces_also_where_they_are_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = simulated(2000, 3, 0.3)
    monkeypatch.setattr(module, "_MOST_DRAWS", 10**12)
    drawn = summary(answers).cohen
    monkeypatch.setattr(module, "_MOST_DRAWS", 0)
    limit = summary(answers).cohen
    assert drawn.value == limit.value
    assert None not in (drawn.low, drawn.high, limit.low, limit.high)
    assert limit.low == pytest.approx(drawn.low, abs=0.006)
    assert limit.high == pytest.approx(drawn.high, abs=0.006)
    pairs = Pairs(answers)
    apart = np.mean([float(cohen(pairs.confusion(one, other))) for one, other in ((0, 1), (0, 2), (1, 2))])
    assert drawn.value == pytest.approx(apart)


def test_a_class_that_people_confuse_stands_out() -> None:
    """Two people: they agree on 0 always, and on 1 and 2 by a coin."""
    rng = np.random.default_rng(3)
    right = np.repeat([0, 1, 2], 100)
    other = np.where(right == 0, 0, rng.integers(1, 3, 300))
    items = np.concatenate([np.arange(300)] * 2)
    answers = answers_of(items, np.repeat([0, 1], 300), np.concatenate([right, other]), (300, 2, 3))
    found = summary(answers)
    assert found.by_value[0].percent.value == 1
    assert found.by_value[0].fleiss.value == 1
    assert found.by_value[0].fleiss.missing == "all_agree"
    for one in found.by_value[1:]:
        assert one.percent.value == pytest.approx(0.5, abs=0.1)
        assert one.krippendorff.value is not None
        assert one.krippendorff.value < 0.4
    assert [one.given for one in found.by_value] == [200, *(100 + int((other == k).sum()) for k in (1, 2))]
    assert found.overall.given == found.answers == 600


def test_too_few_faces_with_two_answers_are_no_figure() -> None:
    """Many faces with one answer do not help."""
    items = [*range(FEWEST - 1)] * 2 + [*range(FEWEST, 100)]
    people = [0] * (FEWEST - 1) + [1] * (FEWEST - 1) + [0] * (100 - FEWEST)
    values = [one % 2 for one in items]
    found = summary(answers_of(items, people, values, (100, 2, 2)))
    assert found.faces == FEWEST - 1
    nothing = Figure(None, None, None, FEWEST - 1, "too_few")
    assert (found.overall.percent, found.overall.krippendorff, found.cohen) == (nothing, nothing, nothing)
    assert found.pairs == 0


def test_one_value_alone_says_so() -> None:
    """Everybody says 0 to everything: they agree, but so would chance."""
    found = summary(answers_of([*range(20)] * 2, [0] * 20 + [1] * 20, [0] * 40, (20, 2, 2)))
    assert found.overall.percent == Figure(1.0, None, None, 20, "all_agree")
    assert (
        found.overall.fleiss == found.overall.krippendorff == found.cohen == Figure(None, None, None, 20, "one_value")
    )
    assert found.by_value[1].percent == Figure(None, None, None, 20, "one_value"), "nobody said it"


def test_no_answers_at_all() -> None:
    found = summary(answers_of([], [], [], (0, 0, 3)))
    assert (found.faces, found.answers, found.pairs) == (0, 0, 0)
    assert found.overall.percent.missing == "too_few"


def test_two_people() -> None:
    table = np.array([[88, 14, 18], [10, 40, 10], [2, 6, 12]], float)
    share, kappa = pair_figure(table)
    assert (share.value, kappa.faces) == (pytest.approx(0.70), 200)
    assert kappa.value == pytest.approx(0.492, abs=5e-4)
    assert kappa.low is not None
    assert kappa.high is not None
    # Fleiss, Cohen and Everitt's (1969) standard error of this table is .0510
    assert (kappa.high - kappa.low) / (2 * 1.96) == pytest.approx(0.0510, abs=0.003)
    assert pair_figure(np.zeros((3, 3)))[1] == Figure(None, None, None, 0, "too_few")
