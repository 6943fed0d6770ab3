"""What must not straddle the splits of an export, and which pairs would."""

from __future__ import annotations

from itertools import permutations

import pytest

from db.duplicates import near_pairs
from db.reads import groups
from db.reads.groups import Link, split_groups, straddling
from db.store.store import Store
from db.tables.frames import tell_together
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


def test_what_data_sets_say_belongs_together_is_joined_by_each_for_itself(store: Store) -> None:
    add_images(store, list("abcdef"))

    def tell(place: str, **told: str) -> None:
        named = {name: [*map(sha_of, images), "0" * 64] for name, images in told.items()}
        store.write(lambda db: tell_together(db, place, named))

    tell("/one", task1="ab", task2="f")
    tell("/two", task1="cd")
    tell("/two", task1="cd")
    split_of = {sha_of(name): split for name, split in zip("abcdef", ["train", "val"] * 3, strict=True)}
    expected = {Link(*sorted(map(sha_of, pair)), "told") for pair in ("ab", "cd")}
    assert set(store.read(lambda db: straddling(db, split_of))) == expected
    tell("/three", task1="bc")  # through these all four are one
    found = store.read(split_groups)
    assert {found[sha_of(name)] for name in "abcd"} == {min(map(sha_of, "abcd"))}
    assert found.keys() == set(map(sha_of, "abcd"))
    assert store.read(lambda db: db.execute("SELECT count(*) FROM told_together").fetchone()) == (6,)
