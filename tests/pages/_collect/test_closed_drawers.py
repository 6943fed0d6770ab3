"""What lies in a closed drawer of Collect is not drawn, and what is started is what its untouched boxes would say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages._collect import data_set
from pages._server import identity, jobs, workspace
from pages._ui import choices
from tests.pages.conftest import DRAWERS_AS_THEY_ARE

PAGE = str(Path(__file__).resolve().parents[3] / "pages" / "collect.py")
DRAWERS = {"search": "web-drawer", "list": "web-drawer", "video": "video-drawer", "dataset": "dataset-drawer"}
STARTS = {"dataset": "start-import"}


@pytest.fixture
def started(empty: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What jobs are started with; nothing runs. Drawers are as they are in a browser."""
    params: list[dict[str, Any]] = []
    monkeypatch.setattr(choices, "was_opened", DRAWERS_AS_THEY_ARE)
    monkeypatch.setattr(identity, "identify", lambda *_: "Ann")
    for name in ("start_crawl", "start_video", "start_import"):
        monkeypatch.setattr(jobs, name, lambda store, given, by: params.append(given))
    return params


def page_of(way: str, folder: Path, *, opened: bool) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=60)
    page.session_state["way"] = way
    page.run()
    if opened:
        page.session_state[DRAWERS[way]] = True
        page.run()
    if way == "search":
        page.text_area(key="search-keywords").set_value("pout")
    elif way == "list":
        page.text_area(key="list-text").set_value("https://img.example/1.jpg")
    else:
        page.text_input(key=f"{way}-path").set_value(str(folder))
    return page.run()


@pytest.mark.parametrize("contact", ["", " ada@example.org "])
@pytest.mark.parametrize("way", DRAWERS)
def test_it_starts_as_if_its_drawer_had_been_opened_and_left(
    started: list[dict[str, Any]], tmp_path: Path, way: str, contact: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOUE_CONTACT", contact)
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "a.mp4").write_bytes(b"x")
    boxes = []
    for opened in (False, True):
        page = page_of(way, folder, opened=opened)
        assert not page.exception
        boxes.append(len([*page.selectbox, *page.number_input, *page.checkbox]))
        page.button(key=STARTS.get(way, f"start-{way}")).click().run()
        assert not page.error
    assert boxes[1] > boxes[0]
    closed, left = started
    assert closed == left


def test_what_was_typed_for_a_search_holds_for_a_list(started: list[dict[str, Any]], tmp_path: Path) -> None:
    page = page_of("search", tmp_path, opened=True)
    page.text_input(key="web-proxy").set_value("http://127.0.0.1:9").run()
    page.session_state[DRAWERS["search"]] = False  # closed again
    page.session_state["way"] = "list"
    page.run().text_area(key="list-text").set_value("https://img.example/1.jpg").run()
    page.button(key="start-list").click().run()
    assert [one["proxy"] for one in started] == ["http://127.0.0.1:9"]


def test_the_ways_to_google_are_told_once_they_are_asked_for(started: list[dict[str, Any]], tmp_path: Path) -> None:
    page = page_of("search", tmp_path, opened=False)
    assert not any("Three ways" in one.value for one in page.markdown)
    page.session_state["google-drawer"] = True
    assert any("Three ways" in one.value for one in page.run().markdown)
    assert started == []


def test_the_usual_of_a_data_set_is_what_its_boxes_hold(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "identify", lambda *_: "Ann")
    page = AppTest.from_file(PAGE, default_timeout=60)
    page.session_state["way"] = "dataset"
    page.run()
    assert workspace.root() == empty
    held = {"as_format": page.selectbox(key="dataset-format").value, "line": page.text_input(key="dataset-line").value}
    boxes = {"make_classes": "make", "mouths": "mouths", "copy": "copy"}
    held |= {name: page.checkbox(key=f"dataset-{key}").value for name, key in boxes.items()}
    assert held == data_set.USUAL
