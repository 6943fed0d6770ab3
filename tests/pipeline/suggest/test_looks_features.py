"""What the nearest labelled crops say of a face, without its own group."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.suggest import looks_features
from pipeline.suggest.looks_features import NEAREST

CLASSES = (7, 3)


def line(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Vectors 0, 1, ... on a line, the first half of class 7, the others of class 3."""
    return np.arange(n, dtype=np.float32)[:, None], np.where(np.arange(n) < n // 2, 7, 3).astype(np.int64)


def test_the_nearest_vote_and_the_shares_of_all_count_a_little() -> None:
    vectors, labels = line(40)
    asked = np.array([[0.0], [19.4], [np.nan]], np.float32)
    found = looks_features.by_nearest(vectors, labels, asked, CLASSES)
    assert found[0] == pytest.approx([(10 + 1) / 12, 1 / 12])  # all ten are of class 7; half of all are
    assert found[1] == pytest.approx([(5 + 1) / 12, (5 + 1) / 12])  # 15 to 24
    assert found[2].tolist() == [0, 0]


def test_fewer_than_wanted_vote() -> None:
    vectors, labels = line(4)
    found = looks_features.by_nearest(vectors, labels, vectors[:1], CLASSES)
    assert found[0] == pytest.approx([0.5, 0.5])
    assert len(vectors) < NEAREST


def test_a_face_is_judged_by_no_other_of_its_group() -> None:
    """Pairs of one photo, equal and far from all others, carry a label that nobody else near them does."""
    drawn = np.random.default_rng(0)
    vectors = drawn.normal(0, 1, (60, 3)).astype(np.float32)
    labels = np.repeat([7, 3], 30).astype(np.int64)
    groups = np.arange(60)
    vectors[30:] += 20
    vectors[1] = vectors[0] = 20
    groups[1] = groups[0]
    found = looks_features.by_nearest_out_of_fold(vectors, labels, groups, CLASSES)
    assert (found[:2, 1] > 0.8).all()
    assert (found[2:30, 0] > 0.8).all()


def test_nothing_is_said_without_vectors_or_without_two_classes() -> None:
    labels = np.repeat([7, 3], 5).astype(np.int64)
    nothing = np.full((10, 4), np.nan, np.float32)
    assert not looks_features.by_nearest_out_of_fold(nothing, labels, np.arange(10), CLASSES).any()
    seen = np.ones((10, 4), np.float32)
    assert not looks_features.by_nearest_out_of_fold(seen, np.full(10, 7), np.arange(10), CLASSES).any()
