"""What one verdict or erase in a long film costs: what lies around it, not the film."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from db.duplicates import near_pairs
from db.duplicates.grouping import NearPair, complete_link
from db.duplicates.region import distinct_pairs, grouped
from db.store.store import Db, Store
from tests.db.fresh import open_fresh
from tests.db.make import add_images, sha_of
from tests.db.near_copies import BLANK, add_copies, groups_of, near_pair, record_pairs, shas

NEAR = 8
AT = 101
Act = Callable[[Db], object]


def name(n: int) -> str:
    return f"frame {n}"


def pair(one: int, other: int) -> tuple[str, str]:
    a, b = sorted((sha_of(name(one)), sha_of(name(other))))
    return a, b


def make_film(store: Store, frames: int, equal: bool) -> list[NearPair]:
    """Each frame is near the `NEAR` before it, the nearer the later. equal: every tenth frame equals the one before."""
    names = [name(n) for n in range(frames)]
    add_images(store, names)
    ends = [(m, n) for n in range(frames) for m in range(max(0, n - NEAR), n)]
    same = {n: n - 1 for n in range(1, frames, 10)} if equal else {}
    pairs = [near_pair(name(m), name(n), 3 * (n - m), m % 3) for m, n in ends if m not in same and n not in same]
    pairs += [near_pair(name(m), name(n), 0, 0) for n, m in same.items()]

    def work(db: Db) -> None:
        near_pairs.put_hashes(db, [(sha_of(one), BLANK) for one in names])
        near_pairs.put_same(db, {sha_of(name(n)): sha_of(name(m)) for n, m in same.items()})
        record_pairs(db, pairs, [sha_of(one) for one in names])
        near_pairs.mark_compared(db, [sha_of(one) for one in names], [sha_of(name(n)) for n in range(frames)])

    store.write(work)
    return pairs


def instructions(store: Store, act: Act) -> int:
    """How many thousands of instructions SQLite takes for it: what it reads, however busy the machine is."""
    count = 0

    def one_more() -> None:
        nonlocal count
        count += 1

    def work(db: Db) -> None:
        db.conn.set_progress_handler(one_more, 1000)
        try:
            act(db)
        finally:
            db.conn.set_progress_handler(None, 0)

    store.write(work)
    return count


ACTS: dict[str, Act] = {
    "not the same": partial(near_pairs.record_verdicts, annotator="Ann", pairs=[pair(AT, AT - 1)], same=False),
    "same": partial(near_pairs.record_verdicts, annotator="Ann", pairs=[pair(AT, AT - 1)], same=True),
    "erase": partial(near_pairs.forget, shas=[sha_of(name(AT))]),
}


@pytest.mark.long_but(1)
@pytest.mark.parametrize("equal", [False, True])
def test_what_a_verdict_or_an_erase_reads_does_not_grow_with_the_film(tmp_path: Path, equal: bool) -> None:
    counts = []
    for frames in (300, 1200):
        with open_fresh(tmp_path / str(frames)) as store:
            make_film(store, frames, equal)
            counts.append({what: instructions(store, act) for what, act in ACTS.items()})
    short, long = counts
    assert all(long[what] < 1.5 * short[what] + 5 for what in ACTS), counts


def test_a_group_that_falls_apart_changes_its_neighbours_and_theirs(store: Store) -> None:
    """b was taken from c by a, c is taken from e by b then, and so on: what changes runs through all of them."""
    names = "abcdefgh"
    pairs = [near_pair(one, other, 4 * n, 0) for n, (one, other) in enumerate(pairwise(names), 1)]
    add_copies(store, names, pairs)
    assert sorted(map(sorted, groups_of(store).values())) == sorted(
        sorted(shas(two)) for two in ("ab", "cd", "ef", "gh")
    )
    first = pairs[0]
    store.write(lambda db: near_pairs.record_verdicts(db, "Ann", [(first.a, first.b)], same=False))
    assert sorted(map(sorted, groups_of(store).values())) == sorted(sorted(shas(two)) for two in ("bc", "de", "fg"))


def test_what_is_grouped_around_two_images_is_what_all_pairs_make(store: Store) -> None:
    pairs = make_film(store, 60, equal=False)
    for n, m in combinations(range(20, 26), 2):
        store.write(partial(near_pairs.record_verdicts, annotator="Ann", pairs=[pair(n, m)], same=False))
        every = [sha_of(name(k)) for k in range(60)]
        judged = store.read(partial(distinct_pairs, shas=every))
        assert sorted(tuple(sorted(one)) for one in groups_of(store).values()) == complete_link(pairs, judged)
    region = store.read(partial(grouped, shas=[sha_of(name(20))]))
    assert region.changed < set(region.images) < set(every)
