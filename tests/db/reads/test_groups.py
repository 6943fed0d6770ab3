"""What must not straddle the splits of an export, and which pairs would."""

from __future__ import annotations

from itertools import permutations

import pytest

from db.duplicates import near_pairs
from db.reads import groups
from db.reads.groups import Link, split_groups, straddling
from db.store.store import Store
from tests.db.copies import join
from tests.db.make import add_images, sha_of


def people(monkeypatch: pytest.MonkeyPatch, of: dict[str, list[str]]) -> None:
    monkeypatch.setattr(groups, "person_of_images", lambda _: {sha_of(name): who for name, who in of.items()})


def test_a_person_joins_photos_and_a_photo_of_two_joins_persons(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_images(store, list("abcdef"))
    join(store, "ef")
    people(monkeypatch, {"a": ["ann"], "b": ["ann", "ben"], "c": ["ben"], "d": ["cleo"], "e": ["dan"]})
    found = store.read(split_groups)
    assert {found[sha_of(name)] for name in "abc"} == {min(map(sha_of, "abc"))}
    assert {found[sha_of(name)] for name in "ef"} == {min(map(sha_of, "ef"))}
    assert sha_of("d") not in found  # alone


@pytest.mark.parametrize("order", list(permutations("abc")))
def test_groups_are_named_alike_whatever_came_first(store: Store, order: tuple[str, ...]) -> None:
    for name in order:
        add_images(store, [name])
    join(store, "ab")
    join(store, "bc")
    assert store.read(split_groups) == dict.fromkeys(map(sha_of, "abc"), min(map(sha_of, "abc")))


def test_the_pairs_that_would_straddle_are_named_with_what_joins_them(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_images(store, list("abcdxy"))
    join(store, "ab")
    join(store, "xy")
    people(monkeypatch, {"c": ["ann"], "d": ["ann"], "x": []})
    split_of = {
        sha_of(name): split for name, split in zip("abcdx", ("train", "val", "test", "train", "val"), strict=True)
    }
    copies, person = sorted(map(sha_of, "ab")), sorted(map(sha_of, "cd"))
    assert set(store.read(lambda db: straddling(db, split_of))) == {Link(*copies, "copy"), Link(*person, "person")}
    store.write(lambda db: db.execute("INSERT INTO annotators VALUES ('Ann', '')"))
    store.write(lambda db: near_pairs.record_verdicts(db, "Ann", [tuple(copies)], same=False))
    assert store.read(lambda db: straddling(db, split_of)) == [Link(*person, "person")]
