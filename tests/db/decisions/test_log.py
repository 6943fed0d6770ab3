from __future__ import annotations

from dataclasses import replace

import pytest

from db.decisions.log import apply_ops, history, verify_chain
from db.decisions.ops import DecideOp, FaceState, OpResult, UndoOp
from db.projection.face_state import rebuild_state
from db.store.store import Db, Store
from db.tables.annotators import list_annotators
from db.tables.classes import archive_class
from pipeline.core.errors import SignInError
from pipeline.core.messages import message
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide, new_uuid


def one(store: Store, annotator: str, op: DecideOp | UndoOp) -> OpResult:
    (result,) = store.write(lambda db: apply_ops(db, annotator, [op]))
    return result


def say(store: Store, annotator: str, face: str, verdict: Verdict = Verdict.ACCEPT, **more: object) -> DecideOp:
    op = store.read(lambda db: decide(db, face, verdict, **more))  # type: ignore[arg-type]
    assert one(store, annotator, op).status == "saved"
    return op


def state(store: Store, face: str) -> tuple[object, ...]:
    sql = "SELECT verdict, class_id, reason, annotator, n_decisions FROM face_state WHERE face_id = ?"
    return tuple(store.read(lambda db: db.execute(sql, [face]).fetchone()))


def test_a_decision_is_kept_and_told(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    op = store.read(lambda db: decide(db, face, class_id=2))
    (result,) = store.write(lambda db: apply_ops(db, "Ann", [op], now="2026-01-02T03:04:05.678Z"))
    at = "2026-01-02T03:04:05.678Z"
    assert result == OpResult(op.uuid, "saved", None, (FaceState(face, "accept", 2, None, "Ann", at, op.uuid),))
    assert state(store, face) == ("accept", 2, None, "Ann", 1)
    assert store.read(lambda db: history(db, face)) == [
        {
            "uuid": op.uuid,
            "step": op.step,
            "annotator": "Ann",
            "verdict": "accept",
            "class_id": 2,
            "reason": None,
            "at": at,
            "took_ms": 250,
            "kind": "",
            "unseen": None,
            "confirmed": None,
            "off_screen": False,
            "undone": False,
        }
    ]
    assert store.read(list_annotators) == ["Ann"]


def test_a_reject_with_its_reason_and_an_unsure(store: Store) -> None:
    faces = add_images(store, ["a", "b"])
    say(store, "Ann", faces[0], Verdict.REJECT, reason="blurred")
    say(store, "Ann", faces[1], Verdict.UNSURE)
    assert state(store, faces[0]) == ("reject", None, "blurred", "Ann", 1)
    assert state(store, faces[1]) == ("unsure", None, None, "Ann", 1)


def test_a_repeated_uuid_changes_nothing(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    op = say(store, "Ann", face)
    say(store, "Bob", face, Verdict.REJECT)
    repeat = one(store, "Ann", replace(op, uuid=op.uuid.upper()))
    assert repeat.status == "repeat"
    assert [f.verdict for f in repeat.faces] == ["reject"]  # the state now, not the one of then
    assert len(store.read(lambda db: history(db, face))) == 2


def test_a_uuid_of_another_decision_is_refused(store: Store) -> None:
    faces = add_images(store, ["a", "b"])
    op = say(store, "Ann", faces[0])
    other = store.read(lambda db: decide(db, faces[1], key=op.uuid))
    assert one(store, "Ann", other).status == "refused"
    assert one(store, "Bob", op).status == "refused"
    assert one(store, "Ann", UndoOp(op.uuid)).status == "refused"
    assert state(store, faces[1])[0] is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sha256": "0" * 64}, "of another photo"),
        ({"face_id": "0" * 32}, "no face"),
        ({"class_id": 99}, "no class number 99"),
        ({"class_id": 4}, "archived"),
        ({"class_id": None}, "needs a class"),
        ({"verdict": Verdict.REJECT}, "only an accept takes a class"),
        ({"verdict": Verdict.REJECT, "class_id": None, "reason": "ugly"}, "no reason"),
        ({"verdict": Verdict.UNSURE, "class_id": None, "reason": "blurred"}, "only a reject takes a reason"),
        ({"reason": "blurred"}, "only a reject takes a reason"),
        ({"verdict": Verdict.UNDO, "class_id": None}, "no verdict"),
        ({"verdict": "maybe"}, "no verdict"),
        ({"uuid": "u1"}, "no UUID"),
        ({"step": ""}, "step"),
        ({"step": "x" * 65}, "step"),
    ],
)
def test_a_bad_op_is_refused_and_the_others_are_kept(store: Store, change: dict[str, object], message: str) -> None:
    faces = add_images(store, ["a", "b"])
    store.write(lambda db: archive_class(db, 4))
    good = store.read(lambda db: decide(db, faces[0]))
    bad = replace(store.read(lambda db: decide(db, faces[1])), **change)  # type: ignore[arg-type]
    after = store.read(lambda db: decide(db, faces[0], Verdict.UNSURE))
    results = store.write(lambda db: apply_ops(db, "Ann", [good, bad, after]))
    assert [r.status for r in results] == ["saved", "refused", "saved"]
    assert message in str(results[1].message)
    assert results[1].faces == ()
    assert state(store, faces[0])[0] == "unsure"
    assert state(store, faces[1])[0] is None


def test_a_removed_face_takes_no_decision(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    store.write(lambda db: db.execute("UPDATE faces SET removed_at = 'now' WHERE id = ?", [face]))
    assert "removed" in str(one(store, "Ann", store.read(lambda db: decide(db, face))).message)


def test_a_plain_string_serves_as_verdict(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    op = replace(store.read(lambda db: decide(db, face)), verdict="reject", class_id=None)  # type: ignore[arg-type]
    assert one(store, "Ann", op).faces[0].verdict == "reject"


def test_a_name_that_is_none_is_refused_whole(store: Store) -> None:
    with pytest.raises(SignInError):
        store.write(lambda db: apply_ops(db, "  ", []))


def test_undo_takes_back_a_whole_step(store: Store) -> None:
    faces = add_images(store, ["a", "b", "c"])
    say(store, "Ann", faces[0], class_id=1)
    for face in faces:
        say(store, "Ann", face, class_id=3, step="range")
    result = one(store, "Ann", UndoOp(new_uuid()))
    assert (result.status, result.message) == ("saved", message("undo_took_back", n=3))
    assert [f.class_id for f in result.faces] == [1, None, None]
    assert [state(store, face) for face in faces] == [
        ("accept", 1, None, "Ann", 1),
        (None, None, None, None, 0),
        (None, None, None, None, 0),
    ]
    assert [h["undone"] for h in store.read(lambda db: history(db, faces[0]))] == [False, True]


def test_undo_goes_back_any_number_of_steps_and_then_says_so(store: Store) -> None:
    faces = add_images(store, ["a", "b"])
    for face in faces:
        for number in (1, 2, 3):
            say(store, "Ann", face, class_id=number)
    seen = [[f.class_id for f in one(store, "Ann", UndoOp(new_uuid())).faces] for _ in range(6)]
    assert seen == [[2], [1], [None], [2], [1], [None]]
    end = one(store, "Ann", UndoOp(new_uuid()))
    assert end == OpResult(end.uuid, "saved", message("undo_nothing"), ())


def test_undo_works_after_the_workspace_was_opened_again(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    say(store, "Ann", face)
    root = store.root
    store.close()
    with Store.open(root) as again:
        assert one(again, "Ann", UndoOp(new_uuid())).faces[0].verdict is None


def test_undo_is_for_ones_own_steps(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    say(store, "Ann", face, class_id=1, step="s")
    say(store, "Bob", face, class_id=2, step="s")
    assert one(store, "Eve", UndoOp(new_uuid())).message == message("undo_nothing")
    assert one(store, "Ann", UndoOp(new_uuid())).faces[0].class_id == 2  # Bob's stands, and is the newest
    assert one(store, "Bob", UndoOp(new_uuid())).faces[0].verdict is None


def test_a_repeated_undo_takes_nothing_more_back(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    say(store, "Ann", face, class_id=1)
    say(store, "Ann", face, class_id=2)
    undo = UndoOp(new_uuid())
    assert one(store, "Ann", undo).faces[0].class_id == 1
    repeat = one(store, "Ann", undo)
    assert (repeat.status, repeat.faces[0].class_id) == ("repeat", 1)


def test_an_undo_of_nothing_that_is_sent_again_later_takes_nothing_back(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    undo = UndoOp(new_uuid())
    assert one(store, "Ann", undo).message == message("undo_nothing")
    say(store, "Ann", face)
    assert one(store, "Ann", undo).status == "repeat"
    assert state(store, face)[0] == "accept"
    reused = store.read(lambda db: decide(db, face, key=undo.uuid))
    assert one(store, "Ann", reused).status == "refused"


def test_decide_and_undo_in_one_batch_go_in_order(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    ops = store.read(lambda db: [decide(db, face, class_id=1), decide(db, face, class_id=2)])
    results = store.write(lambda db: apply_ops(db, "Ann", [ops[0], ops[1], UndoOp(new_uuid())]))
    assert [r.faces[0].class_id for r in results] == [1, 2, 1]


def test_a_decision_on_an_undone_face_counts_again(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    say(store, "Ann", face, class_id=1)
    one(store, "Ann", UndoOp(new_uuid()))
    say(store, "Ann", face, class_id=1)
    assert state(store, face) == ("accept", 1, None, "Ann", 1)


def test_a_spoilt_projection_is_found_and_rebuilt(store: Store) -> None:
    faces = add_images(store, ["a", "b"])
    say(store, "Ann", faces[0])
    store.write(lambda db: db.execute("UPDATE face_state SET verdict = 'reject' WHERE face_id = ?", [faces[0]]))
    store.write(lambda db: db.execute("DELETE FROM face_state WHERE face_id = ?", [faces[1]]))

    def findings(db: Db) -> list[str]:
        return verify_chain(db)

    assert sorted(text.split()[1] for text in store.read(findings)) == sorted(f"{face}:" for face in faces)
    assert store.write(rebuild_state) == 2
    assert store.read(findings) == []
    assert state(store, faces[0])[0] == "accept"


def test_what_cannot_be_stored_is_that_ops_own(store: Store) -> None:
    faces = add_images(store, ["a", "b", "c"])
    good, last = (store.read(lambda db, f=face: decide(db, f)) for face in (faces[0], faces[2]))
    fine = store.read(lambda db: decide(db, faces[1]))
    bad: list[DecideOp | UndoOp] = [
        replace(fine, step="half \ud800"),
        replace(fine, face_id="\udfff"),
        replace(fine, class_id=2**64),
        replace(fine, took_ms=2**64),
        replace(fine, uuid="\ud800"),
        UndoOp("\ud800"),
        UndoOp(new_uuid(), "\ud800"),
    ]
    results = store.write(lambda db: apply_ops(db, "Ann", [good, *bad, last]))
    assert [result.status for result in results] == ["saved", *["refused"] * len(bad), "saved"]
    assert all(result.message is not None and result.message.text.encode() for result in results[1:-1])
    assert [state(store, face)[0] for face in faces] == ["accept", None, "accept"]
    assert store.read(verify_chain) == []  # the head is noted although the batch was not taken whole
