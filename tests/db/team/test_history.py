from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.decisions.log import apply_ops
from db.decisions.ops import UndoOp
from db.store.store import Store
from db.tables import audit
from db.team import history
from db.team.history import DECISIONS, Cursor, Entry, Wanted
from tests.db.make import add_images, decide, new_uuid


@pytest.fixture
def worked(store: Store) -> Store:
    """Ada changes a setting, Ben decides twice on three faces (two steps) and takes one step back, Ada exports."""
    faces = add_images(store, ["a", "b", "c"])
    store.write(lambda db: audit.append(db, "Ada", "setting", {"name": "x"}))
    for day, chosen in (("2026-01-01", faces), ("2026-01-02", faces[:1])):
        step = new_uuid()
        ops = [store.read(lambda db, face=face, step=step: decide(db, face, step=step)) for face in chosen]
        store.write(lambda db, ops=ops, day=day: apply_ops(db, "Ben", ops, f"{day}T10:00:00.000Z"))
    store.write(lambda db: apply_ops(db, "Ben", [UndoOp(new_uuid())], "2026-01-03T10:00:00.000Z"))
    store.write(lambda db: audit.append(db, "Ada", "export", {"name": "r1"}))
    return store


def told(store: Store, wanted: Wanted = Wanted()) -> list[tuple[str, str, object]]:  # noqa: B008 - frozen
    return [(one.annotator, one.action, one.params) for one in history.all_entries(store.read, wanted)]


def test_decisions_are_told_by_step_between_the_rest(worked: Store) -> None:
    assert told(worked)[:1] == [("Ada", "export", {"name": "r1"})]
    assert told(worked, Wanted(annotator="Ben")) == [
        ("Ben", DECISIONS, {"taken_back": 1}), ("Ben", DECISIONS, {"decided": 1}), ("Ben", DECISIONS, {"decided": 3}),
    ]  # fmt: skip


def test_one_asks_for_a_person_a_kind_and_days(worked: Store) -> None:
    assert [action for _, action, _ in told(worked, Wanted(annotator="Ada"))] == ["export", "setting"]
    assert told(worked, Wanted(action="export")) == [("Ada", "export", {"name": "r1"})]
    second = Wanted(since="2026-01-02T00:00:00.000Z", until="2026-01-03T00:00:00.000Z")
    assert told(worked, second) == [("Ben", DECISIONS, {"decided": 1})]
    assert told(worked, Wanted(until="2026-01-01T00:00:00.000Z")) == []
    assert told(worked, Wanted(annotator="Nobody")) == []


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 5))
def test_pieces_of_any_size_are_the_whole(worked: Store, size: int) -> None:
    """No row twice, none left out, whatever a piece holds: counted in faces and rows, as steps may be cut."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(history, "PIECE", size)
        found = list(history.all_entries(worked.read, Wanted()))
    assert sum(sum(one.params.values()) for one in found if one.action == DECISIONS) == 5
    assert [one.action for one in found if one.action != DECISIONS] == ["export", "setting"]
    assert all(a.at >= b.at for a, b in itertools.pairwise(one for one in found if one.action == DECISIONS))


def test_an_empty_workspace_has_no_history(store: Store) -> None:
    assert store.read(lambda db: history.entries(db, Wanted(), Cursor())) == ([], None)


def test_the_table_has_heads_and_parameters_as_json(store: Store) -> None:
    store.write(lambda db: audit.append(db, "Zoë", "setting", {"name": "x", "value": True}))
    heads, row = history.table(store.read, Wanted())
    assert (heads, row[1:]) == (("at", "who", "action", "params"), ("Zoë", "setting", '{"name": "x", "value": true}'))
    assert isinstance(Entry("", "", "", {}).params, dict)
