"""An address that names no page, in a real browser: Streamlit would show a dialog of its own, in English."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.conftest import Server
from tests.e2e.grid import becomes

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
expect = sync_api.expect


@pytest.mark.long
@pytest.mark.parametrize("address", ["/nothing-here", "/nothing/here/at-all", "/review/x"])
def test_a_wrong_address_is_told_in_the_reader_s_language_and_leads_home(
    chromium: Any, standing_server: Server, address: str
) -> None:
    context = chromium.new_context(locale="zh-CN")
    server = standing_server.address
    context.request.post(f"{server}/api/sign-in", data={"name": "Ann"}, headers={"Origin": server})
    page = context.new_page()
    page.goto(f"{server}{address}")
    page.get_by_role("heading", name="找不到页面").wait_for()
    becomes(lambda: address in page.locator(".stMain").inner_text())
    becomes(lambda: page.get_by_role("dialog").count(), 0)
    expect(page.get_by_text("Skip to main content")).to_have_count(0)
    expect(page.get_by_role("link", name="跳到主要内容")).to_have_count(1)
    page.locator(".st-key-next button").click()
    page.get_by_role("heading", name="概览", exact=True).wait_for()
    becomes(lambda: page.get_by_role("dialog").count(), 0)
    context.close()
