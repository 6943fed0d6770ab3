"""Tests for db.base.meta: one text under each key."""

from __future__ import annotations

from db.base.meta import forget_value, put_value, value_of
from db.store.store import Store


def test_a_value_is_kept_replaced_and_forgotten(store: Store) -> None:
    assert store.read(lambda db: value_of(db, "colour")) is None
    store.write(lambda db: put_value(db, "colour", ""))
    assert store.read(lambda db: value_of(db, "colour")) == ""
    store.write(lambda db: put_value(db, "colour", "red"))
    store.write(lambda db: put_value(db, "size", "7"))
    assert store.read(lambda db: value_of(db, "colour")) == "red"
    store.write(lambda db: forget_value(db, "colour"))
    assert store.read(lambda db: (value_of(db, "colour"), value_of(db, "size"))) == (None, "7")
    store.write(lambda db: forget_value(db, "colour"))
