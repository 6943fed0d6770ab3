"""Signing in, out, and the second server, in a real browser."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from tests.e2e.conftest import Server
from tests.e2e.grid import becomes
from tests.pipeline import commands as cli


@pytest.mark.long
def test_a_name_typed_once_opens_the_page_that_was_asked_for(chromium: Any, server: Server) -> None:
    context = chromium.new_context()
    page = context.new_page()
    refused: list[str] = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    page.goto(f"{server.address}/collect")
    page.get_by_role("button", name="Start").wait_for()
    assert refused == [], "a page's own address is asked for nothing that is not there"
    becomes(lambda: page.get_by_role("heading", name="Collect").count(), 0)
    page.get_by_role("button", name="Start").click()
    becomes(lambda: "Type your name" in page.get_by_role("alert").filter(has_text="Type").inner_text())
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Collect").wait_for()
    (cookie,) = [c for c in context.cookies() if c["name"].startswith("moue_annotator")]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    server.stop()
    server.start(cold=True)  # all other servers of these tests are forked
    page.goto(f"{server.address}/export")
    page.get_by_role("heading", name="Export").wait_for()
    page.get_by_role("button", name="Ada Lovelace").click()
    becomes(lambda: page.get_by_role("link", name="Tokens for scripts").get_attribute("href"), "/team?section=tokens")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Your name").wait_for()
    assert server.rows("SELECT name FROM annotators") == [("Ada Lovelace",)]
    context.close()


@pytest.mark.long
def test_a_second_server_on_the_workspace_is_told_so(server: Server) -> None:
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", "0"]
    second = subprocess.run(
        command,
        cwd=cli.ROOT,
        env=cli.environment(MOUE_WORKSPACE=str(server.workspace)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 1
    assert "another Moue server already serves the workspace" in second.stderr
    assert "Traceback" not in second.stderr
