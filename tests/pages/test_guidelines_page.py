"""The Guidelines page, driven as a person does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from db.store.store import Store
from db.tables.annotators import ensure_annotator
from db.team.guidelines import list_guidelines, set_example, set_text
from pages._server import identity, workspace
from tests.db.fresh import fresh
from tests.db.make import add_images

PAGE = str(Path(__file__).resolve().parents[2] / "pages" / "guidelines.py")
SMILE = 3


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("MOUE_WORKSPACE", str(fresh(tmp_path)))
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    opened = workspace.get_store()
    opened.write(lambda db: ensure_annotator(db, "Ann"))  # who comes first is the owner
    yield opened
    workspace.close_store()


def opened(class_id: int = SMILE) -> AppTest:
    app = AppTest.from_file(PAGE, default_timeout=30)
    app.query_params["class"] = str(class_id)
    app.run()
    assert not app.exception
    return app


def test_what_is_written_is_kept_at_once(store: Store) -> None:
    opened().text_area(key="guideline_text").set_value("Corners up.").run()
    found = store.read(list_guidelines)[SMILE]
    assert (found.text, found.annotator) == ("Corners up.", "Ann")
    assert opened().text_area(key="guideline_text").value == "Corners up."
    assert opened(1).text_area(key="guideline_text").value == ""


def test_the_next_words_are_kept_also_where_the_page_has_not_run_again_yet(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened()
    box = app.text_area(key="guideline_text")
    with monkeypatch.context() as cut_off:
        cut_off.setattr("pages._ui.page_title", lambda *_: st.stop())  # a run that another one took the place of
        box.set_value("Corners up.").run()
    box.set_value("Corners up, no teeth.").run()
    assert not app.exception
    assert store.read(list_guidelines)[SMILE].text == "Corners up, no teeth."


def test_two_writers_do_not_overwrite_each_other_unseen(store: Store) -> None:
    app = opened()
    store.write(lambda db: set_text(db, "Ben", SMILE, "Teeth.", None))
    app.text_area(key="guideline_text").set_value("Corners up.").run()
    assert store.read(list_guidelines)[SMILE].text == "Teeth."
    assert "Ben" in app.error[0].value
    assert app.text_area(key="guideline_text").value == "Corners up."  # nothing typed is lost
    assert any("Teeth." in one.value for one in app.text)
    app.text_area(key="guideline_text").set_value("Teeth, corners up.").run()
    assert not app.error
    assert store.read(list_guidelines)[SMILE].text == "Teeth, corners up."


def test_examples_are_shown_on_their_side_and_taken_away(store: Store) -> None:
    faces = add_images(store, ["a", "b"])
    store.write(lambda db: set_example(db, "Ben", SMILE, faces[0], False))
    store.write(lambda db: set_example(db, "Ben", SMILE, faces[1], True))
    opened().button(key=f"guideline_{faces[0]}").click().run()
    assert [one.face_id for one in store.read(list_guidelines)[SMILE].examples] == [faces[1]]
