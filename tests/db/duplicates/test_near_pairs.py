from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest

from db.decisions.log import apply_ops
from db.duplicates import near_pairs
from db.duplicates.grouping import NearPair
from db.images.erase import erase
from db.images.relink import remove_source
from db.reads.export_items import accepted_items
from db.reads.groups import split_groups
from db.reads.sources import list_sources
from db.store.store import Db, Store
from pipeline.core.errors import UsageError
from tests.db.make import add_images, decide, sha_of
from tests.db.near_copies import BLANK, add_copies, groups_of, near_pair, record_pairs, shas


def table(db: Db, name: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in db.execute(f"SELECT * FROM {name}")]


def all_pairs(names: str) -> list[NearPair]:
    return [near_pair(a, b) for a, b in combinations(names, 2)]


def test_hashes_come_back_by_name(store: Store) -> None:
    add_images(store, ["a", "b", "c"])
    assert set(store.read(near_pairs.unhashed)) == shas("abc")
    blobs = {sha_of(name): bytes([n]) * 192 for n, name in enumerate("ab")}
    store.write(lambda db: near_pairs.put_hashes(db, [*blobs.items(), ("f" * 64, BLANK)]))
    store.write(lambda db: near_pairs.put_hashes(db, [(sha_of("a"), b"\xff" * 192)]))  # what is there stays
    assert store.read(near_pairs.unhashed) == [sha_of("c")]
    waiting = store.read(lambda db: near_pairs.load_hashes(db, compared=False))
    assert waiting.shas == tuple(sorted(blobs))
    assert [row.tobytes() for row in waiting.hashes] == [blobs[sha] for sha in waiting.shas]
    store.write(lambda db: record_pairs(db, [], [sha_of("b")]))
    assert store.read(lambda db: near_pairs.load_hashes(db, compared=False)).shas == (sha_of("a"),)
    done = store.read(lambda db: near_pairs.load_hashes(db, compared=True))
    assert done.shas == (sha_of("b"),)
    assert done.hashes.dtype == np.uint8


def test_unhashed_images_come_page_by_page(store: Store) -> None:
    add_images(store, list("abcde"))
    first = store.read(lambda db: near_pairs.unhashed(db, size=3))
    rest = store.read(lambda db: near_pairs.unhashed(db, after=first[-1], size=3))
    assert first + rest == sorted(shas("abcde"))


@pytest.mark.parametrize("order", list(permutations("abc")), ids="".join)
def test_groups_do_not_depend_on_the_order_of_import(store: Store, order: tuple[str, ...]) -> None:
    met = ""
    for name in order:
        add_copies(store, [name], [near_pair(name, other) for other in met])
        met += name
    assert list(groups_of(store).values()) == [shas("abc")]


def test_pairs_and_mark_are_one_transaction(store: Store) -> None:
    add_images(store, ["a", "b"])
    store.write(lambda db: near_pairs.put_hashes(db, [(sha_of(name), BLANK) for name in "ab"]))

    def killed(db: Db) -> None:
        record_pairs(db, [near_pair("a", "b")], [sha_of("a"), sha_of("b")])
        raise KeyError("killed")

    with pytest.raises(KeyError):
        store.write(killed)
    assert store.read(lambda db: table(db, "near_pairs")) == []
    assert len(store.read(lambda db: near_pairs.load_hashes(db, compared=False)).shas) == 2
    assert groups_of(store) == {}


def test_a_pair_found_twice_keeps_its_nearer_view(store: Store) -> None:
    add_copies(store, "ab", [near_pair("a", "b", 30, 30)])
    for pair in (near_pair("a", "b", 3, 3, "centre"), near_pair("a", "b", 40, 3, "mirror")):
        store.write(lambda db, pair=pair: record_pairs(db, [pair], []))
    (row,) = store.read(lambda db: table(db, "near_pairs"))
    assert row[2:5] == (3, 3, "centre")


def test_a_pair_of_an_image_that_went_is_left_out(store: Store) -> None:
    add_images(store, ["a"])
    store.write(lambda db: near_pairs.put_hashes(db, [(sha_of("a"), BLANK)]))
    assert store.write(lambda db: record_pairs(db, [near_pair("a", "gone")], [sha_of("a")])) == 0
    assert store.read(lambda db: table(db, "near_pairs")) == []


def test_a_group_that_does_not_change_keeps_its_number_and_one_that_grows_does_not(store: Store) -> None:
    add_copies(store, "abxy", [near_pair("a", "b"), near_pair("x", "y")])
    (ab,) = (number for number, members in groups_of(store).items() if members == shas("ab"))
    (xy,) = groups_of(store).keys() - {ab}
    add_copies(store, "c", [near_pair("c", "a"), near_pair("c", "b")])
    now = groups_of(store)
    assert now.pop(xy) == shas("xy")
    assert list(now.values()) == [shas("abc")]
    assert ab not in now
    add_copies(store, "d", [near_pair("d", "x", 30)])  # not near to y: nothing changes
    assert groups_of(store)[xy] == shas("xy")


def test_a_judgement_splits_is_remembered_and_can_be_taken_back(store: Store) -> None:
    add_copies(store, "abc", all_pairs("abc"))
    (number,) = groups_of(store)
    pair = tuple(sorted(shas("ac")))
    store.write(lambda db: db.execute("INSERT INTO annotators VALUES ('Ann', '')"))
    store.write(lambda db: near_pairs.record_verdicts(db, "Ann", [pair], same=False))
    ((left, members),) = groups_of(store).items()
    assert left == number
    assert members in (shas("ab"), shas("bc"))
    add_copies(store, "d", [near_pair("d", name) for name in "abc"])
    assert all(not set(pair) <= group for group in groups_of(store).values())
    store.write(lambda db: near_pairs.record_verdicts(db, "Ann", [pair], same=True))
    assert list(groups_of(store).values()) == [shas("abcd")]
    assert len(store.read(lambda db: table(db, "pair_verdicts"))) == 2
    with pytest.raises(UsageError, match="smaller"):
        store.write(lambda db: near_pairs.record_verdicts(db, "Ann", [pair[::-1]], same=True))


def test_an_erased_image_leaves_nothing_and_the_rest_is_grouped_anew(store: Store) -> None:
    """a-b and b-c are near, a-c is not: without b there is no group; x, y, z lose one and stay."""
    add_copies(store, "abcxyz", [near_pair("a", "b", 3), near_pair("b", "c", 9), *all_pairs("xyz")])
    store.write(lambda db: near_pairs.record_verdicts(db, "Ann", [tuple(sorted(shas("xy")))], same=False))
    store.write(lambda db: near_pairs.record_verdicts(db, "Ann", [tuple(sorted(shas("xy")))], same=True))
    (number,) = (n for n, members in groups_of(store).items() if members == shas("xyz"))
    for name in "bx":
        store.write(lambda db, name=name: erase(db, sha_of(name)))
    assert groups_of(store) == {number: shas("yz")}
    for name in ("near_pairs", "pair_verdicts", "image_hashes", "duplicate_members", "duplicate_groups"):
        for row in store.read(lambda db, name=name: table(db, name)):
            assert not {sha_of("b"), sha_of("x")} & set(map(str, row))


def test_a_removed_source_takes_its_copies_out_of_the_groups(store: Store) -> None:
    add_copies(store, "ab", [near_pair("a", "b")])
    add_images(store, ["c", "d"], source="/y")
    store.write(lambda db: near_pairs.put_hashes(db, [(sha_of(name), BLANK) for name in "cd"]))
    store.write(lambda db: record_pairs(db, all_pairs("abcd"), sorted(shas("cd"))))
    assert list(groups_of(store).values()) == [shas("abcd")]
    gone = store.read(list_sources)[1]
    store.write(lambda db: remove_source(db, gone.id))
    assert list(groups_of(store).values()) == [shas("ab")]
    assert len(store.read(lambda db: table(db, "image_hashes"))) == 2


def test_restart_forgets_what_the_machine_found_and_not_what_people_said(store: Store) -> None:
    add_copies(store, "ab", [near_pair("a", "b")])
    store.write(lambda db: near_pairs.record_verdicts(db, "Ann", [tuple(sorted(shas("ab")))], same=False))
    assert store.read(near_pairs.views) is None
    store.write(lambda db: near_pairs.restart(db, ("plain", "mirror")))
    assert store.read(near_pairs.views) == ("plain", "mirror")
    assert len(store.read(lambda db: near_pairs.load_hashes(db, compared=False)).shas) == 2
    store.write(lambda db: record_pairs(db, [near_pair("a", "b")], sorted(shas("ab"))))
    assert groups_of(store) == {}


def test_splits_follow_chains_whatever_came_first(store: Store) -> None:
    add_copies(store, "zabmn", [near_pair("z", "a"), near_pair("a", "b"), near_pair("m", "n")])
    assert store.read(split_groups) == one_group("zab") | one_group("mn")
    add_copies(store, "c", [near_pair("c", "b", 1, 1)])
    assert store.read(split_groups) == one_group("zabc") | one_group("mn")
    store.write(lambda db: near_pairs.record_verdicts(db, "Ann", [tuple(sorted(shas("za")))], same=False))
    assert store.read(split_groups) == one_group("abc") | one_group("mn")


def one_group(names: str) -> dict[str, str]:
    return dict.fromkeys(shas(names), min(shas(names)))


def test_an_export_keeps_near_copies_together(store: Store) -> None:
    faces = add_copies(store, "abc", [near_pair("a", "b")])
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face) for face in faces]))
    items = {item.image_sha256: item.group for item in store.read(accepted_items)}
    assert items == one_group("ab") | one_group("c")
