"""On which faces a person is told nothing that suggests an answer."""

from __future__ import annotations

import pytest

from db.decisions.log import apply_ops
from db.projection.filters import ReviewFilter
from db.reads.review import review_items
from db.store.store import Store
from db.tables.annotators import ensure_annotator
from db.team import claims, gold
from db.team.blind import veiled_for, visible_items
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide


@pytest.fixture
def faces(store: Store) -> list[str]:
    """Six faces; Olga decided the first, which is gold. Folders propose the first class for each."""
    found = add_images(store, [f"p{number}" for number in range(6)])
    for name in ("Olga", "Ben"):
        store.write(lambda db, name=name: ensure_annotator(db, name))
    store.write(lambda db: apply_ops(db, "Olga", [decide(db, found[0], Verdict.ACCEPT, 1)]))
    store.write(lambda db: gold.make_gold(db, found[0], "Olga"))
    store.write(lambda db: gold.set_share(db, 0.5, "Olga"))
    store.write(lambda db: db.execute("UPDATE face_state SET proposal = 1"))
    return found


def proposed(store: Store, who: str, faces: list[str]) -> list[int | None]:
    return [one.proposal for one in store.read(lambda db: visible_items(db, who, review_items(db, faces)))]


def test_a_batch_with_gold_is_veiled_until_each_face_is_answered(store: Store, faces: list[str]) -> None:
    batch = store.write(lambda db: claims.claim_next(db, "Ben", ReviewFilter(), 3))
    assert faces[0] in batch.faces
    assert len(batch.faces) == 3
    assert store.read(lambda db: veiled_for(db, "Ben", faces)) == set(batch.faces)
    assert store.read(lambda db: veiled_for(db, "Olga", faces)) == set()
    assert proposed(store, "Ben", list(batch.faces)) == [None, None, None]
    assert proposed(store, "Olga", list(batch.faces)) == [1, 1, 1]
    plain = next(face for face in batch.faces if face != faces[0])
    store.write(lambda db: apply_ops(db, "Ben", [decide(db, plain, Verdict.UNSURE)]))
    assert store.read(lambda db: veiled_for(db, "Ben", faces)) == set(batch.faces) - {plain}
    store.write(lambda db: apply_ops(db, "Ben", [decide(db, faces[0], Verdict.UNSURE)]))  # gold itself
    assert store.read(lambda db: veiled_for(db, "Ben", faces)) == set(batch.faces) - {plain, faces[0]}


def test_a_batch_without_gold_tells_what_it_told(store: Store, faces: list[str]) -> None:
    store.write(lambda db: gold.set_share(db, 0, "Olga"))
    batch = store.write(lambda db: claims.claim_next(db, "Ben", ReviewFilter(), 3))
    assert faces[0] not in batch.faces
    assert store.read(lambda db: veiled_for(db, "Ben", faces)) == set()
    assert proposed(store, "Ben", list(batch.faces)) == [1, 1, 1]
