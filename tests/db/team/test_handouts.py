from __future__ import annotations

import pytest

from db.decisions.verify import verify
from db.projection.columns import Faces
from db.projection.filters import ReviewFilter
from db.store.store import Db, Store
from db.tables import audit
from db.tables.annotators import ensure_annotator
from db.team import handouts
from db.team.handouts import HandOut
from pipeline.core.errors import UsageError
from tests.db.make import add_images
from tests.db.team.test_claims import answer

POUT = {"source": "2"}


@pytest.fixture
def faces(store: Store) -> list[str]:
    add_images(store, ["a", "b"])
    store.write(lambda db: [ensure_annotator(db, name) for name in ("Ann", "Ben", "Lee")])
    return add_images(store, ["c", "d", "e"], source="/pout")


def left(store: Store) -> list[int]:
    return list(store.read(lambda db: handouts.count_left(db, handouts.standing(db))).values())


def test_a_lead_sees_what_is_left_of_it_and_takes_it_back(store: Store, faces: list[str]) -> None:
    number = store.write(lambda db: handouts.hand_out(db, POUT, "ann", "Lee"))
    (one,) = store.read(handouts.standing)
    assert (one.id, one.annotator, one.given_by, one.query) == (number, "Ann", "Lee", POUT)
    assert one.filter == ReviewFilter(source_id=2)
    assert left(store) == [3]
    answer(store, "Ann", faces[0])
    answer(store, "Ben", faces[1])  # knowingly: it is decided all the same
    assert left(store) == [1]
    assert store.write(lambda db: handouts.take_back(db, number, "Lee"))
    assert not store.write(lambda db: handouts.take_back(db, number, "Lee"))
    assert store.read(handouts.standing) == []
    assert [row.action for row in store.read(lambda db: list(audit.rows(db)))] == ["hand_out", "hand_out_taken_back"]
    assert store.read(verify) == []


def test_a_handout_of_decided_faces_counts_those_its_person_did_not_answer(store: Store, faces: list[str]) -> None:
    answer(store, "Ben", *faces)
    answer(store, "Ann", faces[0])
    store.write(lambda db: handouts.hand_out(db, {**POUT, "state": "accepted"}, "Ann", "Lee"))
    assert left(store) == [2]


@pytest.mark.parametrize(("query", "name"), [(POUT, "Nobody"), ({"state": "pretty"}, "Ann"), ({"source": "1"}, "Ben")])
def test_what_makes_no_handout_is_refused(store: Store, faces: list[str], query: dict[str, str], name: str) -> None:
    store.write(lambda db: handouts.hand_out(db, {"source": "1"}, "Ben", "Lee"))
    with pytest.raises(UsageError):
        store.write(lambda db: handouts.hand_out(db, query, name, "Lee"))
    assert len(store.read(handouts.standing)) == 1


def test_a_handout_is_kept_as_the_address_says_it(store: Store, faces: list[str]) -> None:
    query = {"source": "2", "quality": "sharpness:20:", "order": "-opening"}
    store.write(lambda db: handouts.hand_out(db, query, "Ann", "Lee"))
    (one,) = store.read(lambda db: handouts.standing(db, "Ann"))
    assert isinstance(one, HandOut)
    assert one.filter == ReviewFilter(source_id=2, ranges=(("sharpness", 20.0, None),), order="-opening")
    assert store.read(lambda db: handouts.standing(db, "Ben")) == []


def test_of_several_hand_outs_each_counts_with_its_own_state(store: Store, faces: list[str]) -> None:
    everything = store.read(lambda db: [row[0] for row in db.execute("SELECT id FROM faces ORDER BY seq")])

    def kept_from_ann() -> list[str] | None:
        def work(db: Db) -> list[str] | None:
            others = handouts.for_others(db, "Ann")
            if others is None:
                return None
            mask, seqs = others.among(Faces(db)), dict(db.execute("SELECT id, seq FROM faces").fetchall())
            return [face for face in everything if mask[seqs[face]]]

        return store.read(work)

    first, second, *of_source_2 = everything
    answer(store, "Ben", first, of_source_2[0])
    assert kept_from_ann() is None
    store.write(lambda db: handouts.hand_out(db, POUT, "Ben", "Lee"))
    assert kept_from_ann() == of_source_2[1:]  # the undecided ones
    store.write(lambda db: handouts.hand_out(db, {"source": "1", "state": "accepted"}, "Ben", "Lee"))
    assert kept_from_ann() == [first, *of_source_2[1:]]
    store.write(lambda db: handouts.hand_out(db, {"state": "accepted"}, "Ann", "Lee"))
    assert kept_from_ann() == of_source_2[1:]
    store.write(lambda db: handouts.hand_out(db, {}, "Ben", "Lee"))
    assert kept_from_ann() == [second, *of_source_2[1:]]
