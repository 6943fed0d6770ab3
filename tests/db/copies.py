"""Images that are near copies of each other, for the tests of the Duplicates page."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from db.duplicates import near_pairs
from db.duplicates.grouping import NearPair
from db.store.store import Db, Store
from tests.db.make import add_images, sha_of
from tests.db.near_copies import record_pairs


def add_copies(store: Store, names: Sequence[str], bits: int = 4, faces: int = 1) -> list[str]:
    """Images of which every two are near copies; the ids of their faces, in order."""
    made = add_images(store, list(names), faces)
    join(store, names, bits)
    return made


def join(store: Store, names: Sequence[str], bits: int = 4) -> None:
    """Every two of these images are near from now on."""
    shas = sorted(sha_of(name) for name in names)

    def work(db: Db) -> None:
        near_pairs.put_hashes(db, [(sha, bytes(192)) for sha in shas])
        record_pairs(db, [NearPair(a, b, bits, bits) for a, b in combinations(shas, 2)], shas)

    store.write(work)
