"""The queue of what people differ on: which faces are in it, what is told of each, and what takes one out."""

from __future__ import annotations

import pytest

from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp, UndoOp
from db.decisions.rules import annotator_of
from db.store.store import Db, Store
from db.team.disagreements import Disagreement, batch, unsettled
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide, new_uuid, sha_of
from tests.db.team.answers.fresh import matrix_of


def say(store: Store, person: str, face: str, class_id: int | None) -> None:
    verdict = Verdict.REJECT if class_id is None else Verdict.ACCEPT
    store.write(lambda db: apply_ops(db, person, [decide(db, face, verdict, class_id)]))


def settle(store: Store, person: str, face: str, class_id: int) -> None:
    def work(db: Db) -> None:
        (sha,) = db.execute("SELECT sha256 FROM faces WHERE id = ?", [face]).fetchone()
        op = DecideOp(new_uuid(), new_uuid(), face, sha, Verdict.ACCEPT, class_id, kind="adjudication")
        (result,) = apply_ops(db, person, [op])
        assert result.status == "saved"

    store.write(work)


def queued(store: Store) -> list[str]:
    found = store.read(lambda db: batch(db, "Ann", 100))
    assert found.left == len(found.items)
    return [one.face_id for one in found.items]


def test_what_people_differ_on_is_in_it_until_it_is_settled_and_again_when_that_is_undone(store: Store) -> None:
    same, differ, one_only, rule = add_images(store, ["a", "b", "c", "d"])
    for who, face, what in (("Ann", same, 3), ("Ben", same, 3), ("Ann", differ, 3), ("Ben", differ, None),
                            ("Ann", one_only, 3), ("Ann", rule, 3), (annotator_of("sharp"), rule, None)):  # fmt: skip
        say(store, who, face, what)
    assert queued(store) == [differ]
    settle(store, "Cem", differ, 2)
    assert queued(store) == []
    sql = "SELECT annotator, verdict, class_id FROM answers WHERE face_id = ? ORDER BY annotator"
    answers = store.read(lambda db: db.execute(sql, [differ]).fetchall())
    assert answers == [("Ann", "accept", 3), ("Ben", "reject", None)], "first answers stay"
    assert len(matrix_of(store, independent=False).answers.items) == 6, "an adjudication is no answer"
    state = store.read(lambda db: db.execute("SELECT verdict, class_id FROM face_state WHERE face_id = ?", [differ]))
    assert state.fetchone() == ("accept", 2)
    store.write(lambda db: apply_ops(db, "Cem", [UndoOp(new_uuid())]))
    assert queued(store) == [differ]


def test_what_is_told_of_a_face(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    say(store, "Ann", face, 3)
    say(store, "Ben", face, 2)
    (found,) = store.read(lambda db: batch(db, "Ann", 10)).items
    assert isinstance(found, Disagreement)
    assert (found.face_id, found.sha256, found.waiting, found.copies) == (face, sha_of("a"), "", ())
    assert (found.box, found.size) == ((10.5, 20.0, 60.25, 80.0), (640, 480))
    assert [(one.annotator, one.verdict, one.class_id) for one in found.answers] == [
        ("Ann", "accept", 3),
        ("Ben", "accept", 2),
    ]
    sql = "SELECT uuid FROM decisions WHERE annotator = 'Ben'"
    assert found.decision == store.read(lambda db: db.execute(sql).fetchone()[0]), "what counts"


def test_an_open_second_opinion_is_not_in_it(store: Store) -> None:
    """Its answers are told to nobody, neither that they differ."""
    (face,) = add_images(store, ["a"])
    store.write(lambda db: db.execute("INSERT INTO second_opinions VALUES (?, 3, 'share', '2026-01-31')", [face]))
    say(store, "Ann", face, 3)
    say(store, "Ben", face, 2)
    assert queued(store) == []
    say(store, "Cem", face, 2)
    assert queued(store) == [face]


def test_batch_by_batch_and_from_the_beginning_again(store: Store) -> None:
    faces = add_images(store, [f"p{n}" for n in range(5)])
    for face in faces:
        say(store, "Ann", face, 3)
        say(store, "Ben", face, 2)
    first = store.read(lambda db: batch(db, "Ann", 2))
    assert ([one.face_id for one in first.items], first.left) == (faces[:2], 5)
    second = store.read(lambda db: batch(db, "Ann", 2, first.items[-1].seq))
    assert [one.face_id for one in second.items] == faces[2:4]
    last = int(store.read(lambda db: unsettled(db, "Ann"))[-1])
    assert [one.face_id for one in store.read(lambda db: batch(db, "Ann", 2, last)).items] == faces[:2]


@pytest.mark.parametrize("class_id", [2, 4])
def test_near_copies_that_carry_a_label_are_told(store: Store, class_id: int) -> None:
    one, copy = add_images(store, ["a", "b"])
    say(store, "Ann", one, 3)
    say(store, "Ben", one, 2)
    say(store, "Ann", copy, class_id)

    def group(db: Db) -> None:
        db.execute("INSERT INTO duplicate_groups (id, keeper, reason, size) VALUES (1, ?, 'largest mouth', 2)",
                   [sha_of("a")])  # fmt: skip
        for name in ("a", "b"):
            db.execute("INSERT INTO duplicate_members (sha256, group_id, live) VALUES (?, 1, 1)", [sha_of(name)])

    store.write(group)
    (found,) = store.read(lambda db: batch(db, "Ann", 10)).items
    assert [(near.face_id, near.class_id) for near in found.copies] == [(copy, class_id)]


def test_what_an_adjudicator_is_tried_by_is_kept_from_them(store: Store) -> None:
    """Gold that Olga was given and has not answered; it is in the queue of somebody else."""
    one, other = add_images(store, ["a", "b"])
    for face in (one, other):
        say(store, "Ann", face, 3)
        say(store, "Ben", face, 2)

    def work(db: Db) -> None:
        apply_ops(db, "Olga", [])
        db.execute("INSERT INTO gold VALUES (?, 'accept', 3, NULL, 'Ann', '2026-01-31')", [one])
        db.execute("INSERT INTO gold_served VALUES (?, 'Olga', '2026-01-31')", [one])

    store.write(work)
    assert [item.face_id for item in store.read(lambda db: batch(db, "Olga", 10)).items] == [other]
    assert queued(store) == [one, other]
