"""Presses that could not be kept are counted by person, each once however often it is sent."""

from __future__ import annotations

from dataclasses import replace

from db.decisions.log import apply_ops
from db.decisions.ops import RedoOp
from db.decisions.refused import by_person
from db.store.store import Store
from db.tables.classes import archive_class
from tests.db.make import add_images, decide, new_uuid


def test_each_refused_op_counts_once_for_its_person(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    store.write(lambda db: archive_class(db, 2, by="Ann"))
    good = store.read(lambda db: decide(db, face, class_id=1))
    archived = replace(good, uuid=new_uuid(), class_id=2)
    unknown = replace(good, uuid=new_uuid(), face_id="f" * 32)
    no_uuid = replace(good, uuid="no uuid")
    for _ in range(2):
        store.write(lambda db: apply_ops(db, "Ann", [good, archived, unknown, no_uuid]))
    store.write(lambda db: apply_ops(db, "Ben", [archived]))
    assert store.read(by_person) == {"Ann": 3, "Ben": 1}


def test_its_time_and_the_code_of_its_reason_are_kept(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    wrong = replace(store.read(lambda db: decide(db, face)), face_id="f" * 32)
    at = "2026-01-02T03:04:05.678Z"
    store.write(lambda db: apply_ops(db, "Ann", [wrong], now=at))
    rows = store.read(lambda db: db.execute("SELECT annotator, code, at FROM refused_ops").fetchall())
    assert rows == [("Ann", "face_unknown", at)]


def test_what_is_kept_and_what_finds_nothing_to_do_is_no_refusal(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    op = store.read(lambda db: decide(db, face, class_id=1))
    store.write(lambda db: apply_ops(db, "Ann", [op, op, RedoOp(new_uuid())]))
    assert store.read(by_person) == {}


def test_a_uuid_that_is_no_text_for_the_database_is_counted_too(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    op = replace(store.read(lambda db: decide(db, face, class_id=1)), uuid="\ud800")
    store.write(lambda db: apply_ops(db, "Ann", [op]))
    assert store.read(by_person) == {"Ann": 1}
