from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.core.errors import ExportError
from pipeline.export.split import Assigned, SplitPlan, assign, group_hash
from tests.examples import examples

NAMES = ["none", "openmouth", "pout", "smile"]


def sha(of: object) -> str:
    return hashlib.sha256(str(of).encode()).hexdigest()


def by_size(sizes: Sequence[int], prefix: str = "") -> dict[str, list[str]]:
    """Groups of one class each, of these sizes, the classes in turn."""
    return {sha(f"{prefix}{n}"): [NAMES[n % 4]] * size for n, size in enumerate(sizes)}


hashes = st.integers(0, 10_000).map(sha)
groups = st.dictionaries(hashes, st.lists(st.sampled_from(NAMES), min_size=1, max_size=3), max_size=60)
plans = st.one_of(
    st.builds(SplitPlan.of, st.sampled_from([0.05, 0.2, 0.5, 0.9]), seed=st.integers(0, 50)),
    st.builds(SplitPlan.of, st.just(0.2), st.sampled_from([0.1, 0.3]), seed=st.integers(0, 50)),
    st.builds(SplitPlan.of, folds=st.integers(2, 6), seed=st.integers(0, 50)),
)


def counts(labels: Mapping[str, Sequence[str]], splits: Mapping[str, str]) -> Counter[tuple[str, str]]:
    """(class, split) -> how many faces."""
    return Counter((name, splits[group]) for group, names in labels.items() for name in names)


def shares(plan: SplitPlan) -> dict[str, Fraction]:
    """What was asked for, from the plan's fields."""
    if plan.kind == "folds":
        return {split: Fraction(1, plan.folds) for split in plan.splits}
    val, test = (Fraction(str(share)) for share in (plan.val, plan.test if plan.kind == "train_val_test" else 0))
    return {"train": 1 - val - test, "val": val, "test": test}


def off(labels: Mapping[str, Sequence[str]], assigned: Assigned, plan: SplitPlan) -> dict[tuple[str, str], Fraction]:
    """By class and split: faces more or less than asked for; "" is all classes together."""
    labels = {group: [*names, *[""] * len(names)] for group, names in labels.items()}
    found, totals = counts(labels, assigned.splits), Counter(name for names in labels.values() for name in names)
    return {(n, s): abs(found[n, s] - shares(plan)[s] * totals[n]) for n in totals for s in plan.splits}


def test_group_hash_by_hand() -> None:
    digest = hashlib.sha256(b"3:abc").hexdigest()
    assert group_hash("abc", 3) == int(digest[:16], 16) / 2**64


@given(groups, plans)
def test_each_group_has_one_split_whatever_the_order(labels: dict[str, list[str]], plan: SplitPlan) -> None:
    assigned = assign(labels, plan, {})
    assert assigned.splits.keys() == labels.keys()
    assert set(assigned.splits.values()) <= set(plan.splits)
    backwards = {g: names[::-1] for g, names in reversed(labels.items())}
    assert assign(backwards, plan, {}) == assigned


@given(st.lists(st.integers(1, 3), min_size=80, max_size=160), plans)
def test_from_twenty_groups_on_each_share_is_off_by_one_group_at_most(sizes: list[int], plan: SplitPlan) -> None:
    labels = by_size(sizes)
    for (name, _), faces in off(labels, assign(labels, plan, {}), plan).items():
        assert faces <= max(len(names) for names in labels.values() if name in ("", names[0]))


@given(groups, plans, st.randoms())
def test_what_moved_is_named_and_nothing_else_moves(
    labels: dict[str, list[str]], plan: SplitPlan, random: object
) -> None:
    placed = {g: plan.splits[int(g[:6], 16) % len(plan.splits)] for g in labels if int(g[6:8], 16) < 128}
    assigned = assign(labels, plan, placed)
    moved = {one.group: (one.before, one.after) for one in assigned.moved}
    assert all(before != after for before, after in moved.values())
    for group, split in assigned.splits.items():
        before = placed.get(group) or plan.by_hash(group)
        assert moved.get(group, (split, split)) == (before, split)
    assert all(one.placed == (one.group in placed) for one in assigned.moved)


@given(st.integers(20, 60), st.integers(0, 60), plans)
def test_a_class_of_single_faces_is_mended_by_the_fewest_moves(number: int, seed: int, plan: SplitPlan) -> None:
    labels = {sha(f"{seed} {n}"): ["smile"] for n in range(number)}
    drawn = Counter(plan.by_hash(g) for g in labels)
    asked = {split: share * number for split, share in shares(plan).items() if split in plan.splits}
    over = sum(max(0, -(-(drawn[s] - 1 - asked[s]) // 1)) for s in asked)  # each takes one face from a split
    under = sum(max(0, -((drawn[s] + 1 - asked[s]) // 1), int(not drawn[s])) for s in asked)  # or gives it one
    assert len(assign(labels, plan, {}).moved) == max(over, under)


@given(st.lists(st.integers(1, 3), min_size=80, max_size=120), st.lists(st.integers(1, 3), max_size=80), plans)
@example([1] * 82, [1] * 4, SplitPlan.of(0.2, 0.3, seed=22))  # one move after the other misses the way to mend it
@example([1] * 105, [1] * 4, SplitPlan.of(0.2, 0.3, seed=22))
def test_photos_that_were_placed_stay_when_others_come(old: list[int], new: list[int], plan: SplitPlan) -> None:
    before = by_size(old)
    placed = assign(before, plan, {}).splits
    after = assign(by_size(new, "new") | before, plan, placed)
    assert {g: after.splits[g] for g in before} == placed


@settings(max_examples=examples(60))
@given(st.lists(st.integers(1, 2), min_size=8, max_size=40), st.lists(st.integers(1, 2), min_size=1, max_size=4), plans)
@example([1] * 91, [1] * 4, SplitPlan.of(0.2, 0.3, seed=22))
def test_a_placed_photo_moves_only_where_no_place_of_the_new_ones_mends_it(
    old: list[int], new: list[int], plan: SplitPlan
) -> None:
    """All places of the new ones, one by one."""
    before, came = by_size(old), by_size(new, "new")
    placed, labels = assign(before, plan, {}).splits, came | before
    after = assign(labels, plan, placed)
    if {group: after.splits[group] for group in before} == placed:
        return
    for places in product(plan.splits, repeat=len(came)):
        splits = placed | dict(zip(came, places, strict=True))
        assert not is_mended(labels, replace(after, splits=splits), plan)


def is_mended(labels: Mapping[str, Sequence[str]], assigned: Assigned, plan: SplitPlan) -> bool:
    """Off by the largest group at most, and no split without a class that has groups enough."""
    found = counts(labels, assigned.splits)
    of = Counter(names[0] for names in labels.values())
    return all(
        faces <= max(len(names) for names in labels.values() if name in ("", names[0]))
        and (found[name, split] > 0 or of[name] < len(plan.splits))
        for (name, split), faces in off(labels, assigned, plan).items()
    )


@given(st.lists(st.integers(2, 10_000), min_size=24, max_size=40, unique=True), plans)
def test_each_split_has_each_class_that_has_groups_enough(numbers: list[int], plan: SplitPlan) -> None:
    labels = {sha(n): [NAMES[i % 4]] for i, n in enumerate(sorted(numbers))}
    found = counts(labels, assign(labels, plan, {}).splits)
    assert all(found[name, split] for name in NAMES for split in plan.splits)


def test_a_class_that_had_two_of_thirty_gets_its_share() -> None:
    """Asked for 20 %, the hash alone gives this class 2 of 30; three groups move, the nearest to the threshold."""
    seed = next(s for s in range(1000) if sum(group_hash(f"g{n}", s) < 0.2 for n in range(30)) == 2)
    labels = {f"g{n}": ["openmouth"] for n in range(30)}
    assigned = assign(labels, SplitPlan(seed=seed), {})
    assert counts(labels, assigned.splits)["openmouth", "val"] == 5  # 6 are asked for, one group less is allowed
    nearest = sorted(labels, key=lambda g: group_hash(g, seed))[2:5]
    assert sorted(one.group for one in assigned.moved) == sorted(nearest)
    assert {(m.before, m.after, m.why, m.classes) for m in assigned.moved} == {
        ("train", "val", "share", ("openmouth",))
    }


def test_placed_photos_move_only_where_no_new_one_can_mend_it_and_as_few_as_need_be() -> None:
    labels = {f"g{n:02}": ["smile"] for n in range(40)}
    placed = {g: "train" for g in labels}
    assigned = assign(labels, SplitPlan(), placed)
    assert len(assigned.moved) == 7  # of 8 that are asked for
    assert all(one.placed for one in assigned.moved)
    more = labels | {f"new{n:02}": ["smile"] for n in range(20)}
    assigned = assign(more, SplitPlan(), placed)
    assert {assigned.splits[g] for g in labels} == {"train"}


def test_where_a_split_is_not_asked_for_any_more_its_photos_go_by_their_hash() -> None:
    labels = by_size([1] * 100)
    tested = assign(labels, SplitPlan.of(0.2, 0.2), {}).splits
    again = assign(labels, SplitPlan(), tested)
    gone = {g for g, split in tested.items() if split == "test"}
    assert {one.group for one in again.moved if one.why == "no_split"} == gone
    assert all(again.splits[g] == tested[g] for g in labels if g not in gone)


def test_a_video_larger_than_the_share_does_not_keep_the_rest_from_being_even() -> None:
    labels = {sha(n): ["smile"] for n in range(40)} | {sha("video"): ["smile"] * 30}
    for seed in range(60):
        plan = SplitPlan(seed=seed)
        found = counts(labels, assign(labels, plan, {}).splits)["smile", "val"]
        assert abs(found - 14) <= 1, seed


def test_seeds_differ() -> None:
    labels = {sha(n): ["smile"] for n in range(100)}
    assert assign(labels, SplitPlan(seed=0), {}) != assign(labels, SplitPlan(seed=1), {})


def test_shares_that_leave_nothing_for_train_are_refused() -> None:
    assert SplitPlan.of(0.5, 0.4).splits == ("train", "val", "test")
    for val, test in ((0.5, 0.5), (0.9, 0.2)):
        with pytest.raises(ExportError, match="leave nothing for train"):
            SplitPlan.of(val, test)
    with pytest.raises(ExportError, match="folds"):
        SplitPlan.of(folds=1)


def test_group_photos_of_many_classes_are_as_even_as_exchanges_make_them() -> None:
    """Few photos with up to six faces each: whichever moves alone makes another class worse, so two change places. All
    are within one group, and half of the sets within one face, where by single moves it was a fifth."""
    within_a_face = 0
    for seed in range(100):
        draw = random.Random(seed)
        labels = {f"g{n}": draw.choices(NAMES, k=draw.randint(1, 6)) for n in range(draw.randint(20, 40))}
        plan = SplitPlan.of(folds=4, seed=seed)
        found = off(labels, assign(labels, plan, {}), plan)
        assert all(faces <= max(names.count(n) for names in labels.values()) for (n, _), faces in found.items() if n)
        within_a_face += all(faces <= 1 for (name, _), faces in found.items() if name)
    assert within_a_face > 40
