from __future__ import annotations

import random
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.duplicates.grouping import Candidate, NearPair, Pair, choose_keeper, complete_link


def pair(a: str, b: str, distance: int = 10) -> NearPair:
    a, b = sorted((a, b))
    return NearPair(a, b, distance, 0)


def clique(names: str, distance: int = 10) -> list[NearPair]:
    return [pair(a, b, distance) for a, b in combinations(names, 2)]


def test_copies_are_one_group() -> None:
    assert complete_link([*clique("abc"), pair("x", "y")], ()) == [("a", "b", "c"), ("x", "y")]


def test_a_chain_is_not_one_group() -> None:
    """b is near to a and c, which are far from each other: it goes with the nearer one."""
    assert complete_link([pair("a", "b", 9), pair("b", "c", 8)], ()) == [("b", "c")]
    assert complete_link([pair("a", "b", 7), pair("b", "c", 8)], ()) == [("a", "b")]


def test_two_groups_that_touch_in_one_pair_stay_apart() -> None:
    assert complete_link([*clique("abc"), *clique("xyz"), pair("c", "x", 1)], ()) == [
        ("a", "b"),
        ("c", "x"),
        ("y", "z"),
    ]
    assert complete_link([*clique("abc"), *clique("xyz"), pair("c", "x", 30)], ()) == [("a", "b", "c"), ("x", "y", "z")]


def test_what_was_judged_apart_stays_apart() -> None:
    assert complete_link(clique("abc"), {("a", "c")}) == [("a", "b")]
    assert complete_link(clique("ab"), {("a", "b")}) == []
    assert complete_link([], {("a", "b")}) == []


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[NearPair], set[Pair]]:
    names = "abcdefghij"[: draw(st.integers(2, 10))]
    every = list(combinations(names, 2))
    chosen = draw(st.lists(st.sampled_from(every), unique=True))
    pairs = [pair(a, b, draw(st.integers(0, 4))) for a, b in chosen]
    return pairs, set(draw(st.lists(st.sampled_from(every), max_size=4)))


@given(graphs(), st.randoms())
def test_groups_are_cliques_and_no_order_matters(given_: tuple[list[NearPair], set[Pair]], rand: random.Random) -> None:
    pairs, distinct = given_
    groups = complete_link(pairs, distinct)
    near = {(p.a, p.b) for p in pairs} - distinct
    members = [sha for group in groups for sha in group]
    assert len(members) == len(set(members))
    for group in groups:
        assert len(group) > 1
        assert set(combinations(group, 2)) <= near
    for one, other in combinations(groups, 2):  # and none could be joined
        assert not {tuple(sorted((a, b))) for a in one for b in other} <= near
    alone = {sha for p in near for sha in p} - set(members)
    assert not any((a, b) in near for a, b in combinations(sorted(alone), 2))
    shuffled = list(pairs)
    rand.shuffle(shuffled)
    assert complete_link(shuffled, distinct) == groups


def made(name: str, import_order: int, side: int | None, sharp: float | None = 100.0, yaw: float = 0.0) -> Candidate:
    return Candidate(name, import_order, 640, 480, side, sharp, yaw, 0.0)


@pytest.mark.parametrize(("candidates", "keeper", "reason"), [
    ([made("a", 1, 96), made("b", 2, 212), made("c", 3, 40)], "b", "largest mouth: 212 px against 96 px"),
    ([made("a", 1, 190, 310), made("b", 2, 200, 120)], "a", "sharpest: 310 against 120, mouths alike in size"),
    ([made("a", 1, 180, 120), made("b", 2, 200, 110), made("c", 3, 179, 900)], "a",
     "imported first; mouths alike in size, sharpness and angle"),
    ([made("a", 1, 200, yaw=-17), made("b", 2, 200, yaw=4)], "b",
     "most frontal: turned 4° against 17°, mouths alike in size and sharpness"),
    ([made("a", 2, 200), made("b", 1, 200)], "b", "imported first; mouths alike in size, sharpness and angle"),
    ([made("a", 1, None), made("b", 2, 20)], "b", "the only one with a face that is not rejected"),
    ([replace(made("a", 1, None), rejected=True), made("b", 2, None)], "", "every face is rejected: none is suggested"),
    ([made("a", 1, 200, None), made("b", 2, 200, 50)], "b", "sharpest: 50 against 0, mouths alike in size"),
    ([Candidate("a", 1, 640, 480), Candidate("b", 2, 1600, 1200)], "b",
     "largest photo: 1600 × 1200 against 640 × 480 px; no face in any"),
    ([Candidate("a", 2, 640, 480), Candidate("b", 1, 640, 480)], "b",
     "imported first; no face in any, photos alike in size"),
    ([Candidate("a", 2, 9, 9, 50), Candidate("b", 1, 9, 9, 50)], "b",
     "imported first; mouths alike in size, sharpness and angle"),
])  # fmt: skip
def test_the_keeper_and_its_reason(candidates: list[Candidate], keeper: str, reason: str) -> None:
    found, why = choose_keeper(candidates)
    assert (found, why.text) == (keeper, reason)
    assert choose_keeper(candidates[::-1]) == (found, why)
