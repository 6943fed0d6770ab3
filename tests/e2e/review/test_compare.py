"""Two to four faces side by side: one key, and nothing is decided while they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.conftest import Server, people
from tests.e2e.grid import becomes, press

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
expect = sync_api.expect


@pytest.fixture
def open_page(chromium: Any, standing_server: Server) -> Iterator[Callable[..., Any]]:
    with people(chromium, standing_server, "review", ".card.loaded") as opened:
        yield opened


@pytest.mark.long
def test_selected_faces_stand_side_by_side_and_a_label_key_only_closes(
    open_page: Callable[..., Any], standing_server: Server
) -> None:
    page = open_page("Ann", "size=24")
    press(page, "Shift+ArrowRight", "Shift+ArrowRight", "c")
    dialog = page.get_by_role("dialog", name="Compare")
    expect(dialog.locator("figure")).to_have_count(3)
    expect(dialog.locator("figcaption").first).to_contain_text("face 1")
    expect(dialog.locator("dl.quality")).to_have_count(3)
    for picture in dialog.locator("img").all():
        expect(picture).to_have_js_property("complete", True)
        becomes(lambda picture=picture: picture.evaluate("image => image.naturalWidth") > 100)
    expect(dialog).to_be_focused()
    press(page, "1")
    expect(dialog).to_be_hidden()
    expect(page.locator(".list")).to_be_focused()
    assert standing_server.standing() == 0
    press(page, "c")
    expect(dialog).to_be_visible()
    press(page, "Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator(".card.selected")).to_have_count(3)
