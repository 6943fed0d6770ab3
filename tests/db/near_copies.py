"""Near copies made up for the database's tests: images `a`, `b`, … by name, near to each other as told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from db.duplicates import near_pairs
from db.duplicates.grouping import NearPair
from db.duplicates.near_pairs import mark_compared, put_pairs
from db.duplicates.regroup import regroup
from db.store.store import Db, Store
from tests.db.make import add_images, sha_of

BLANK = bytes(192)


def near_pair(one: str, other: str, phash: int = 10, dhash: int = 5, view: str = "plain") -> NearPair:
    a, b = sorted((sha_of(one), sha_of(other)))
    return NearPair(a, b, phash, dhash, view)


def add_copies(store: Store, names: Sequence[str], pairs: Iterable[NearPair], faces: int = 1) -> list[str]:
    """Record images with hashes and near pairs; returns the ids of their faces."""
    found = add_images(store, list(names), faces)

    def work(db: Db) -> None:
        near_pairs.put_hashes(db, [(sha_of(name), BLANK) for name in names])
        record_pairs(db, list(pairs), [sha_of(name) for name in names])

    store.write(work)
    return found


def groups_of(store: Store) -> dict[int, set[str]]:
    """Group number -> its members."""

    def work(db: Db) -> dict[int, set[str]]:
        found: dict[int, set[str]] = {}
        for number, sha in db.execute("SELECT group_id, sha256 FROM duplicate_members"):
            found.setdefault(number, set()).add(sha)
        return found

    return store.read(work)


def shas(names: str) -> set[str]:
    return {sha_of(name) for name in names}


def record_pairs(db: Db, pairs: Sequence[NearPair], compared: Sequence[str]) -> int:
    """Store near pairs, mark the images `compared`, and group anew what the pairs touch. Inside a write.

    All at once, for a few; `pipeline.actions.near_duplicates` does it in pieces. Returns how many pairs were stored.
    """
    stored, _ = put_pairs(db, pairs)
    mark_compared(db, compared)
    regroup(db, {sha for pair in pairs for sha in (pair.a, pair.b)})
    return stored
