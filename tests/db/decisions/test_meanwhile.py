"""What somebody else decided since one looked is told and stays; undo and redo mean one's own steps only."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.decisions.log import apply_ops, verify_chain
from db.decisions.ops import Op, OpResult, RedoOp, UndoOp
from db.store.store import Store
from pipeline.core.messages import message
from pipeline.core.records import Verdict
from tests.db.fresh import open_fresh
from tests.db.make import add_images, decide, new_uuid
from tests.examples import examples


def one(store: Store, who: str, op: Op) -> OpResult:
    (result,) = store.write(lambda db: apply_ops(db, who, [op]))
    return result


def say(store: Store, who: str, face: str, seen: str | None = None, **more: Any) -> OpResult:
    return one(store, who, replace(store.read(lambda db: decide(db, face, **more)), seen=seen))


def rows(store: Store) -> int:
    return int(store.read(lambda db: db.execute("SELECT count(*) FROM decisions").fetchone()[0]))


def label(store: Store, face: str) -> Any:
    sql = "SELECT class_id FROM face_state WHERE face_id = ?"
    return store.read(lambda db: db.execute(sql, [face]).fetchone()[0])


def test_what_was_not_seen_is_not_overwritten_and_both_answers_are_kept(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    bobs = say(store, "Bob", face, class_id=3)
    result = say(store, "Ann", face, seen="", class_id=1)
    assert (result.status, result.faces, result.differing) == ("differs", bobs.faces, (face,))
    assert result.message == message("op_differs", annotator="Bob")
    assert bobs.faces[0].decision == bobs.uuid
    assert (label(store, face), rows(store)) == (3, 2)
    log = "SELECT annotator, class_id, unseen FROM decisions ORDER BY seq"
    assert store.read(lambda db: db.execute(log).fetchall()) == [("Bob", 3, None), ("Ann", 1, bobs.uuid)]
    answers = "SELECT annotator, class_id, unseen FROM answers ORDER BY annotator"
    assert store.read(lambda db: db.execute(answers).fetchall()) == [("Ann", 1, bobs.uuid), ("Bob", 3, None)]


def test_who_differed_unseen_counts_once_the_other_takes_theirs_back(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    say(store, "Bob", face, class_id=3)
    say(store, "Ann", face, seen="", class_id=1)
    assert one(store, "Bob", UndoOp(new_uuid())).faces[0].annotator == "Ann"
    again = one(store, "Bob", RedoOp(new_uuid()))
    assert (again.status, again.faces[0].class_id, label(store, face)) == ("saved", 3, 3)
    assert one(store, "Ann", UndoOp(new_uuid())).faces[0].class_id == 3
    assert store.read(verify_chain) == []


def test_deciding_again_overrules_knowingly(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    say(store, "Bob", face, class_id=3)
    told = say(store, "Ann", face, seen="", class_id=1).faces[0]
    again = say(store, "Ann", face, seen=told.decision, class_id=1)
    assert (again.status, again.faces[0].annotator, label(store, face)) == ("saved", "Ann", 1)
    assert one(store, "Ann", UndoOp(new_uuid())).faces[0].class_id == 3
    assert rows(store) == 4
    assert store.read(verify_chain) == []


def test_an_answer_that_differed_is_known_again(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    bobs = say(store, "Bob", face, class_id=3)
    op = replace(store.read(lambda db: decide(db, face, class_id=1)), seen="")
    assert one(store, "Ann", op).status == "differs"
    repeat = one(store, "Ann", op)
    assert (repeat.status, repeat.differing, repeat.faces) == ("repeat", (face,), bobs.faces)
    assert rows(store) == 2


def test_what_a_rule_rejected_meanwhile_is_no_persons_answer(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    say(store, "rule: small", face, verdict=Verdict.REJECT, reason="too_small")
    assert say(store, "Ann", face, seen="", class_id=1).status == "saved"
    assert label(store, face) == 1
    one(store, "Ann", UndoOp(new_uuid()))
    assert label(store, face) is None
    sql = "SELECT annotator, n_answers FROM face_state"
    assert store.read(lambda db: db.execute(sql).fetchall()) == [("rule: small", 0)]


def test_what_was_seen_may_be_overruled(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    bobs = say(store, "Bob", face, class_id=3)
    assert say(store, "Ann", face, seen=bobs.uuid, class_id=1).status == "saved"
    assert label(store, face) == 1


@pytest.mark.parametrize("seen", [None, ""])
def test_one_who_does_not_tell_what_they_saw_or_agrees_is_not_asked(store: Store, seen: str | None) -> None:
    (face,) = add_images(store, ["a"])
    say(store, "Bob", face, class_id=3)
    assert say(store, "Ann", face, seen=seen, class_id=1 if seen is None else 3).status == "saved"
    assert rows(store) == 2


def test_another_tab_of_the_same_person_overwrites(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    say(store, "Ann", face, seen="", class_id=3)
    assert say(store, "Ann", face, seen="", class_id=1).status == "saved"
    assert label(store, face) == 1


def test_a_second_key_before_the_answer_does_not_overwrite_either(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    say(store, "Bob", face, class_id=3)
    first = replace(store.read(lambda db: decide(db, face, class_id=1)), seen="")
    second = replace(store.read(lambda db: decide(db, face, class_id=2)), seen=first.uuid)
    results = store.write(lambda db: apply_ops(db, "Ann", [first, second]))
    assert [r.status for r in results] == ["differs", "differs"]
    assert label(store, face) == 3


def test_what_was_taken_back_meanwhile_stands_in_nobodys_way(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    bobs = say(store, "Bob", face, class_id=3)
    one(store, "Bob", UndoOp(new_uuid()))
    assert say(store, "Ann", face, seen=bobs.uuid, class_id=1).status == "saved"


def test_a_repeat_of_what_was_saved_stays_a_repeat(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    op = replace(store.read(lambda db: decide(db, face, class_id=1)), seen="")
    one(store, "Ann", op)
    say(store, "Bob", face, class_id=3)
    again = one(store, "Ann", op)
    assert (again.status, again.faces[0].class_id, rows(store)) == ("repeat", 3, 2)


def test_the_undo_of_a_step_that_met_others_takes_back_all_of_it(store: Store) -> None:
    faces = add_images(store, ["a", "b", "c"])
    say(store, "Bob", faces[1], class_id=3)
    say(store, "Ann", faces[0], class_id=2)
    statuses = [say(store, "Ann", face, seen="", class_id=1, step="page").status for face in faces[1:]]
    assert statuses == ["differs", "saved"]
    undone = one(store, "Ann", UndoOp(new_uuid(), step="page"))
    assert [(f.face_id, f.class_id) for f in undone.faces] == [(faces[1], 3), (faces[2], None)]
    assert [label(store, face) for face in faces] == [2, 3, None]
    again = one(store, "Ann", RedoOp(new_uuid(), undo=undone.uuid))
    assert (again.status, again.differing) == ("saved", (faces[1],))  # as before the undo: Bob's was not seen
    assert [label(store, face) for face in faces] == [2, 3, 1]


def test_the_undo_of_a_step_that_was_never_stored_touches_no_older_one(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    say(store, "Ann", face, class_id=2)
    assert say(store, "Ann", face, class_id=99, step="lost").status == "refused"
    undo = UndoOp(new_uuid(), step="lost")
    assert one(store, "Ann", undo) == OpResult(undo.uuid, "saved", message("undo_nothing"), ())
    redo = RedoOp(new_uuid(), undo=undo.uuid)
    assert one(store, "Ann", redo) == OpResult(redo.uuid, "saved", message("redo_nothing"), ())
    assert one(store, "Ann", undo).status == "repeat"
    assert label(store, face) == 2
    assert one(store, "Ann", UndoOp(new_uuid(), step="some step")).faces == ()
    assert one(store, "Ann", UndoOp(new_uuid())).faces[0].face_id == face


def test_an_undo_that_means_a_step_of_before_still_takes_the_newest(store: Store) -> None:
    """Two tabs: each thinks of its own last step; the person's newest one is taken back, as ever."""
    faces = add_images(store, ["a", "b"])
    say(store, "Ann", faces[0], class_id=1, step="tab one")
    say(store, "Ann", faces[1], class_id=2, step="tab two")
    assert one(store, "Ann", UndoOp(new_uuid(), step="tab one")).faces[0].face_id == faces[1]


@pytest.mark.parametrize("told", ["uuid", ""])
def test_a_redo_stands_beside_what_others_decided_since_the_undo(store: Store, told: str) -> None:
    faces = add_images(store, ["a", "b"])
    for face in faces:
        say(store, "Ann", face, class_id=1, step="page")
    undo = one(store, "Ann", UndoOp(new_uuid()))
    say(store, "Bob", faces[0], class_id=3)
    result = one(store, "Ann", RedoOp(new_uuid(), undo=undo.uuid if told else ""))
    assert (result.status, result.message, result.differing) == ("saved", message("redo_made_again", n=2), (faces[0],))
    assert {(f.face_id, f.class_id, f.annotator) for f in result.faces} == {(faces[1], 1, "Ann"), (faces[0], 3, "Bob")}
    assert {f.face_id for f in one(store, "Ann", UndoOp(new_uuid())).faces} == set(faces)
    assert [label(store, face) for face in faces] == [3, None]


def test_a_redo_of_nothing_but_what_others_decided_says_so_and_is_known_again(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    say(store, "Ann", face, class_id=1)
    one(store, "Ann", UndoOp(new_uuid()))
    say(store, "Bob", face, class_id=3)
    redo = RedoOp(new_uuid(), undo="")
    result = one(store, "Ann", redo)
    assert (result.status, result.faces[0].annotator, rows(store)) == ("differs", "Bob", 4)
    assert result.message == message("op_differs_from_others")
    assert one(store, "Ann", redo).status == "repeat"


PEOPLE = ("Ann", "Bob", "Eve")
looks = st.tuples(st.sampled_from(PEOPLE), st.just("look"))
presses = st.tuples(st.sampled_from(PEOPLE), st.sampled_from([1, 2, "reject"]))
undos = st.tuples(st.sampled_from(PEOPLE), st.just("undo"))


@contextmanager
def fresh_store() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder, open_fresh(Path(folder)) as store:
        yield store


@settings(max_examples=examples(30), deadline=None)
@given(st.lists(st.one_of(looks, presses, undos), max_size=25))
def test_nobody_ever_overrules_what_they_have_not_seen(plan: list[tuple[str, Any]]) -> None:
    """However people look and press: after a press, the face says what the presser wants or what they now see."""
    with fresh_store() as store:
        (face,) = add_images(store, ["a"])
        seen = dict.fromkeys(PEOPLE, "")
        standing: tuple[str | None, Any, str | None] = (None, None, "")
        for who, what in plan:
            if what == "look":
                seen[who] = standing[2] or ""
                continue
            if what == "undo":
                result = one(store, who, UndoOp(new_uuid()))
            else:
                verdict = Verdict.REJECT if what == "reject" else Verdict.ACCEPT
                result = say(store, who, face, seen=seen[who], verdict=verdict, class_id=what)
                wants = (str(verdict), None if what == "reject" else what)
                unseen = standing[0] not in (None, who) and seen[who] != standing[2]
                assert (result.status == "differs") == (unseen and standing[1] != wants)
                said = "SELECT verdict, class_id FROM answers WHERE annotator = ?"
                assert store.read(lambda db, w=who, q=said: db.execute(q, [w]).fetchone()) == wants
            for state in result.faces:
                standing = (state.annotator, (state.verdict, state.class_id), state.decision)
                seen[who] = state.decision or ""
        assert store.read(verify_chain) == []
