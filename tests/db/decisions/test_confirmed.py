"""Which suggestion a page confirmed: kept in the log with the decision, chained, and through undo and redo."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from typing import Any

import pytest

from db.decisions.log import apply_ops, history, verify_chain
from db.decisions.ops import DecideOp, OpResult, RedoOp, UndoOp
from db.store.store import Db, Store
from pipeline.core.records import Verdict
from tests.db.make import add_images, new_uuid, sha_of

SAID = {"suggester": "moue", "version": 2, "probability": 0.9712}


@pytest.fixture
def faces(store: Store) -> list[str]:
    store.write(lambda db: add_model(db, 1, 2))
    return add_images(store, ["one", "two"])


def add_model(db: Db, *versions: int) -> None:
    for version in versions:
        db.execute(
            "INSERT INTO suggestion_models (name, version, kind, made_at, classes, features, head, n_labels,"
            " parameters, report, ready) VALUES ('moue', ?, 'learned', '2026-01-31T09:05:07.123Z', '[1, 3]', '[]', '',"
            " 25, '{}', '{}', 1)",
            [version],
        )


def op(face: str, name: str = "one", **more: Any) -> DecideOp:
    named = {"verdict": Verdict.ACCEPT, "class_id": 3, "context": {"confirmed": SAID}, "seen": "", **more}
    return DecideOp(new_uuid(), more.pop("step", "s"), face, sha_of(name), **named)


def apply(store: Store, who: str, *ops: Any) -> list[OpResult]:
    return store.write(lambda db: apply_ops(db, who, ops))


def contexts(store: Store) -> list[Any]:
    with sqlite3.connect(store.file) as db:
        return [json.loads(said or "null") for (said,) in db.execute("SELECT context FROM decisions ORDER BY seq")]


def test_a_confirmed_suggestion_is_in_the_log_and_in_the_face_s_history(store: Store, faces: list[str]) -> None:
    apply(store, "Ann", op(faces[0]), op(faces[1], "two", context=None))
    assert contexts(store) == [{"confirmed": SAID}, None]
    assert [one["confirmed"] for one in store.read(lambda db: history(db, faces[0]))] == [SAID]
    assert [one["confirmed"] for one in store.read(lambda db: history(db, faces[1]))] == [None]


def test_that_each_was_looked_at_is_kept_besides(store: Store, faces: list[str]) -> None:
    apply(store, "Ann", op(faces[0], context={"confirmed": {**SAID, "in_batch": True}}))
    assert contexts(store) == [{"confirmed": {**SAID, "in_batch": True}}]


def test_the_mark_is_chained(store: Store, faces: list[str]) -> None:
    apply(store, "Ann", op(faces[0]))
    assert store.read(verify_chain) == []

    def unmark(db: Db) -> None:
        db.execute("DROP TRIGGER decisions_no_update")
        db.execute("UPDATE decisions SET context = NULL")

    store.write(unmark)
    assert store.read(verify_chain) == ["decision 1: changed after it was written"]


def test_a_redo_is_confirmed_as_what_it_repeats(store: Store, faces: list[str]) -> None:
    apply(store, "Ann", op(faces[0]), op(faces[1], "two"))
    apply(store, "Ann", UndoOp(new_uuid()))
    assert [r.status for r in apply(store, "Ann", RedoOp(new_uuid()))] == ["saved"]
    assert contexts(store) == [{"confirmed": SAID}] * 2 + [None] * 2 + [{"confirmed": SAID}] * 2
    assert store.read(verify_chain) == []


def test_what_was_not_seen_is_kept_beside_it(store: Store, faces: list[str]) -> None:
    apply(store, "Ben", op(faces[0], context=None))
    apply(store, "Ann", op(faces[0]))
    assert contexts(store)[1] == {"confirmed": SAID, "unseen": 1}
    apply(store, "Ann", UndoOp(new_uuid()), RedoOp(new_uuid(), undo=None))
    assert contexts(store)[-1] == {"confirmed": SAID, "unseen": 1}, "as a redone answer that differed stays unseen"


def test_an_unseen_agreement_is_redone_as_one_unless_something_else_counts_now(store: Store, faces: list[str]) -> None:
    apply(store, "Ben", op(faces[0], context=None))
    apply(store, "Ann", op(faces[0], context=None))
    assert contexts(store)[1] == {"unseen": 1}
    apply(store, "Ann", UndoOp(new_uuid()), RedoOp(new_uuid(), undo=None))
    assert contexts(store)[-1] == {"unseen": 1}
    undo = UndoOp(new_uuid())
    apply(store, "Ann", undo)
    apply(store, "Ben", replace(op(faces[0], context=None), class_id=2, seen=None))
    (redone,) = apply(store, "Ann", RedoOp(new_uuid(), undo=undo.uuid))
    assert redone.status == "differs"
    assert contexts(store)[-1] is None


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"unseen": 1},
        {"confirmed": SAID, "unseen": 1},
        {"confirmed": None},
        {"confirmed": {**SAID, "more": 1}},
        {"confirmed": {**SAID, "in_batch": False}},
        {"confirmed": {"suggester": "moue", "version": 2}},
        {"confirmed": {**SAID, "version": 3}},
        {"confirmed": {**SAID, "version": True}},
        {"confirmed": {**SAID, "version": 2**70}},
        {"confirmed": {**SAID, "suggester": "other"}},
        {"confirmed": {**SAID, "suggester": 7}},
        {"confirmed": {**SAID, "probability": 1.2}},
        {"confirmed": {**SAID, "probability": float("nan")}},
        {"confirmed": {**SAID, "probability": 1}},
    ],
)
def test_another_context_is_refused(store: Store, faces: list[str], context: dict[str, Any]) -> None:
    assert [r.status for r in apply(store, "Ann", op(faces[0], context=context))] == ["refused"]
    assert contexts(store) == []


@pytest.mark.parametrize("more", [{"verdict": Verdict.UNSURE, "class_id": None}, {"kind": "adjudication"}])
def test_only_a_class_is_confirmed(store: Store, faces: list[str], more: dict[str, Any]) -> None:
    assert [r.status for r in apply(store, "Ann", op(faces[0], **more))] == ["refused"]
    assert contexts(store) == []


def test_what_was_not_on_the_screen_is_kept_and_told_also_after_undo_and_redo(store: Store, faces: list[str]) -> None:
    off = {"off_screen": True}
    apply(store, "Ann", op(faces[0], context=off), op(faces[1], "two", context={"confirmed": SAID, **off}))
    assert contexts(store) == [off, {"confirmed": SAID, **off}]
    apply(store, "Ann", UndoOp(new_uuid()))
    apply(store, "Ann", RedoOp(new_uuid()))
    assert contexts(store)[4:] == [off, {"confirmed": SAID, **off}]
    told = store.read(lambda db: history(db, faces[0]))
    assert [(one["off_screen"], one["confirmed"], one["undone"]) for one in told] == [
        (True, None, True), (True, None, False)
    ]  # fmt: skip
    for wrong in ({"off_screen": False}, {"off_screen": 1}, {"off_screen": True, "else": True}):
        assert apply(store, "Ann", op(faces[0], context=wrong))[0].status == "refused"
