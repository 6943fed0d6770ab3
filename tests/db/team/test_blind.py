"""On which faces a person is told nothing that suggests an answer."""

from __future__ import annotations

import pytest

from db.decisions.log import apply_ops
from db.listing import faces as listing
from db.projection.facets import facets
from db.projection.filters import ReviewFilter
from db.reads.review import review_items
from db.store.store import Store
from db.tables.annotators import ensure_annotator
from db.team import claims, gold, second_opinions
from db.team.blind import VisibleFaces, undecided_for, veiled_for, visible_items, without_blind
from db.team.guidelines import list_guidelines, set_example
from pipeline.core.metrics import MISSING
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide
from tests.db.suggest.make import seq_of, suggest


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


def test_an_example_of_a_class_is_a_hint(store: Store, faces: list[str]) -> None:
    for face in (faces[0], faces[5]):
        store.write(lambda db, face=face: set_example(db, "Olga", 1, face, False))
    batch = store.write(lambda db: claims.claim_next(db, "Ben", ReviewFilter(), 3))
    assert (faces[0] in batch.faces, faces[5] in batch.faces) == (True, False)

    def shown(who: str | None) -> list[str]:
        return [one.face_id for one in store.read(lambda db: list_guidelines(db, who))[1].examples]

    assert (shown("Ben"), shown("Olga"), shown(None)) == ([faces[5]], [faces[0], faces[5]], [faces[0], faces[5]])
    store.write(lambda db: apply_ops(db, "Ben", [decide(db, faces[0], Verdict.UNSURE)]))
    assert shown("Ben") == [faces[0], faces[5]]


def test_a_batch_without_gold_tells_what_it_told(store: Store, faces: list[str]) -> None:
    store.write(lambda db: gold.set_share(db, 0, "Olga"))
    batch = store.write(lambda db: claims.claim_next(db, "Ben", ReviewFilter(), 3))
    assert faces[0] not in batch.faces
    assert store.read(lambda db: veiled_for(db, "Ben", faces)) == set()
    assert proposed(store, "Ben", list(batch.faces)) == [1, 1, 1]


HINTS = [ReviewFilter("all", proposal=1), ReviewFilter("all", source_id=1), ReviewFilter("all", suggested=3),
         ReviewFilter("all", confidence=(0.5, 1.0))]  # fmt: skip


def listed(store: Store, who: str, flt: ReviewFilter) -> set[str]:
    return {one.face_id for one in store.read(lambda db: listing.page(db, who, flt, 50)).items}


@pytest.mark.parametrize("flt", HINTS, ids=["folder", "source", "suggestion", "confidence"])
def test_no_filter_and_no_count_tells_a_hint_on_a_batch_with_gold(
    store: Store, faces: list[str], flt: ReviewFilter
) -> None:
    suggest(store, dict.fromkeys(faces, (0.1, 0.1, 0.7, 0.1)))
    assert listed(store, "Ben", flt) == set(faces)
    batch = store.write(lambda db: claims.claim_next(db, "Ben", ReviewFilter(), 3))
    assert listed(store, "Ben", flt) == set(faces) - set(batch.faces)
    assert listed(store, "Olga", flt) == set(faces)
    assert store.read(lambda db: facets(db, flt, (), VisibleFaces(db, "Ben"))).total == 3
    for face in batch.faces:
        store.write(lambda db, face=face: apply_ops(db, "Ben", [decide(db, face, Verdict.UNSURE)]))
    assert listed(store, "Ben", flt) == set(faces)


def test_columns_of_a_batch_with_gold_hold_no_hint_and_all_else(store: Store, faces: list[str]) -> None:
    suggest(store, dict.fromkeys(faces, (0.1, 0.1, 0.7, 0.1)))
    batch = store.write(lambda db: claims.claim_next(db, "Ben", ReviewFilter(), 3))
    with_seqs = store.read(lambda db: {face: seq_of(db, face) for face in faces})
    for name in ("proposal", "source", "suggested", "confidence", "margin"):
        told = store.read(lambda db, name=name: VisibleFaces(db, "Ben").column(name).copy())
        assert {face for face, seq in with_seqs.items() if told[seq] == MISSING} == set(batch.faces), name
    told = store.read(lambda db: VisibleFaces(db, "Ben").class_probability(3).copy())
    assert {face for face, seq in with_seqs.items() if told[seq] == MISSING} == set(batch.faces)
    assert len(listed(store, "Ben", ReviewFilter("undecided"))) == len(faces)


def test_where_the_photo_of_such_a_face_lies_is_not_told_anywhere(store: Store, faces: list[str]) -> None:
    def told(who: str) -> dict[str, str]:
        rows = [{"name": "a.jpg", "folder": "smile/", "location": "smile/a.jpg", "side": 9,
                 "faces": [{"id": face, "verdict": ""}]} for face in faces]  # fmt: skip
        group = {"members": [{name: row[name] for name in ("name", "folder", "faces")} for row in rows]}
        seen = store.read(lambda db: without_blind(db, who, [*rows, group]))
        places = {row["faces"][0]["id"]: row["name"] + row["folder"] + row["location"] for row in seen[:-1]}
        members = {one["faces"][0]["id"]: one["name"] + one["folder"] for one in seen[-1]["members"]}
        assert {face for face, place in places.items() if place} == {face for face, place in members.items() if place}
        assert all(row["side"] == 9 for row in seen[:-1])
        return places

    batch = store.write(lambda db: claims.claim_next(db, "Ben", ReviewFilter(), 3))
    assert {face for face, place in told("Ben").items() if not place} == set(batch.faces)
    assert all(told("Olga").values())
    plain = next(face for face in batch.faces if face != faces[0])
    store.write(lambda db: apply_ops(db, "Ben", [decide(db, plain, Verdict.UNSURE)]))
    assert {face for face, place in told("Ben").items() if not place} == set(batch.faces) - {plain}


def test_what_is_left_to_a_person_is_what_review_lists_for_them(store: Store, faces: list[str]) -> None:
    """Gold that they were given, and what others alone have answered where opinions are independent."""

    def left(who: str) -> int:
        found = store.read(lambda db: undecided_for(db, who))
        assert (
            found
            == store.read(lambda db: facets(db, ReviewFilter(), ("state",), VisibleFaces(db, who))).of["state"][
                "undecided"
            ]
        )
        return found

    assert (left("Olga"), left("Ben")) == (5, 5)
    store.write(lambda db: claims.claim_next(db, "Ben", ReviewFilter(), 3))
    assert (left("Olga"), left("Ben")) == (5, 6)
    store.write(lambda db: second_opinions.set_share(db, second_opinions.Setting(share=1.0), "Olga"))
    store.write(lambda db: apply_ops(db, "Olga", [decide(db, faces[1], Verdict.ACCEPT, 1)]))
    assert (left("Olga"), left("Ben")) == (4, 6)
