from __future__ import annotations

from db.store.store import Store
from db.tables.releases import add_release, list_releases


def test_releases_are_listed_newest_first(store: Store) -> None:
    counts = {"train": {"smile": 8}, "val": {"smile": 2}}
    one = store.write(
        lambda db: add_release(db, "r1", "releases/r1", {"val": 0.2, "seed": 0}, counts, "ab" * 32, "Ann")
    )
    two = store.write(lambda db: add_release(db, "r2", "releases/r2", {}, {}, "cd" * 32, None))
    newest, oldest = store.read(list_releases)
    assert (newest.id, oldest.id) == (two, one)
    assert (oldest.name, oldest.path, oldest.params, oldest.counts) == (
        "r1",
        "releases/r1",
        {"val": 0.2, "seed": 0},
        counts,
    )
    assert (oldest.digest, oldest.annotator, newest.annotator) == ("ab" * 32, "Ann", None)
