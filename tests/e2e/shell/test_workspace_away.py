"""The workspace's folder goes, or the server does: each page says so and goes on by itself, and no answer is lost."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import Server
from tests.e2e.grid import becomes, press, status, wait_saved

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
expect = sync_api.expect
SignIn = Callable[..., Any]
LONG = 60_000


def test_a_folder_that_is_moved_away_and_back_loses_no_answer(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    press(page, *"333")
    wait_saved(page)
    other = page.context.new_page()
    other.goto(f"{server.address}/classes")
    other.get_by_role("heading", name="Classes").first.wait_for()

    aside = server.workspace.with_name("aside")
    server.workspace.rename(aside)
    press(page, *"11")
    for tab in (page, other):  # also one that asks for nothing
        expect(tab.locator("#moue-away")).to_contain_text("is not at its place", timeout=LONG)
    expect(page.locator(".status")).to_contain_text("not saved yet, retrying", timeout=LONG)
    becomes(lambda: "saved ✓" not in status(page))
    other.goto(f"{server.address}/progress")
    expect(other.get_by_text("not at its place any more").first).to_be_visible(timeout=LONG)
    assert not server.workspace.exists()  # nothing was made anew there

    aside.rename(server.workspace)
    wait_saved(page)
    for tab in (page, other):
        expect(tab.locator("#moue-away")).to_have_count(0, timeout=LONG)
    other.get_by_role("heading", name="Progress").first.wait_for(timeout=LONG)
    assert server.labels() == {"smile": 3, "none": 2}


def test_a_deleted_folder_is_never_called_saved(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    press(page, *"33")
    wait_saved(page)
    while (
        server.workspace.exists()
    ):  # a thumbnail that is being written makes a folder that was just emptied full again
        shutil.rmtree(server.workspace, ignore_errors=True)
    press(page, *"1")
    expect(page.locator(".status")).to_contain_text("not saved yet, retrying", timeout=LONG)
    expect(page.locator("#moue-away")).to_be_visible(timeout=LONG)
    assert not server.workspace.exists()


def test_each_page_says_that_the_server_is_away_and_goes_on_when_it_is_back(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    page.goto(f"{server.address}/classes")
    page.get_by_role("heading", name="Classes").first.wait_for()
    server.stop(signal.SIGKILL)
    expect(page.locator("#moue-away")).to_contain_text("The server does not answer", timeout=LONG)
    expect(page.get_by_text("Failed to fetch").locator("visible=true")).to_have_count(0)
    server.start()
    expect(page.locator("#moue-away")).to_have_count(0, timeout=LONG)
    expect(page.locator("[data-test-connection-state=CONNECTED]")).to_have_count(1)


@pytest.mark.parametrize("where", ["review", "duplicates"])
def test_what_was_said_of_a_server_that_is_away_goes_with_its_return(
    sign_in: SignIn, server: Server, where: str
) -> None:
    page = sign_in("Ann")
    page.goto(f"{server.address}/{where}")
    expect(page.get_by_role("heading", name=where.title()).first).to_be_visible(timeout=LONG)
    server.stop(signal.SIGKILL)
    expect(page.locator("#moue-away")).to_be_visible(timeout=LONG)
    expect(page.get_by_role("dialog", name="Connection error")).to_have_count(0)  # it would cover what can go on
    server.start()
    expect(page.locator("#moue-away")).to_have_count(0, timeout=LONG)
    expect(page.get_by_text("does not answer").locator("visible=true")).to_have_count(0)


def test_a_page_whose_scripts_did_not_come_is_whole_again_when_they_do(sign_in: SignIn, server: Server) -> None:
    """Streamlit loads the script of a kind of field when it first shows one, and never asks for it again."""
    page = sign_in("Ann")
    fields = "**/static/js/TextInput*"
    page.add_init_script("sessionStorage.removeItem('moue:loaded-again')")  # once a minute is too seldom for a test
    page.route(fields, lambda route: route.abort())
    page.goto(f"{server.address}/collect")
    page.get_by_role("heading", name="Collect").first.wait_for()
    expect(page.get_by_text("Failed to fetch").first).to_be_attached()
    expect(page.get_by_text("Failed to fetch").first).to_be_hidden()  # not the browser's words
    page.unroute(fields)
    expect(page.get_by_role("textbox").first).to_be_visible()
    expect(page.get_by_text("Failed to fetch")).to_have_count(0)
