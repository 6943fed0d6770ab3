"""History: steps as a person may see them, and one of them taken back among later ones."""

from __future__ import annotations

import uuid
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.decisions.log import apply_ops, verify_chain
from db.decisions.ops import DecideOp, RedoOp, UndoOp
from db.listing.steps import TakenBack, steps, take_back_step
from db.store.store import Store
from db.team.history import Wanted
from pipeline.core.errors import DecisionError
from pipeline.core.records import Verdict
from tests.db.decisions.test_properties import fresh_store
from tests.db.make import add_images, new_uuid, sha_of
from tests.examples import examples

NAMES = ("one", "two", "three")


@pytest.fixture
def faces(store: Store) -> list[str]:
    return add_images(store, list(NAMES))


def decide(store: Store, who: str, step: str, faces: list[str], class_id: int, at: str, which: tuple[int, ...]) -> None:
    ops = [
        DecideOp(new_uuid(), step, faces[n], sha_of(NAMES[n]), Verdict.ACCEPT, class_id, None, 0, None) for n in which
    ]
    results = store.write(lambda db: apply_ops(db, who, ops, at))
    assert {one.status for one in results} == {"saved"}


def labels(store: Store) -> list[Any]:
    return store.read(lambda db: [c for (c,) in db.execute("SELECT class_id FROM face_state ORDER BY seq")])


ALL: Final = Wanted()


def listed(store: Store, wanted: Wanted = ALL, **more: Any) -> list[tuple[str, str, str, int, int]]:
    found, _ = store.read(lambda db: steps(db, "Ann", wanted, **more))
    return [(one.annotator, one.step, one.kind, one.n, one.standing) for one in found]


def back(store: Store, actor: str, whose: str, step: str) -> TakenBack:
    return store.write(lambda db: take_back_step(db, actor, whose, step, new_uuid()))


def three_steps(store: Store, faces: list[str]) -> None:
    decide(store, "Ann", "a1", faces, 1, "2026-01-01T10:00:00.000Z", (0, 1))
    decide(store, "Bob", "b1", faces, 2, "2026-01-02T10:00:00.000Z", (1,))
    decide(store, "Ann", "a2", faces, 3, "2026-01-03T10:00:00.000Z", (2,))


def test_steps_are_listed_newest_first_with_what_how_many_and_what_stands(store: Store, faces: list[str]) -> None:
    three_steps(store, faces)
    assert listed(store) == [
        ("Ann", "a2", "decided", 1, 1), ("Bob", "b1", "decided", 1, 1), ("Ann", "a1", "decided", 2, 2),
    ]  # fmt: skip
    first = store.read(lambda db: steps(db, "Ann", Wanted()))[0][2]
    assert first.what == {("accept", 1): 2}
    assert (first.began, first.at, first.more) == ("2026-01-01T10:00:00.000Z", "2026-01-01T10:00:00.000Z", False)


def test_by_person_day_and_kind_and_page_by_page(store: Store, faces: list[str]) -> None:
    three_steps(store, faces)
    assert [one[1] for one in listed(store, Wanted(annotator="Ann"))] == ["a2", "a1"]
    day = Wanted(since="2026-01-02T00:00:00.000Z", until="2026-01-03T00:00:00.000Z")
    assert [one[1] for one in listed(store, day)] == ["b1"]
    back(store, "Ann", "Ann", "a1")
    assert [one[2:] for one in listed(store, kind="taken_back")] == [("taken_back", 2, 0)]
    assert [one[1] for one in listed(store, kind="decided")] == ["a2", "b1", "a1"]
    seen, before = [], None
    while True:
        found, before = store.read(lambda db, at=before: steps(db, "Ann", Wanted(), "", at, 1))
        seen += [(one.step, one.kind) for one in found]
        if before is None:
            break
    assert [name for name, kind in seen if kind == "decided"] == ["a2", "b1", "a1"]
    assert len(seen) == 4


def test_a_step_that_others_decided_amid_is_listed_once_and_whole(store: Store, faces: list[str]) -> None:
    decide(store, "Ann", "a1", faces, 1, "2026-01-01T10:00:00.000Z", (0,))
    decide(store, "Bob", "b1", faces, 2, "2026-01-01T10:00:01.000Z", (2,))
    decide(store, "Ann", "a1", faces, 1, "2026-01-01T10:00:02.000Z", (1,))
    assert listed(store) == [("Ann", "a1", "decided", 2, 2), ("Bob", "b1", "decided", 1, 1)]


def test_one_step_is_taken_back_alone_and_who_decided_since_is_named(store: Store, faces: list[str]) -> None:
    three_steps(store, faces)
    assert back(store, "Ann", "Ann", "a1") == TakenBack(2, {"Bob": 1})
    assert labels(store) == [None, 2, 3]
    assert store.read(verify_chain) == []
    with pytest.raises(DecisionError) as refused:
        back(store, "Ann", "Ann", "a1")
    assert refused.value.message.code == "step_nothing_stands"


def test_somebody_else_s_step_comes_back_by_nobody_s_redo(store: Store, faces: list[str]) -> None:
    three_steps(store, faces)
    assert back(store, "Rita", "Bob", "b1") == TakenBack(1, {})
    assert labels(store) == [1, 1, 3]
    for who in ("Rita", "Bob"):
        store.write(lambda db, who=who: apply_ops(db, who, [RedoOp(new_uuid())]))
    assert labels(store) == [1, 1, 3]
    store.write(lambda db: apply_ops(db, "Bob", [UndoOp(new_uuid())]))  # nothing of Bob's stands
    assert labels(store) == [1, 1, 3]
    assert store.read(verify_chain) == []


def test_the_same_request_twice_takes_back_once(store: Store, faces: list[str]) -> None:
    three_steps(store, faces)
    key = str(uuid.uuid4())
    for _ in range(2):
        store.write(lambda db: take_back_step(db, "Ann", "Ann", "a2", key))
    assert store.read(lambda db: db.execute("SELECT count(*) FROM decisions").fetchone()) == (5,)


STEP = st.tuples(st.sampled_from(("Ann", "Bob")), st.integers(1, 4), st.sets(st.integers(0, 2), min_size=1))


@given(st.lists(STEP, min_size=1, max_size=7), st.data())
@settings(max_examples=examples(15))
def test_it_is_as_if_the_step_had_never_been(made: list[tuple[str, int, set[int]]], data: st.DataObject) -> None:
    """The newest answer counts; a step taken back among later ones leaves what the others would have given alone."""
    gone = data.draw(st.integers(0, len(made) - 1))
    expected: dict[int, int] = {}
    for at, (_, class_id, which) in enumerate(made):
        expected |= dict.fromkeys(which, class_id) if at != gone else {}
    with fresh_store() as store:
        faces = add_images(store, list(NAMES))
        for at, (who, class_id, which) in enumerate(made):
            decide(store, who, f"s{at}", faces, class_id, f"2026-01-01T10:00:0{at}.000Z", tuple(sorted(which)))
        back(store, data.draw(st.sampled_from(("Ann", "Rita"))), made[gone][0], f"s{gone}")
        assert labels(store) == [expected.get(n) for n in range(3)]
        assert store.read(verify_chain) == []
