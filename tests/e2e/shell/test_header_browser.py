"""The bar on top: its names fit, lead to their pages without loading anything anew, and open tabs as links do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.conftest import Server, visiting
from tests.e2e.grid import becomes

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

expect = sync_api.expect
NAMES = (
    "Overview", "Progress", "Collect", "Clean", "Quality", "Duplicates", "Suggestions", "Review", "Team", "Classes",
    "Export",
)  # fmt: skip

EDGES = """(things) => things.map((one) => {
  const { left, right } = one.getBoundingClientRect()
  return [one.innerText.trim(), left, right]
})"""
DRAWN = "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"


@pytest.fixture
def page(chromium: Any, standing_server: Server) -> Iterator[Any]:
    with visiting(chromium, standing_server, "team") as page:
        page.locator("nav a", has_text="Export").first.wait_for()
        yield page


def shown_names(page: Any) -> list[str]:
    """Those in the row, without their counts."""
    texts = page.locator("nav > ul > li:visible").all_inner_texts()
    return [str(text).strip().split(" ")[0] for text in texts]


def covered(page: Any) -> list[tuple[str, str]]:
    """Which two things of the bar lie over each other. Read at once: they come and go while the bar finds its room."""
    things = page.locator("nav > ul > li:visible > a, nav .more:visible > .who, .corner > :visible")
    edges = things.evaluate_all(EDGES)
    assert len(edges) >= 4  # on a phone: the menu, the workspace, the language, the person
    return [
        (name, other)
        for at, (name, left, right) in enumerate(edges)
        for other, start, end in edges[at + 1 :]
        if left < end - 1 and start < right - 1
    ]


def test_what_has_no_room_lies_in_a_menu(page: Any) -> None:
    more = page.locator("nav .more .who")
    for width in (1920, 1280, 1000, 700, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate(DRAWN)  # else what is read may still be of the width before
        becomes(lambda: covered(page), [])
        row = shown_names(page)
        hidden = list(NAMES[len(row) :])
        assert row == list(NAMES[: len(row)])
        becomes(more.is_visible, bool(hidden))
        if hidden:
            more.click()
            becomes(lambda: [text.split(" ")[0] for text in page.locator("nav .menu a").all_inner_texts()], hidden)
            page.keyboard.press("Escape")
            expect(page.locator("nav .menu")).to_be_hidden()
    becomes(lambda: shown_names(page), [])
    expect(more).to_have_text("Team")  # where all lie in it, it names the page


def test_a_name_leads_to_its_page_without_loading_anew(page: Any, standing_server: Server) -> None:
    page.evaluate("window.stillHere = true")
    page.goto(f"{standing_server.address}/team?section=history")
    page.evaluate("window.stillHere = true")
    current = page.locator("nav a[aria-current=page]")
    for name, path in (("Classes", "classes"), ("Overview", ""), ("Quality", "quality")):
        page.locator("nav > ul a", has_text=name).click()
        page.get_by_role("heading", name=name).first.wait_for()
        becomes(lambda path=path: page.url, f"{standing_server.address}/{path}")
        expect(current).to_have_text(name)
        becomes(lambda name=name: page.title().startswith(name))
    page.go_back()
    becomes(lambda: page.url, f"{standing_server.address}/")
    expect(current).to_have_text("Overview")
    becomes(lambda: page.evaluate("window.stillHere"))


def test_a_name_by_keyboard_from_the_menu_of_a_phone(page: Any, standing_server: Server) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    more = page.locator("nav .more .who")
    more.wait_for()  # what is hidden takes no focus
    more.focus()
    page.keyboard.press("Enter")
    classes = page.locator("nav .menu a", has_text="Classes")
    classes.wait_for()
    classes.focus()
    page.set_viewport_size({"width": 380, "height": 800})
    page.evaluate(DRAWN)
    expect(classes).to_be_focused()  # though the names were laid out anew
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Classes").first.wait_for()
    expect(more).to_have_text("Classes")
    expect(page.locator("nav .menu")).to_be_hidden()


def test_with_a_key_held_it_opens_a_tab_as_any_link(page: Any, standing_server: Server) -> None:
    with page.context.expect_page() as opened:
        page.locator("nav > ul a", has_text="Classes").click(modifiers=["Control"])
    opened.value.get_by_role("heading", name="Classes").first.wait_for()
    assert page.url == f"{standing_server.address}/team"
