"""Processing again, from the Clean page."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.images.reprocess import Processed, processed
from db.store.store import Store
from db.tables import jobs
from pages._clean import reprocess
from pages._server import identity, workspace
from pipeline.core.records import Settings


@pytest.fixture
def store(full: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    return workspace.get_store()


def script() -> None:
    import streamlit as st

    from pages._clean import reprocess
    from pages._server import workspace

    st.session_state["again"] = True  # opened
    reprocess.drawer(workspace.get_store(), 3)


def test_nothing_starts_before_something_is_changed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[object, ...]] = []

    def start(_: Store, *chosen: object, annotator: str, landmarks: str) -> None:
        started.append((*chosen, landmarks, annotator))

    monkeypatch.setattr(reprocess.jobs, "start_reprocess", start)
    shown = AppTest.from_function(script, default_timeout=30).run()
    assert not shown.exception
    assert "Now: yunet, margin 1.5, pushed inside the photo: 3 photos." in shown.caption[0].value
    assert "Decisions are kept" in "\n".join(c.value for c in shown.caption)
    shown.button(key="again-start").click().run()
    assert "change something first" in shown.warning[0].value
    assert started == []
    shown.number_input(key="again-margin").set_value(2.0).run()
    shown.checkbox(key="again-upright").check().run()
    shown.selectbox(key="again-border").set_value("reflect").run()
    shown.button(key="again-start").click().run()
    assert started == [("yunet", (), "all", 2.0, True, "reflect", "dlib", "Ann")]


def test_a_box_that_is_left_by_the_press_counts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was typed comes together with the press: the button is ready before."""
    started: list[float] = []
    monkeypatch.setattr(reprocess.jobs, "start_reprocess", lambda *given, **_: started.append(given[4]))
    shown = AppTest.from_function(script, default_timeout=30).run()
    assert not shown.button(key="again-start").disabled
    shown.number_input(key="again-margin").set_value(2.5)
    shown.button(key="again-start").click().run()
    assert started == [2.5]


def test_how_photos_were_processed_is_told(store: Store) -> None:
    settings = Settings("yunet", (("score", 0.6),), "largest", 2.0, True)
    told = reprocess._words(Processed(settings.processing, "yunet", 2.0, 412))
    assert (
        told
        == "yunet (score 0.6), the largest of several faces, margin 2, eyes level, pushed inside the photo: 412 photos"
    )
    assert reprocess._words(Processed("", "hog", 1.5, 1)) == "hog, margin 1.5, filled with black: 1 photo"
    course = Settings("course", border="black").processing
    assert reprocess._words(Processed(course, "course", 1.5, 2)) == "course, margin 1.5: 2 photos"
    assert store.read(processed)[0].images == 3
    assert store.read(lambda db: jobs.jobs_recent(db, 1))[0].kind == "ingest"
