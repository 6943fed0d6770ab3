"""What other models say, kept in blocks: versions, additions, repeats, the audit."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest

from db.images.erase import erase
from db.store.store import Store
from db.suggest.outside import Added, add_predictions
from db.tables.classes import add_class
from pipeline.core.errors import UsageError
from tests.db.make import add_images, sha_of

NONE, POUT, SMILE = 1, 2, 3


def add(store: Store, given: dict[int, dict[int, float]], *, name: str = "resnet", version: str = "1.0") -> Added:
    return store.write(lambda db: add_predictions(db, name, version, given, "Ann"))


def row_of(store: Store, name: str, version: int, seq: int) -> dict[int, int]:
    """What is kept of a face, read by hand: each class id with its share of 65,535; without zeros."""
    sql = "SELECT id, classes FROM suggestion_models WHERE name = ? AND version = ?"
    model, classes = store.read(lambda db: db.execute(sql, [name, version]).fetchone())
    sql = "SELECT data FROM suggestion_blocks WHERE model_id = ? AND block = ?"
    found = store.read(lambda db: db.execute(sql, [model, seq // 2048]).fetchone())
    ids = json.loads(classes)
    if found is None:
        return {}
    assert len(found[0]) == 2048 * len(ids) * 2
    values = struct.unpack_from(f"<{len(ids)}H", found[0], (seq % 2048) * len(ids) * 2)
    return {class_id: value for class_id, value in zip(ids, values, strict=True) if value}


def audit_of(store: Store) -> list[tuple[Any, ...]]:
    sql = "SELECT annotator, params FROM audit WHERE action = 'predictions' ORDER BY seq"
    return [(who, json.loads(params)) for who, params in store.read(lambda db: db.execute(sql).fetchall())]


def test_what_was_said_is_kept_and_a_repeat_changes_nothing(store: Store) -> None:
    add_images(store, ["a", "b"])
    given = {1: {SMILE: 0.75, NONE: 0.2}, 2: {POUT: 1.0}}
    assert add(store, given) == Added("resnet", 1, 2, 0)
    assert row_of(store, "resnet", 1, 1) == {SMILE: 49151, NONE: 13107}
    assert row_of(store, "resnet", 1, 2) == {POUT: 65535}
    assert add(store, given) == Added("resnet", 1, 0, 2)
    assert audit_of(store) == [("Ann", {"suggester": "resnet", "version": "1.0", "faces": 2})]


def test_the_same_version_adds_and_a_new_one_takes_its_place(store: Store) -> None:
    add_images(store, ["a", "b"])
    add(store, {1: {SMILE: 0.5}})
    assert add(store, {2: {NONE: 0.5}}, name="ResNet") == Added("resnet", 1, 1, 0)
    assert row_of(store, "resnet", 1, 1) == {SMILE: 32768}
    assert add(store, {1: {POUT: 0.5}}, version="2.0") == Added("resnet", 2, 1, 0)
    assert row_of(store, "resnet", 2, 1) == {POUT: 32768}
    assert row_of(store, "resnet", 2, 2) == {}
    assert row_of(store, "resnet", 1, 1) == {}, "only the newest version keeps its blocks"


def test_a_class_that_came_later_widens_the_blocks(store: Store) -> None:
    add_images(store, ["a", "b"])
    add(store, {1: {SMILE: 0.5}})
    new = store.write(lambda db: add_class(db, "yawn").id)
    add(store, {2: {new: 0.5}})
    assert row_of(store, "resnet", 1, 1) == {SMILE: 32768}
    assert row_of(store, "resnet", 1, 2) == {new: 32768}


def test_the_smallest_confidence_is_a_suggestion_all_the_same(store: Store) -> None:
    add_images(store, ["a"])
    add(store, {1: {SMILE: 1e-9}})
    assert row_of(store, "resnet", 1, 1) == {SMILE: 1}


@pytest.mark.parametrize(("name", "version"), [("moue", "1"), ("MOUE", "1"), ("", "1"), ("x", " "), ("x\u202ey", "1")])
def test_names_that_are_refused(store: Store, name: str, version: str) -> None:
    with pytest.raises(UsageError):
        add(store, {}, name=name, version=version)


def test_a_face_that_was_erased_since_it_was_looked_up_gets_nothing(store: Store) -> None:
    add_images(store, ["a", "b"])
    store.write(lambda db: erase(db, sha_of("b")))
    assert add(store, {1: {SMILE: 0.5}, 2: {SMILE: 0.5}}) == Added("resnet", 1, 1, 1)
    assert row_of(store, "resnet", 1, 2) == {}


def test_suggestions_are_no_decisions(store: Store) -> None:
    add_images(store, ["a"])
    before = store.read(lambda db: db.execute("SELECT * FROM face_state").fetchall())
    add(store, {1: {SMILE: 1.0}})
    assert store.read(lambda db: db.execute("SELECT * FROM face_state").fetchall()) == before
    assert store.read(lambda db: db.execute("SELECT count(*) FROM decisions").fetchone()) == (0,)
