"""Where images are placed, by the name that releases share."""

from __future__ import annotations

from db.images.erase import erase
from db.store.store import Db, Store
from db.tables import placements
from db.tables.releases import add_release
from tests.db.make import add_images, sha_of


def release(store: Store, line: str, **splits: str) -> int:
    def work(db: Db) -> int:
        number = add_release(db, line, "/out", {}, {}, "d", None)
        placements.remember(db, line, {sha_of(name): split for name, split in splits.items()}, number)
        return number

    return store.write(work)


def placed(store: Store, line: str, release_id: int | None = None) -> dict[str, str]:
    found = store.read(lambda db: placements.placements_of(db, line, release_id))
    return {name: found[sha_of(name)] for name in "abc" if sha_of(name) in found}


def test_the_newest_word_of_a_line_holds_and_each_release_knows_its_own(store: Store) -> None:
    add_images(store, list("abc"))
    first = release(store, "set", a="train", b="val")
    release(store, "other", a="test")
    second = release(store, "set", b="train", c="val")
    assert placed(store, "set") == placed(store, "set", second) == {"a": "train", "b": "train", "c": "val"}
    assert placed(store, "set", first) == {"a": "train", "b": "val"}
    assert placed(store, "other") == {"a": "test"}
    assert placed(store, "none") == {}


def test_what_is_imported_holds_from_the_next_release_on_and_moves_nothing(store: Store) -> None:
    add_images(store, list("abc"))
    first = release(store, "set", a="train")
    told = {sha_of(name): "val" for name in "ab"} | {"f" * 64: "val"}
    assert store.write(lambda db: placements.adopt(db, "set", told)) == 1
    assert placed(store, "set") == {"a": "train", "b": "val"}
    assert placed(store, "set", first) == {"a": "train"}
    second = release(store, "set", b="train")  # a release has the last word on its own number
    assert placed(store, "set", second) == {"a": "train", "b": "train"}


def test_an_erased_photo_leaves_no_placement(store: Store) -> None:
    add_images(store, list("ab"))
    release(store, "set", a="train", b="val")
    store.write(lambda db: erase(db, sha_of("a")))
    assert placed(store, "set") == {"b": "val"}
