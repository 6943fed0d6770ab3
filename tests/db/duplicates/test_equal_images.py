"""Images with equal hashes are one node among near copies; groups and splits are as if every pair were stored."""

from __future__ import annotations

from functools import partial
from itertools import combinations, product
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from db.duplicates import left_off, near_pairs
from db.duplicates.grouping import NearPair, Pair
from db.duplicates.not_duplicates import not_duplicate_page
from db.images.erase import erase
from db.reads.groups import split_groups
from db.store.store import Db, Store
from tests.db.fresh import open_fresh
from tests.db.make import add_images, sha_of
from tests.db.near_copies import groups_of, near_pair, record_pairs, shas

NAMES = "abcdefgh"
Classes = list[list[str]]


def add_classes(store: Store, classes: Classes, near: dict[tuple[int, int], int]) -> None:
    """Images in classes of equal ones, the first of each standing for it; `near`: two classes -> their distance."""
    names = [name for one in classes for name in one]
    add_images(store, names)
    pairs = [near_pair(classes[a][0], classes[b][0], bits, 1) for (a, b), bits in near.items()]
    pairs += [near_pair(one[0], name, 0, 0) for one in classes for name in one[1:]]
    same = {sha_of(name): sha_of(one[0]) for one in classes for name in one[1:]}

    def work(db: Db) -> None:
        for n, one in enumerate(classes):
            near_pairs.put_hashes(db, [(sha_of(name), bytes([n]) * 192) for name in one])
        near_pairs.put_same(db, same)
        record_pairs(db, pairs, [sha_of(name) for name in names])

    store.write(work)


def every_pair(classes: Classes, near: dict[tuple[int, int], int]) -> dict[Pair, tuple[int, int]]:
    """All near pairs without any shortcut -> (1 for those of different hashes, distance)."""
    found = {pair(a, b): (0, 0) for one in classes for a, b in combinations(one, 2)}
    for (one, two), bits in near.items():
        found |= {pair(a, b): (1, bits + 1) for a, b in product(classes[one], classes[two])}
    return found


def pair(one: str, other: str) -> Pair:
    a, b = sorted((sha_of(one), sha_of(other)))
    return a, b


def greedy(pairs: dict[Pair, tuple[int, int]], distinct: set[Pair]) -> set[frozenset[str]]:
    """Complete linkage by its definition: the nearest pair first, two groups join where all their pairs are near."""
    near = {one: bits for one, bits in pairs.items() if one not in distinct}
    groups = {sha: frozenset([sha]) for one in pairs for sha in one}
    for a, b in sorted(near, key=lambda one: (near[one], one)):
        one, two = groups[a], groups[b]
        if one != two and all((min(x, y), max(x, y)) in near for x, y in product(one, two)):
            groups |= dict.fromkeys(one | two, one | two)
    return {group for group in groups.values() if len(group) > 1}


def joined(pairs: dict[Pair, tuple[int, int]], distinct: set[Pair]) -> set[frozenset[str]]:
    sets = {sha: frozenset([sha]) for one in pairs for sha in one}
    for a, b in pairs:
        if (a, b) not in distinct:
            both = sets[a] | sets[b]
            sets |= dict.fromkeys(both, both)
    return {one for one in sets.values() if len(one) > 1}


def as_sets(groups: dict[str, str]) -> set[frozenset[str]]:
    found: dict[str, set[str]] = {}
    for sha, first in groups.items():
        found.setdefault(first, set()).add(sha)
    return {frozenset(one) for one in found.values() if len(one) > 1}


def check(store: Store, classes: Classes, near: dict[tuple[int, int], int], distinct: set[Pair]) -> None:
    pairs = every_pair(classes, near)
    assert {frozenset(group) for group in groups_of(store).values()} == greedy(pairs, distinct)
    assert as_sets(store.read(split_groups)) == joined(pairs, distinct)
    listed = {(one.a.sha256, one.b.sha256) for one in store.read(lambda db: not_duplicate_page(db, 100)).items}
    assert listed == distinct & pairs.keys()


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Classes, dict[tuple[int, int], int]]:
    classes: Classes = []
    for name in NAMES:
        at = draw(st.integers(0, 4))
        if at < len(classes):
            classes[at].append(name)
        else:
            classes.append([name])
    every = list(combinations(range(len(classes)), 2))
    chosen = draw(st.lists(st.sampled_from(every), unique=True, max_size=8)) if every else []
    return classes, {one: draw(st.integers(1, 4)) for one in chosen}


acts = st.lists(st.tuples(st.sampled_from(["apart", "same", "erase"]), st.permutations(NAMES)), max_size=8)


@given(worlds(), acts)
@settings(max_examples=15, deadline=None)
def test_groups_splits_and_list_are_those_of_all_pairs(
    world: tuple[Classes, dict[tuple[int, int], int]], acts: list[tuple[str, list[str]]]
) -> None:
    classes, near = world
    distinct: set[Pair] = set()
    with TemporaryDirectory() as folder, open_fresh(Path(folder)) as store:
        add_classes(store, classes, near)
        check(store, classes, near, distinct)
        for kind, (one, other, *_) in acts:
            there = {name for names in classes for name in names}
            if kind == "erase" and one in there:
                store.write(lambda db, one=one: erase(db, sha_of(one)))
                classes = [[name for name in names if name != one] for names in classes]
                distinct = {ends for ends in distinct if sha_of(one) not in ends}
            elif kind != "erase" and {one, other} <= there:
                ends = pair(one, other)
                store.write(
                    lambda db, ends=ends, kind=kind: near_pairs.record_verdicts(db, "Ann", [ends], same=kind == "same")
                )
                distinct = distinct | {ends} if kind == "apart" else distinct - {ends}
            check(store, classes, near, distinct)


def test_a_hundred_equal_photos_are_one_group_and_stay_one_without_the_first(store: Store) -> None:
    names = [f"equal {n}" for n in range(100)]
    add_classes(store, [names, ["x"]], {(0, 1): 9})
    everything = {sha_of(name) for name in [*names, "x"]}
    ((number, members),) = groups_of(store).items()
    assert members == everything
    store.write(lambda db: erase(db, sha_of(names[0])))
    assert groups_of(store) == {number: everything - {sha_of(names[0])}}
    assert len(set(store.read(split_groups).values())) == 1


def test_what_was_left_off_is_compared_again_where_the_pair_that_joined_it_may_not(store: Store) -> None:
    add_classes(store, [["a"], ["b"], ["c"], ["d"]], {(0, 1): 1, (1, 2): 1})
    store.write(lambda db: near_pairs.mark_compared(db, shas("abcd"), left_off=shas("cd")))
    assert (store.read(left_off.incomplete), store.read(near_pairs.waiting)) == (2, 0)
    for change in (
        partial(near_pairs.record_verdicts, annotator="Ann", pairs=[pair("a", "b")], same=False),
        partial(erase, sha256=sha_of("b")),
    ):
        store.write(change)
        assert store.read(near_pairs.waiting) == 2
        store.write(near_pairs.prepare)
        assert set(store.read(lambda db: near_pairs.load_hashes(db, compared=False)).shas) == shas("cd")
        store.write(lambda db: near_pairs.mark_compared(db, shas("cd"), left_off=shas("cd")))
        assert store.read(near_pairs.waiting) == 0
    store.write(lambda db: erase(db, sha_of("d")))  # near to nothing
    assert store.read(near_pairs.waiting) == 0


def test_an_image_that_gets_its_first_face_is_compared_again_and_others_stand_for_its_equals(store: Store) -> None:
    add_classes(store, [["a", "b", "c"], ["x"]], {(0, 1): 3})
    ((number, _),) = groups_of(store).items()
    store.write(lambda db: near_pairs.compare_again(db, sha_of("a")))
    assert groups_of(store) == {number: shas("bcx")}
    assert store.read(lambda db: near_pairs.load_hashes(db, compared=False)).shas == (sha_of("a"),)
    store.write(lambda db: near_pairs.compare_again(db, sha_of("a")))  # nothing is near it: nothing to do
    assert store.read(near_pairs.waiting) == 1


def test_a_pair_of_an_image_that_went_meanwhile_is_told(store: Store) -> None:
    add_classes(store, [["a"], ["b"]], {})
    found = [near_pair("a", "b"), near_pair("b", "gone")]
    stored, torn = store.write(lambda db: near_pairs.put_pairs(db, found))
    assert (stored, torn) == (1, {sha_of("b"), sha_of("gone")})
    assert isinstance(found[0], NearPair)


def test_what_an_older_moue_compared_is_to_be_compared_again(store: Store) -> None:
    add_classes(store, [["a"], ["b"]], {(0, 1): 3})
    assert (store.read(near_pairs.waiting), store.read(near_pairs.is_outdated)) == (0, False)
    store.write(lambda db: db.execute("UPDATE image_hashes SET by_faces = 0 WHERE sha256 = ?", [sha_of("a")]))
    assert (store.read(near_pairs.waiting), store.read(near_pairs.is_outdated)) == (2, True)
