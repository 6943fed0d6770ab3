"""Redo: whatever is decided, undone, redone and repeated by whom, it ends as a plain pair of stacks says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from db.decisions.log import apply_ops, history, verify_chain
from db.decisions.ops import DecideOp, Op, OpResult, RedoOp, UndoOp
from db.store.store import Db, Store
from db.tables.classes import archive_class
from pipeline.core.messages import message
from pipeline.core.records import Verdict
from tests.db.decisions.test_properties import FACES, PEOPLE, Model, decides, fresh_store, repeats, undos
from tests.db.make import add_images, decide, new_uuid
from tests.examples import examples


class StackModel(Model):
    """The rule, written the plain way: an undo is pushed, a redo pops it, a decision of one's own empties the stack."""

    def __init__(self) -> None:
        super().__init__()
        self.undone: dict[str, list[list[dict[str, Any]]]] = {who: [] for who in PEOPLE}

    def decide(self, who: str, op: DecideOp) -> None:
        super().decide(who, op)
        self.undone[who] = []

    def undo(self, who: str) -> None:
        before = [d for d in self.log if not d["undone"]]
        super().undo(who)
        taken = [d for d in before if d["undone"]]
        if taken:
            self.undone[who].append(taken)

    def redo(self, who: str, step: str) -> int:
        again = self.undone[who].pop() if self.undone[who] else []
        for decision in again:
            self.log.append({"who": who, "op": replace(decision["op"], step=step), "undone": False})
        return len({d["op"].face_id for d in again})


redos = st.tuples(st.just("redo"), st.sampled_from(PEOPLE))
actions = st.lists(st.one_of(decides, undos, undos, redos, redos, repeats), min_size=6, max_size=25)


def act(store: Store, model: StackModel, faces: list[str], action: tuple[Any, ...]) -> tuple[str, Op]:
    """Do it in the model and the log alike."""
    kind, who = action[:2]
    op: Op = UndoOp(new_uuid())
    expected = None
    if kind == "undo":
        model.undo(who)
    elif kind == "redo":
        op = RedoOp(new_uuid())
        expected = model.redo(who, op.uuid)
    else:
        _, _, number, verdict, label, step = action
        op = store.read(lambda db: decide(db, faces[number], verdict, label, step=f"s{step}"))
        model.decide(who, op)
    (result,) = store.write(lambda db: apply_ops(db, who, [op]))
    assert result.status == "saved"
    assert expected in (None, len(result.faces))
    return who, op


@settings(max_examples=examples(25), deadline=None)
@given(actions)
def test_any_sequence_ends_as_two_stacks_say(plan: list[tuple[Any, ...]]) -> None:
    model = StackModel()
    sent: list[tuple[str, Op]] = []
    with fresh_store() as store:
        faces = add_images(store, [f"i{n}" for n in range(FACES)])
        for action in plan:
            if action[0] != "repeat":
                sent.append(act(store, model, faces, action))
            elif sent:
                who, op = sent[action[1] % len(sent)]
                (result,) = store.write(lambda db, w=who, o=op: apply_ops(db, w, [o]))
                assert result.status == "repeat"
        sql = "SELECT verdict, class_id, annotator, n_decisions FROM face_state WHERE face_id = ?"
        for face in faces:
            assert store.read(lambda db, f=face: db.execute(sql, [f]).fetchone()) == model.state(face)
        assert store.read(verify_chain) == []


@settings(max_examples=examples(12), deadline=None)
@given(st.integers(1, 10), st.integers(1, 12), st.integers(0, 12))
def test_as_many_redos_as_undos_end_where_it_was(steps: int, back: int, further: int) -> None:
    with fresh_store() as store:
        faces = add_images(store, [f"i{n}" for n in range(FACES)])

        def labels() -> list[tuple[Any, ...]]:
            return store.read(lambda db: db.execute("SELECT face_id, class_id FROM face_state ORDER BY 1").fetchall())

        for n in range(steps):
            say(store, faces[n % FACES], class_id=n % 4 + 1)
        before = labels()
        store.write(lambda db: apply_ops(db, "Ann", [UndoOp(new_uuid()) for _ in range(back)]))
        store.write(lambda db: apply_ops(db, "Ann", [RedoOp(new_uuid()) for _ in range(back + further)]))
        assert labels() == before


def say(store: Store, face: str, verdict: Verdict = Verdict.ACCEPT, who: str = "Ann", **more: Any) -> DecideOp:
    op = store.read(lambda db: decide(db, face, verdict, **more))
    assert one(store, op, who).status == "saved"
    return op


def one(store: Store, op: Op, who: str = "Ann") -> OpResult:
    (result,) = store.write(lambda db: apply_ops(db, who, [op]))
    return result


def states(db: Db) -> list[tuple[Any, ...]]:
    return db.execute("SELECT verdict, class_id, annotator FROM face_state ORDER BY seq").fetchall()


def undo(store: Store, who: str = "Ann") -> OpResult:
    return one(store, UndoOp(new_uuid()), who)


def test_a_redo_makes_the_same_decisions_anew_as_one_step(store: Store) -> None:
    faces = add_images(store, ["a", "b"])
    say(store, faces[0], class_id=1, step="s")
    say(store, faces[1], Verdict.REJECT, reason="blurred", step="s")
    undo(store)
    op = RedoOp(new_uuid())
    result = one(store, op)
    assert (result.status, result.message) == ("saved", message("redo_made_again", n=2))
    assert [(f.verdict, f.class_id, f.reason) for f in result.faces] == [
        ("accept", 1, None),
        ("reject", None, "blurred"),
    ]
    told = store.read(lambda db: history(db, faces[1]))
    assert [(h["step"], h["reason"], h["undone"]) for h in told] == [
        ("s", "blurred", True),
        (op.uuid, "blurred", False),
    ]
    assert len(undo(store).faces) == 2


def test_a_newer_decision_of_ones_own_leaves_nothing_to_redo(store: Store) -> None:
    one_face, other = add_images(store, ["a", "b"])
    say(store, one_face, class_id=3)
    undo(store)
    say(store, other, who="Bob")  # somebody else's changes nothing about it
    assert len(one(store, RedoOp(new_uuid())).faces) == 1
    undo(store)
    say(store, other, Verdict.UNSURE)
    assert one(store, RedoOp(new_uuid())).faces == ()
    assert [state[:2] for state in store.read(states)] == [(None, None), ("unsure", None)]
    undo(store)  # a redo is about the newest undo, never about one behind a decision
    assert len(one(store, RedoOp(new_uuid())).faces) == 1
    assert one(store, RedoOp(new_uuid())).faces == ()
    assert [state[:2] for state in store.read(states)] == [(None, None), ("unsure", None)]


def test_a_redo_survives_the_workspace_being_opened_again(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    say(store, face, class_id=2)
    undo(store)
    store.close()
    with Store.open(store.root) as again:
        assert one(again, RedoOp(new_uuid())).faces[0].class_id == 2


def test_a_repeated_redo_makes_nothing_more(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    say(store, face, class_id=1)
    say(store, face, class_id=2)
    undo(store)
    undo(store)
    op = RedoOp(new_uuid())
    assert one(store, op).faces[0].class_id == 1
    repeat = one(store, replace(op, uuid=op.uuid.upper()))
    assert (repeat.status, repeat.faces[0].class_id) == ("repeat", 1)
    assert one(store, RedoOp(new_uuid())).faces[0].class_id == 2


def test_a_redo_of_nothing_that_is_sent_again_later_makes_nothing(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    op = RedoOp(new_uuid())
    assert one(store, op).message == message("redo_nothing")
    say(store, face)
    undo(store)
    assert one(store, op).status == "repeat"
    assert store.read(lambda db: history(db, face))[0]["undone"]


def test_a_uuid_of_something_else_is_refused(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    op = say(store, face)
    back = UndoOp(new_uuid())
    one(store, back)
    assert one(store, RedoOp(op.uuid)).status == "refused"
    assert one(store, RedoOp(back.uuid)).status == "refused"
    again = RedoOp(new_uuid())
    assert one(store, again).status == "saved"
    assert one(store, UndoOp(again.uuid)).status == "refused"
    assert one(store, RedoOp("r1")).status == "refused"


def test_what_somebody_else_decided_meanwhile_is_only_appended_to(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    say(store, face, class_id=1)
    undo(store)
    say(store, face, who="Bob", class_id=3)
    assert one(store, RedoOp(new_uuid())).faces[0].class_id == 1
    told = store.read(lambda db: history(db, face))
    assert [(h["annotator"], h["class_id"], h["undone"]) for h in told] == [
        ("Ann", 1, True), ("Bob", 3, False), ("Ann", 1, False),
    ]  # fmt: skip
    assert undo(store).faces[0].class_id == 3


def test_what_cannot_be_made_anew_is_left_out_and_told(store: Store) -> None:
    faces = add_images(store, ["a", "b"])
    say(store, faces[0], class_id=1, step="s")
    say(store, faces[1], class_id=4, step="s")
    undo(store)
    store.write(lambda db: archive_class(db, 4))
    result = one(store, RedoOp(new_uuid()))
    assert [f.face_id for f in result.faces] == [faces[0]]
    undo(store)
    store.write(lambda db: db.execute("UPDATE faces SET removed_at = 'now' WHERE id = ?", [faces[0]]))
    refused = one(store, RedoOp(new_uuid()))
    assert (refused.status, "removed" in str(refused.message)) == ("refused", True)


def test_a_step_that_cannot_be_redone_lets_those_behind_it_through(store: Store) -> None:
    faces = add_images(store, ["a", "b", "c"])
    say(store, faces[2], class_id=2)
    say(store, faces[1], class_id=1)
    say(store, faces[0], class_id=4)
    for _ in range(3):
        undo(store)  # the newest first: they are redone in the order 2, 1, 4
    store.write(lambda db: archive_class(db, 2))
    blocked = RedoOp(new_uuid())
    assert one(store, blocked).status == "refused"
    assert [f.class_id for f in one(store, RedoOp(new_uuid())).faces] == [1]
    assert one(store, blocked).status == "repeat"
    assert [f.class_id for f in one(store, RedoOp(new_uuid())).faces] == [4]
    assert one(store, RedoOp(new_uuid())).message == message("redo_nothing")
    undo(store)  # an undo after all that is redone as ever
    assert [f.class_id for f in one(store, RedoOp(new_uuid())).faces] == [4]
    assert store.read(verify_chain) == []


def test_a_step_that_others_overtook_is_redone_beside_theirs(store: Store) -> None:
    faces = add_images(store, ["a", "b"])
    say(store, faces[1], class_id=1)
    say(store, faces[0], class_id=4)
    undo(store)
    undo(store)
    say(store, faces[1], class_id=3, who="Bob")
    told = one(store, RedoOp(new_uuid(), undo=""))
    assert (told.status, [(f.annotator, f.class_id) for f in told.faces]) == ("differs", [("Bob", 3)])
    assert [(f.face_id, f.class_id) for f in one(store, RedoOp(new_uuid(), undo="")).faces] == [(faces[0], 4)]
