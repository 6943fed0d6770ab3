"""Pairs that are not the same photo, and which group a photo is in."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.decisions.log import apply_ops
from db.duplicates import groups, near_pairs
from db.duplicates.not_duplicates import groups_of, not_duplicate_page
from db.store.store import Store
from pipeline.core.errors import UsageError
from tests.db.copies import add_copies
from tests.db.fresh import open_fresh
from tests.db.make import decide, sha_of


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_fresh(tmp_path)


def shas(*names: str) -> tuple[str, ...]:
    return tuple(sorted(map(sha_of, names)))


def test_groups_of_images(store: Store) -> None:
    add_copies(store, ["a", "b"])
    add_copies(store, ["c", "d", "e"])
    add_copies(store, ["alone"])
    assert store.read(lambda db: groups_of(db, shas("a", "alone"))) == (1,)
    assert store.read(lambda db: groups_of(db, shas("e", "b", "c"))) == (1, 2)
    assert store.read(lambda db: groups_of(db, [])) == ()


def test_the_newest_verdict_on_a_pair_counts(store: Store) -> None:
    faces = add_copies(store, ["a", "b", "c"], bits=7)
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, faces[0], class_id=4)]))
    pairs = store.write(lambda db: groups.mark_distinct(db, "Ann", 1, sha_of("a")))
    assert len(pairs) == 2
    page = store.read(lambda db: not_duplicate_page(db, 10))
    assert {(pair.a.sha256, pair.b.sha256) for pair in page.items} == {shas("a", "b"), shas("a", "c")}
    assert [(pair.phash, pair.dhash, pair.annotator) for pair in page.items] == [(7, 7, "Ann")] * 2
    assert all(pair.states[faces[0]].class_id == 4 for pair in page.items)
    store.write(lambda db: groups.mark_same(db, "Bob", [shas("a", "b")]))
    left = store.read(lambda db: not_duplicate_page(db, 10))
    assert [(pair.a.sha256, pair.b.sha256) for pair in left.items] == [shas("a", "c")]
    assert left.total == 1


def test_pages_of_pairs(store: Store) -> None:
    add_copies(store, ["a", "b", "c"])
    store.write(lambda db: groups.mark_distinct(db, "Ann", 1))
    first = store.read(lambda db: not_duplicate_page(db, 2))
    assert (len(first.items), first.total, first.position, first.has_next, first.has_prev) == (2, 3, 0, True, False)
    second = store.read(lambda db: not_duplicate_page(db, 2, after=first.last))
    assert (len(second.items), second.position, second.has_next, second.has_prev) == (1, 2, False, True)
    seen = {(pair.a.sha256, pair.b.sha256) for pair in (*first.items, *second.items)}
    assert seen == {shas("a", "b"), shas("a", "c"), shas("b", "c")}
    with pytest.raises(UsageError):
        store.read(lambda db: not_duplicate_page(db, 2, after="x"))


def test_pairs_that_are_near_no_more_are_nobody_s_question(store: Store) -> None:
    add_copies(store, ["a", "b"])
    store.write(lambda db: groups.mark_distinct(db, "Ann", 1))
    store.write(lambda db: near_pairs.restart(db, ["plain"]))
    assert store.read(lambda db: not_duplicate_page(db, 2)).total == 0
