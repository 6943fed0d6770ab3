"""Team's History in a real browser: a step is taken back alone, and Review shows its faces as undecided again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import Server
from tests.e2e.grid import press, wait_saved

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
SignIn = Callable[..., Any]


@pytest.mark.long
def test_an_older_step_is_taken_back_alone(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    press(page, "3", "2")
    wait_saved(page)
    page.goto(f"{server.address}/team?section=history")
    smile = page.locator("[class*=st-key-step-]", has_text="“smile”: 1")
    smile.get_by_role("button", name="Take back").click()
    page.get_by_text("Took back 1.").wait_for()
    page.locator("[class*=st-key-step-]", has_text="took back 1").first.wait_for()
    assert server.labels() == {"pout": 1}
