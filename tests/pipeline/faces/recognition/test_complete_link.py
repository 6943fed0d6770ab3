"""Groups of which every two members are near, held against the textbook's algorithm on the whole matrix."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist, squareform

from pipeline.faces.recognition.complete_link import groups


@st.composite
def crowds(draw: st.DrawFn) -> tuple[np.ndarray, list[int]]:
    seed = draw(st.integers(0, 2**32 - 1))
    people, shots = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    rng = np.random.default_rng(seed)
    centres = rng.normal(0, draw(st.sampled_from([0.2, 0.4, 1.0])), (people, 4))
    vectors = (centres.repeat(shots, axis=0) + rng.normal(0, 0.1, (people * shots, 4))).astype(np.float32)
    known = rng.integers(0, 3, len(vectors)) * (rng.random(len(vectors)) < draw(st.sampled_from([0, 0.3, 1])))
    return vectors, known.tolist()


def as_sets(numbers: list[int]) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(np.array(numbers) == one).tolist()) for one in set(numbers)}


@given(crowds())
def test_every_two_of_a_group_are_near_and_no_two_known_to_differ(crowd: tuple[np.ndarray, list[int]]) -> None:
    vectors, known = crowd
    distances = squareform(pdist(vectors.astype(np.float64)))
    for group in as_sets(groups(vectors, known, 0.5)):
        each = sorted(group)
        assert distances[np.ix_(each, each)].max() <= 0.5 + 1e-4
        assert len({known[at] for at in each} - {0}) <= 1


@given(crowds())
def test_without_verdicts_it_is_complete_linkage_cut_at_the_threshold(crowd: tuple[np.ndarray, list[int]]) -> None:
    vectors, _ = crowd
    if len(vectors) < 2:
        return
    wanted = fcluster(linkage(vectors.astype(np.float64), "complete"), 0.5, "distance")
    assert as_sets(groups(vectors, [0] * len(vectors), 0.5)) == as_sets(wanted.tolist())


def test_the_groups_are_numbered_by_their_first_members() -> None:
    vectors = np.array([[0, 0], [9, 9], [0, 0.1], [9, 9.1], [4, 4]], np.float32)
    assert groups(vectors, [0] * 5, 0.5) == [0, 1, 0, 1, 2]
    assert groups(vectors, [7, 0, 8, 0, 0], 0.5) == [0, 1, 2, 1, 3]
    assert groups(np.zeros((0, 128), np.float32), []) == []
