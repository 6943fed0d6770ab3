"""Tokens in a real browser: one is made, speaks for its person, and is revoked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.conftest import FACES, Server, visiting
from tests.e2e.grid import becomes


@pytest.mark.long
def test_a_token_is_shown_once_works_and_works_no_more_once_it_is_revoked(chromium: Any, server: Server) -> None:
    with visiting(chromium, server, "team?section=tokens") as page:
        page.get_by_text("No token is valid.").wait_for()
        page.get_by_label("What it is for").fill("nightly *count*")
        page.get_by_role("button", name="Make a token").click()
        page.get_by_text("Copy it now: it is not shown again.").wait_for()
        secret = page.get_by_test_id("stCode").inner_text().strip()
        row = page.get_by_text("nightly *count*", exact=True)  # as typed: no Markdown
        row.wait_for()
        scripts = page.context.browser.new_context(extra_http_headers={"Authorization": f"Bearer {secret}"})
        status = f"{server.address}/api/v1/status"
        answer = scripts.request.get(status)
        assert answer.status == 200, answer.text()
        assert answer.json()["faces"] == FACES
        page.reload()
        row.wait_for()
        becomes(lambda: page.get_by_text(secret).count(), 0)
        page.get_by_role("button", name="Revoke").click()
        page.get_by_text("No token is valid.").wait_for()
        assert scripts.request.get(status).status == 401
        scripts.close()
