from __future__ import annotations

import importlib.util
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.errors import UsageError
from pipeline.pixels import near_duplicates, near_matches
from pipeline.pixels.near_duplicates import Engine, Hashes, Search, check_views, choose_engine
from pipeline.pixels.near_matches import Relations
from pipeline.pixels.phash import VIEWS
from tests.examples import examples

needs_faiss = pytest.mark.skipif(importlib.util.find_spec("faiss") is None, reason="faiss-cpu is not installed")
ENGINES = ["numpy", pytest.param("faiss", marks=needs_faiss)]


def noise(count: int, seed: int = 0) -> Hashes:
    """Unrelated images: their distances are about 128, never near 56."""
    return np.random.default_rng(seed).integers(0, 256, (count, 192), np.uint8)


def changed(row: Hashes, phash: int = 0, dhash: int = 0, view: str = "plain") -> Hashes:
    """A copy of one image's hashes with so many bits of one view turned, spread over its 32 bytes."""
    out = row.copy()
    for start, count in ((64 * VIEWS.index(view), phash), (64 * VIEWS.index(view) + 32, dhash)):
        for bit in range(count):
            out[start + bit % 32] ^= 1 << (bit // 32)
    return out


def slow(old: Hashes, new: Hashes) -> set[tuple[int, int, int, int]]:
    """The definition, in plain Python: big integers. A new image that equals another is near to that one alone."""
    rows = [row.tobytes() for row in [*old, *new]]
    parts = [(int.from_bytes(r[:32], "big"), int.from_bytes(r[32:64], "big")) for r in rows]
    found, nodes = set(), list(range(len(old)))
    for i in range(len(old), len(rows)):
        first = next((j for j in nodes if rows[j] == rows[i]), None)
        if first is not None:
            found.add((i, first, 0, 0))
            continue
        nodes.append(i)
        for j in nodes[:-1]:
            p, d = ((parts[i][k] ^ parts[j][k]).bit_count() for k in (0, 1))
            if p <= 56 and d <= 36:
                found.add((i, j, p, d))
    return found


def find_pairs(
    new: Hashes, old: Hashes, views: Sequence[str] = ("plain",), engine: Engine = "auto"
) -> list[tuple[int, int, int, int, str]]:
    """Near pairs of `new` images, uint8 (n, 192), with `old` ones, uint8 (m, 192), and with each other.

    Each is (later, earlier, pHash bits, dHash bits, view), indices in `old` followed by `new`.
    """
    search = Search(views, choose_engine(len(new), len(new) + len(old), engine))
    search.extend(old, search=False)
    found = search.extend(new)
    rows = zip(
        *(column.tolist() for column in (found.new, found.old, found.phash, found.dhash, found.view)), strict=True
    )
    return [(i, j, p, d, VIEWS[v]) for i, j, p, d, v in rows]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("phash", "dhash", "near"), [
    (0, 0, True), (56, 36, True), (57, 36, False), (56, 37, False), (57, 0, False), (0, 37, False),
])  # fmt: skip
def test_both_thresholds_are_needed(engine: Engine, phash: int, dhash: int, near: bool) -> None:
    old = noise(3)
    new = changed(old[1], phash, dhash)[None]
    assert find_pairs(new, old, engine=engine) == ([(3, 1, phash, dhash, "plain")] if near else [])


@pytest.mark.parametrize("engine", ENGINES)
def test_new_images_are_compared_with_each_other_and_old_ones_are_not(engine: Engine) -> None:
    base = noise(2)
    old = np.stack([base[0], changed(base[0], 1, 1)])
    new = np.stack([base[1], changed(base[1], 5, 7), changed(base[0], 2, 2)])
    found = {(i, j) for i, j, *_ in find_pairs(new, old, engine=engine)}
    assert found == {(3, 2), (4, 0), (4, 1)}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("view", ["mirror", "centre"])
def test_a_view_is_held_against_the_plain_one_both_ways(engine: Engine, view: str) -> None:
    one, other, third = noise(3)
    start = 64 * VIEWS.index(view)
    other[:64] = changed(one[start : start + 64], 3, 2)
    third[start : start + 64] = changed(other[:64], 4, 1)
    images = np.stack([one, other, third])
    assert find_pairs(images, noise(0), ("plain",), engine) == []
    assert find_pairs(images, noise(0), ("plain", view), engine) == [(1, 0, 3, 2, view), (2, 1, 4, 1, view)]


def test_the_nearest_view_counts() -> None:
    one = noise(1)[0]
    other = changed(one, 20, 20)
    other[128:192] = changed(one[:64], 1, 1)
    assert find_pairs(other[None], one[None], ("plain", "centre")) == [(1, 0, 1, 1, "centre")]
    other[:64] = one[:64]
    assert find_pairs(other[None], one[None], ("plain", "centre")) == [(1, 0, 0, 0, "plain")]


@st.composite
def families(draw: st.DrawFn) -> Hashes:
    """Images of which some are each other's copies, at distances around the thresholds."""
    roots = noise(draw(st.integers(1, 4)), draw(st.integers(0, 9)))
    rows = []
    for _ in range(draw(st.integers(0, 24))):
        row = roots[draw(st.integers(0, len(roots) - 1))]
        rows.append(changed(row, draw(st.integers(0, 70)), draw(st.integers(0, 50)), draw(st.sampled_from(VIEWS))))
    return np.array(rows, np.uint8).reshape(-1, 192)


@pytest.mark.parametrize("engine", ENGINES)
@given(images=families(), cut=st.integers(0, 24))
@settings(max_examples=examples(30), deadline=None)
def test_exactly_the_near_pairs_are_found(engine: Engine, images: Hashes, cut: int) -> None:
    old, new = images[:cut], images[cut:]
    found = find_pairs(new, old, engine=engine)
    assert {row[:4] for row in found} == slow(old, new)
    assert len(found) == len({row[:2] for row in found})


@needs_faiss
@given(images=families())
@settings(max_examples=examples(30), deadline=None)
def test_both_engines_say_the_same_in_the_same_order(images: Hashes) -> None:
    both = [find_pairs(images, noise(5), VIEWS, engine) for engine in ("numpy", "faiss")]
    assert both[0] == both[1]


@pytest.mark.parametrize("engine", ENGINES)
def test_blocks_have_no_seams(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in (("_AT_ONCE", 7), ("_CANDIDATES", 5), ("_NEW_ROWS", 3), ("_OLD_ROWS", 4)):
        monkeypatch.setattr(near_duplicates, name, size)
    base = noise(4)
    images = np.stack([changed(base[n % 4], n, n // 2) for n in range(40)])
    assert {row[:4] for row in find_pairs(images[11:], images[:11], engine=engine)} == slow(images[:11], images[11:])


def test_a_search_goes_on_where_it_was() -> None:
    images = np.stack([changed(noise(3)[n % 3], n, n) for n in range(30)])
    search, found = Search(), set()
    for start in range(0, 30, 8):
        matches = search.extend(images[start : start + 8])
        found |= set(zip(matches.new.tolist(), matches.old.tolist(), strict=True))
    assert found == {row[:2] for row in slow(images[:0], images)}


def test_of_a_still_film_only_the_nearest_pairs_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_matches, "MOST_PAIRS", 3)
    base = noise(1)[0]
    images = np.stack([changed(base, dhash=n) for n in range(10)])
    found = find_pairs(images, noise(0))
    assert [row[1] for row in found if row[0] == 9] == [8, 7, 6]
    assert len(found) == 0 + 1 + 2 + 3 * 7


def joined(pairs: set[tuple[int, int]], count: int) -> set[frozenset[int]]:
    """What pairs join, chains counted, by taking sets together until nothing changes."""
    sets = [frozenset([n]) for n in range(count)]
    for a, b in pairs:
        one, other = (next(s for s in sets if n in s) for n in (a, b))
        sets = [s for s in sets if s not in (one, other)] + [one | other]
    return set(sets)


def test_forty_equal_copies_do_not_hide_what_an_image_is_also_near() -> None:
    base = noise(1)[0]
    y = changed(base, dhash=40)  # too far from the copies
    x = changed(base, dhash=20)  # 20 bits from the copies, and 20 from y
    found = find_pairs(np.stack([*[base] * 40, y, x]), noise(0))
    assert (41, 40) in {row[:2] for row in found}
    assert joined({row[:2] for row in found}, 42) == {frozenset(range(42))}


@given(st.lists(st.integers(0, 120), min_size=2, max_size=60), st.integers(1, 4), st.integers(1, 60))
@settings(max_examples=examples(40))
def test_a_bound_on_pairs_joins_what_all_pairs_join(bits: list[int], most: int, batch: int) -> None:
    base = noise(1)[0]
    images = np.stack([changed(base, dhash=n) for n in bits])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(near_matches, "MOST_PAIRS", most)
        patch.setattr(near_duplicates, "_AT_ONCE", 7)
        search, found = Search(), set()
        for start in range(0, len(images), batch):
            matches = search.extend(images[start : start + batch])
            found |= set(zip(matches.new.tolist(), matches.old.tolist(), strict=True))
    everything = {row[:2] for row in slow(images[:0], images)}
    assert found <= everything
    assert joined(found, len(bits)) == joined(everything, len(bits))
    assert len(found) < (most + 1) * len(bits)


def test_equal_images_are_one_node_however_they_come() -> None:
    base = noise(2)
    near = changed(base[0], 3, 3)
    search = Search()
    search.extend(np.stack([base[0], base[0], base[1]]), search=False, same={1})
    found = search.extend(np.stack([near, base[0], near, base[1]]))
    rows = set(zip(found.new.tolist(), found.old.tolist(), found.equal.tolist(), strict=True))
    assert rows == {(3, 0, False), (4, 0, True), (5, 3, True), (6, 2, True)}


class Said(Relations):
    """Some pairs whose faces differ, and some that somebody said are not the same."""

    def __init__(self, differ: set[tuple[int, int]], apart: set[tuple[int, int]]) -> None:
        self.differ, self.apart = differ, apart

    def agree(self, new: int, old: int, view: int) -> bool:
        return (new, old) not in self.differ

    def is_apart(self, new: int, old: int) -> bool:
        return (new, old) in self.apart


def test_equal_images_of_other_faces_are_two() -> None:
    base = noise(1)[0]
    found = Search(relations=Said({(1, 0), (3, 0), (4, 0)}, set())).extend(np.stack([base] * 5))
    assert set(zip(found.new.tolist(), found.old.tolist(), strict=True)) == {(2, 0), (3, 1), (4, 1)}


@given(
    st.lists(st.integers(0, 120), min_size=2, max_size=40, unique=True),
    st.lists(st.tuples(st.integers(0, 39), st.integers(0, 39))),
    st.lists(st.tuples(st.integers(0, 39), st.integers(0, 39))),
)
@settings(max_examples=examples(40))
def test_a_bound_joins_what_all_pairs_join_whose_faces_agree_and_that_nobody_judged_apart(
    bits: list[int], differ: list[tuple[int, int]], apart: list[tuple[int, int]]
) -> None:
    base = noise(1)[0]
    images = np.stack([changed(base, dhash=n) for n in bits])
    said = Said({(max(pair), min(pair)) for pair in differ}, {(max(pair), min(pair)) for pair in apart})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(near_matches, "MOST_PAIRS", 2)
        matches = Search(relations=said).extend(images)
    found = set(zip(matches.new.tolist(), matches.old.tolist(), strict=True))
    everything = {row[:2] for row in slow(images[:0], images)} - said.differ
    assert found <= everything
    assert found & said.apart == everything & said.apart
    assert joined(found - said.apart, len(bits)) == joined(everything - said.apart, len(bits))
    kept = {new: sum(1 for one, old in found - said.apart if one == new) for new in range(len(bits))}
    every = {new: sum(1 for one, old in everything - said.apart if one == new) for new in range(len(bits))}
    assert matches.left_off == {new for new in kept if kept[new] < every[new]}


def test_the_engine_follows_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_duplicates, "has_faiss", lambda: True)
    assert choose_engine(50_000, 50_000) == "numpy"
    assert choose_engine(1, 1_000_000) == "numpy"
    assert choose_engine(60_000, 60_000) == "faiss"
    assert choose_engine(60_000, 60_000, "numpy") == "numpy"
    monkeypatch.setattr(near_duplicates, "has_faiss", lambda: False)
    assert choose_engine(60_000, 60_000) == "numpy"
    with pytest.raises(UsageError, match="requirements-faiss"):
        choose_engine(1, 1, "faiss")


def test_views_are_checked() -> None:
    assert check_views(["centre", "plain"]) == ("plain", "centre")
    with pytest.raises(UsageError, match="upside"):
        check_views(["plain", "upside"])
    with pytest.raises(UsageError, match="plain"):
        check_views(["mirror"])
