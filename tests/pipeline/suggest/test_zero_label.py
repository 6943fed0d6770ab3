"""The zero-label rule decides by its thresholds, and says nothing of classes that it does not know."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.suggest import zero_label
from pipeline.suggest.features import GEOMETRY

FOUR = ("none", "pout", "smile", "openmouth")


def faces(*figures: tuple[float, float]) -> np.ndarray:
    """Geometry of faces of which only width and opening are told."""
    found = np.zeros((len(figures), len(GEOMETRY)))
    found[:, GEOMETRY.index("width")] = [width for width, _ in figures]
    found[:, GEOMETRY.index("opening")] = [opening for _, opening in figures]
    return found


def by_thresholds(width: float, opening: float) -> str:
    if width > 0.98:
        return "smile"
    if opening > 0.055:
        return "openmouth"
    return "pout" if width < 0.64 else "none"


@example(0.625, 0.046875)
@given(st.floats(0.3, 1.5), st.floats(0, 1))
def test_the_likeliest_class_is_that_of_the_thresholds(width: float, opening: float) -> None:
    if min(abs(width - 0.98), abs(opening - 0.055), abs(width - 0.64)) < 1e-3:
        return  # on the threshold two are as likely
    (row,) = zero_label.probabilities(faces((width, opening)), FOUR)
    assert row.sum() == pytest.approx(1)
    assert FOUR[row.argmax()] == by_thresholds(width, opening)


def test_what_it_says_of_a_missing_class_goes_to_none() -> None:
    two = zero_label.probabilities(faces((0.8, 0.4), (1.2, 0.4)), ("none", "Smile"))
    assert two.argmax(axis=1).tolist() == [0, 1]
    assert np.allclose(two.sum(axis=1), 1)


def test_classes_that_it_does_not_know_get_nothing() -> None:
    assert not zero_label.probabilities(faces((0.8, 0.4)), ("kiss", "none")).any()
    found = zero_label.probabilities(faces((1.3, 0.0)), ("kiss", "smile", "none"))
    assert found[0, 0] == 0
    assert found[0].argmax() == 1


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("neutral", "happiness"), "neutral happiness neutral neutral"),
        (("Mouth open", "SMILING", "no_expression"), "no_expression SMILING Mouth open no_expression"),
        (("微笑", "张嘴", "嘟嘴", "无表情"), "无表情 微笑 张嘴 嘟嘴"),
    ],
)
def test_other_words_mean_the_same(names: tuple[str, ...], said: str) -> None:
    found = zero_label.probabilities(faces((0.8, 0.0), (1.2, 0.0), (0.8, 0.4), (0.5, 0.0)), names)
    assert " ".join(names[at] for at in found.argmax(axis=1)) == said


def test_without_none_the_rest_goes_to_the_classes_that_it_does_not_know() -> None:
    """Two classes, smile and another: what is no smile is the other, and not a smile for want of a name."""
    found = zero_label.probabilities(faces((0.7, 0.0), (1.3, 0.0)), ("smile", "grim"))
    assert found.argmax(axis=1).tolist() == [1, 0]
    three = zero_label.probabilities(faces((0.7, 0.0)), ("smile", "grim", "sly"))
    assert three[0, 1] == three[0, 2] > three[0, 0]
    both = zero_label.probabilities(faces((0.7, 0.0), (1.3, 0.0)), ("smile", "openmouth"))
    assert np.allclose(both.sum(axis=1), 1)


@given(st.lists(st.sampled_from(("smile", "Happy", "open mouth", "pout", "none", "kiss", "sly", "")), max_size=8))
def test_shares_are_whole_or_nothing(names: list[str]) -> None:
    totals = zero_label.says(names).sum(axis=1)
    assert all(total == pytest.approx(1) or total == 0 for total in totals)
    kinds = {zero_label.kind(name) for name in names}
    assert totals.any() == bool(kinds & {"smile", "openmouth", "pout"})
    if totals.any() and kinds & {"none", None}:
        assert (totals > 0).all()  # nothing that is said gets lost


def test_a_face_of_which_nothing_is_known_gets_no_suggestion() -> None:
    assert not zero_label.probabilities(faces((float("nan"), 0.1)), FOUR).any()


def test_no_faces_and_no_classes() -> None:
    assert zero_label.probabilities(faces(), FOUR).shape == (0, 4)
    assert zero_label.probabilities(faces((0.9, 0.1)), ()).shape == (1, 0)
