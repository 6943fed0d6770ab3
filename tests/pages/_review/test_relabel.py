"""All faces of Review's filter get one class: nothing is chosen beforehand, and it is taken back without a grid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from db.listing.relabel import relabel_seen
from db.listing.steps import take_back_step
from db.projection.filters import ReviewFilter
from db.store.store import Store
from pages._components import review_grid
from pages._server import identity, workspace
from tests.db.make import add_images, new_uuid
from tests.pages._review.test_filters import page


@pytest.fixture
def store(empty: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    monkeypatch.setattr(review_grid, "review_grid", lambda data, **_: None)
    made = workspace.get_store()
    add_images(made, ["a", "b"])
    return made


def labelled(store: Store) -> list[Any]:
    return store.read(lambda db: db.execute("SELECT verdict, class_id FROM face_state").fetchall())


def test_no_class_is_proposed(store: Store) -> None:
    made = page()
    made.button(key="review-relabel").click().run()
    assert made.selectbox(key="review-relabel-class").value is None
    do = made.button(key="review-relabel-do")
    assert (do.label, do.disabled) == ("Label 2 faces", True)


def asked() -> None:
    """The box without the dialog around it, which cannot be answered in a test."""
    from types import SimpleNamespace

    import streamlit as st

    from db.projection.filters import ReviewFilter
    from db.tables.classes import list_classes
    from pages._review import relabel
    from pages._server import workspace

    st.session_state["said"] = st.session_state.pop(relabel._SAID, None)  # as the page does
    offered: Any = SimpleNamespace(classes=workspace.get_store().read(list_classes))
    relabel._ask("Ann", ReviewFilter("undecided"), offered)


def test_what_came_since_the_number_was_told_is_not_labelled_with_it(store: Store) -> None:
    made = AppTest.from_function(asked, default_timeout=30).run()
    made.selectbox(key="review-relabel-class").select(3).run()
    assert made.button(key="review-relabel-do").label.startswith("Label 2 faces")
    add_images(store, ["c"])
    made.button(key="review-relabel-do").click().run()
    assert labelled(store) == [(None, None)] * 3
    assert made.session_state["said"][1].startswith("The filter shows 3 such faces now, not 2")
    made.button(key="review-relabel-do").click().run()
    assert labelled(store) == [("accept", 3)] * 3


def test_where_nothing_is_left_one_press_takes_it_back(store: Store) -> None:
    """The box over the page cannot be answered in this test: what it does is done, and told, as it does."""
    made, step = page(), new_uuid()
    assert store.write(lambda db: relabel_seen(db, "Ann", ReviewFilter("undecided"), 3, 2, step)) == 2
    made.session_state["review_relabel_said"] = ("2 faces labelled", "", step)
    made.run()
    assert labelled(store) == [("accept", 3)] * 2
    assert "2 faces labelled" in [box.value for box in made.info]
    made.button(key="review-relabel-back").click().run()
    assert labelled(store) == [(None, None)] * 2
    assert not [one for one in made.button if one.key == "review-relabel-back"]


def test_who_decided_the_last_face_takes_it_back_where_no_grid_is(store: Store) -> None:
    """The button has the key that the grid has, which is not there."""
    assert not [one for one in page().button if one.key == "review-back"]
    steps = [new_uuid(), new_uuid()]
    for step, class_id in zip(steps, (2, 3), strict=True):
        one = ReviewFilter("undecided") if class_id == 2 else ReviewFilter("class:2")
        assert store.write(lambda db, one=one, id_=class_id, step=step: relabel_seen(db, "Ann", one, id_, 2, step)) == 2  # type: ignore[misc]
    made = page()
    undo = made.button(key="review-back")
    assert (undo.label, undo.proto.shortcut) == ("Undo", "z")
    undo.click().run()
    assert labelled(store) == [("accept", 2)] * 2
    assert "Took back 2." in [box.value for box in made.info]
    made.button(key="review-back").click().run()
    assert labelled(store) == [(None, None)] * 2
    assert not [one for one in made.button if one.key == "review-back"]


def test_where_another_took_it_back_meanwhile_that_is_told(store: Store) -> None:
    step = new_uuid()
    store.write(lambda db: relabel_seen(db, "Ann", ReviewFilter("undecided"), 2, 2, step))
    made = page()
    store.write(lambda db: take_back_step(db, "Ann", "Ann", step, new_uuid()))
    made.button(key="review-back").click().run()
    assert not made.exception
    assert labelled(store) == [(None, None)] * 2
