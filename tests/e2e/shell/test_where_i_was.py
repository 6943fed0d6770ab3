"""Page, focus and open photo are in the address: after a reload, Back, another page, or on another day."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import FACES, Server
from tests.e2e.grid import becomes, press, wait_saved

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
expect = sync_api.expect
SignIn = Callable[..., Any]
FOCUSED = ".card.focused"


def test_the_same_face_on_the_same_page_after_a_reload_back_and_another_day(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    press(page, "3", "3")
    wait_saved(page)
    press(page, "n")
    page.locator(".page", has_text=f"23–46 of {FACES - 2}").first.wait_for()
    press(page, "ArrowRight", "ArrowRight", "ArrowRight")
    face = page.locator(FOCUSED).get_attribute("data-id")
    page.wait_for_url(re.compile(f"at={face}"))
    range_text = page.locator(".page").first.inner_text()
    press(page, "f")
    page.wait_for_url(re.compile("open=focus"))

    def is_there() -> None:
        expect(page.locator(FOCUSED)).to_have_attribute("data-id", str(face))
        expect(page.locator(".over[data-mode=focus]")).to_be_visible()

    page.reload()
    is_there()
    press(page, "f")
    page.wait_for_url(re.compile(r"^(?!.*open=focus)"))
    press(page, "f")
    page.wait_for_url(re.compile("open=focus"))
    page.get_by_role("link", name="Classes").first.click()
    page.get_by_role("heading", name="Classes").first.wait_for()
    page.go_back()
    is_there()
    page.get_by_role("link", name="Classes").first.click()
    page.get_by_role("heading", name="Classes").first.wait_for()
    page.get_by_role("link", name=re.compile("^Review")).first.click()
    is_there()
    page.goto(server.address)
    page.get_by_role("button", name="Go on where I was").click()
    is_there()
    becomes(lambda: page.locator(".page").first.inner_text(), range_text)
