from __future__ import annotations

import pytest

from db.decisions.verify import verify
from db.store.store import Store
from db.team import gold
from db.team.blind import VisibleFaces, blind_for, visible_states
from db.team.gold import Accuracy, wilson
from pipeline.core.errors import UsageError
from pipeline.core.records import Verdict
from tests.db.make import add_images
from tests.db.team.test_claims import answer, claim


@pytest.fixture
def faces(store: Store) -> list[str]:
    """Ten faces; the first two are gold, both smiles, set by Lee."""
    found = add_images(store, [f"photo {n}" for n in range(10)])
    answer(store, "Lee", *found[:2])
    for face in found[:2]:
        store.write(lambda db, face=face: gold.make_gold(db, face, "Lee"))
    store.write(lambda db: gold.set_share(db, 0.5, "Lee"))
    return found


def state(store: Store, who: str, face: str) -> tuple[str | None, int | None]:
    (one,) = store.read(lambda db: visible_states(db, who, [face]))
    return one.verdict, one.class_id


def test_gold_is_slipped_in_as_if_it_were_undecided_and_once(store: Store, faces: list[str]) -> None:
    batch = claim(store, "Ann", 4)
    assert set(faces[:2]) < set(batch.faces)
    assert sorted(set(batch.faces) - set(faces[:2])) == sorted(faces[2:4])
    assert [state(store, "Ann", face) for face in faces[:2]] == [(None, None)] * 2
    assert state(store, "Ben", faces[0]) == ("accept", 3)
    assert store.read(lambda db: VisibleFaces(db, "Ann").column("state")[1]) == 0
    answer(store, "Ann", *batch.faces)
    assert not set(claim(store, "Ann", 4).faces) & set(faces[:2])
    assert not set(claim(store, "Lee", 4).faces) & set(faces[:2])  # who made it gold knows


def test_a_blind_answer_on_gold_overturns_nothing_and_is_measured(store: Store, faces: list[str]) -> None:
    batch = claim(store, "Ann", 4)
    answer(store, "Ann", faces[0])
    answer(store, "Ann", faces[1], verdict=Verdict.REJECT, seen="")
    assert not store.read(lambda db: blind_for(db, "Ann", batch.faces)).gold
    assert state(store, "Lee", faces[1]) == ("accept", 3)
    assert store.read(gold.accuracies) == [Accuracy("Ann", 1, 2)]
    answer(store, "Ann", faces[1])  # now that it is told: no measure
    assert store.read(lambda db: gold.accuracies(db, "Ann")) == [Accuracy("Ann", 1, 2)]
    assert store.read(lambda db: gold.accuracies(db, "Ben")) == []
    assert store.read(verify) == []


def test_what_is_gold_is_adjudicated_and_can_be_none_again(store: Store, faces: list[str]) -> None:
    (adjudicated,) = store.read(lambda db: db.execute(
        "SELECT adjudicated FROM face_state WHERE face_id = ?", [faces[0]]).fetchone())  # fmt: skip
    assert adjudicated == 1
    assert store.read(gold.count_gold) == 2
    assert store.write(lambda db: gold.remove_gold(db, faces[0], "Lee"))
    assert not store.write(lambda db: gold.remove_gold(db, faces[0], "Lee"))
    assert state(store, "Ann", faces[0]) == ("accept", 3)
    with pytest.raises(UsageError):
        store.write(lambda db: gold.make_gold(db, faces[5], "Lee"))
    with pytest.raises(UsageError):
        store.write(lambda db: gold.set_share(db, 0.6, "Lee"))


def test_one_in_twenty_is_gold_by_default(store: Store) -> None:
    found = add_images(store, [f"photo {n}" for n in range(240)])
    answer(store, "Lee", *found[:40])
    for face in found[:40]:
        store.write(lambda db, face=face: gold.make_gold(db, face, "Lee"))
    given = set(claim(store, "Ann", 100).faces) & set(found[:40])
    assert len(given) == 5


@pytest.mark.parametrize(("right", "of"), [(0, 1), (1, 1), (7, 10), (95, 100), (400, 400), (3, 1000)])
def test_the_interval_is_wilsons(right: int, of: int) -> None:
    """Its ends are the shares from which what was seen lies 1.96 standard errors away: put in, not solved for."""
    low, high = wilson(right, of)
    assert 0 <= low <= right / of <= high <= 1
    for end in (low, high):
        assert (right / of - end) ** 2 == pytest.approx(1.959964**2 * end * (1 - end) / of, abs=1e-9)
    assert wilson(0, 0) == (0, 1)
