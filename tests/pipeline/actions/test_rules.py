from __future__ import annotations

import pytest

from db.decisions import rules
from db.reads.counts import workspace_counts
from db.store.store import Store
from pipeline.actions.rules import apply_rules

TALL = (("side", 0.0, 1.0),)  # no crop is a pixel wide: all faces fall


def test_rules_are_applied_chunk_by_chunk_to_the_end_and_taken_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "CHUNK", 5)
    assert apply_rules(store) == 0
    store.write(lambda db: rules.save_rule(db, "all", TALL, "too_small", "Ann"))
    first = store.write(lambda db: rules.switch_on(db, "all", "Ann"))
    shown: list[int] = []
    assert apply_rules(store, shown.append) == 12 - first
    assert shown == [5, 7]
    assert store.read(workspace_counts).rejected == 12
    first = store.write(lambda db: rules.switch_off(db, "all", "Ann"))
    assert apply_rules(store) == 12 - first
    assert store.read(workspace_counts).rejected == 0


def test_what_a_report_raises_stops_between_chunks(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "CHUNK", 5)
    store.write(lambda db: rules.save_rule(db, "all", TALL, "too_small", "Ann"))
    store.write(lambda db: rules.switch_on(db, "all", "Ann"))

    def cancelled(done: int) -> None:
        raise KeyError("cancelled")

    with pytest.raises(KeyError):
        apply_rules(store, cancelled)
    assert store.read(workspace_counts).rejected == 10
    assert apply_rules(store) == 2


def test_where_nothing_is_pending_nobodys_decision_waits_for_a_write(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write(lambda db: rules.save_rule(db, "all", TALL, "too_small", "Ann"))
    store.write(lambda db: rules.save_rule(db, "off", TALL, "too_small", "Ann"))
    store.write(lambda db: rules.switch_on(db, "all", "Ann"))
    apply_rules(store)
    assert store.read(workspace_counts).rejected == 12

    def refused(*_: object) -> None:
        raise AssertionError("written")

    monkeypatch.setattr(store, "write", refused)
    assert apply_rules(store) == 0
