"""Enter on the rest of a page that was not scrolled: told, asked once, and kept in the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import FACES, Server
from tests.e2e.grid import press, wait_saved

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
expect = sync_api.expect
SignIn = Callable[..., Any]


@pytest.mark.long
def test_what_was_not_on_the_screen_is_asked_about_once_and_marked(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    press(page, *"++++++")  # large cards: 24 faces are several screens
    press(page, "3")
    rest = page.locator("button", has_text="rest of page: “smile”")
    expect(rest).to_contain_text("not seen")
    unseen = int(rest.inner_text().split("·")[1].split()[0])
    press(page, "Enter")
    expect(page.locator(".note")).to_contain_text(f"{unseen} of these 23 have not been on the screen")
    assert server.standing() <= 1
    press(page, "Enter")
    wait_saved(page)
    assert server.labels() == {"smile": 24}
    marked = "SELECT count(*) FROM decisions WHERE json_extract(context, '$.off_screen')"
    assert server.rows(marked) == [(unseen,)]


@pytest.mark.long
def test_all_that_a_filter_shows_get_one_class_as_one_step(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("button", name="Label all").first.click()
    page.get_by_role("dialog").get_by_text("This filter has").wait_for()
    expect(page.get_by_role("dialog").get_by_role("button", name=f"Label {FACES} faces", exact=True)).to_be_disabled()
    page.get_by_role("combobox", name="Class", exact=True).click()
    page.get_by_role("option", name="none").click()
    page.get_by_role("dialog").get_by_role("button", name=f"Label {FACES} faces “none”").click()
    page.get_by_text(f"Every face is decided: {FACES} accepted").wait_for()
    assert server.labels() == {"none": FACES}
    assert server.rows("SELECT count(DISTINCT step) FROM decisions") == [(1,)]
    page.get_by_text(f"{FACES} faces labelled as one step: undo takes it back").wait_for()
    page.locator(".st-key-review-relabel-back button").wait_for()
    page.keyboard.press("z")  # where no grid is, the button has the key
    page.locator(".card.loaded").first.wait_for()
    assert server.labels() == {}
    expect(page.locator(".note")).to_contain_text(f"Took back {FACES}")
