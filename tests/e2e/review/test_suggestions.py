"""Suggestions that are hidden until answered, in a real browser on the real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Server, running
from tests.e2e.grid import becomes, press, wait_saved
from tests.pipeline import commands as cli
from tests.pipeline.photos import numbered_head

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
expect = sync_api.expect


@pytest.fixture
def server(chromium: Any, tmp_path: Path) -> Iterator[Server]:
    """Four faces; the folder of each proposes "smile"."""
    folder = tmp_path / "photos" / "smile"
    folder.mkdir(parents=True)
    for number in range(4):
        (folder / f"{number}.jpg").write_bytes(numbered_head(number))
    cli.ingest(tmp_path / "workspace", tmp_path / "photos", "--propose-classes")
    yield from running(tmp_path)


def facts(page: Any) -> Any:
    return page.locator(".inspector .facts")


@pytest.mark.long
def test_hidden_suggestions_are_told_only_of_what_is_decided(sign_in: Callable[..., Any], server: Server) -> None:
    page = sign_in("Ann", "state=all&size=24")
    expect(facts(page)).to_contain_text("proposed")
    page.get_by_role("button", name="Views").click()
    page.get_by_text("Hide suggestions until answered").click()
    expect(facts(page)).to_contain_text("source")
    expect(facts(page)).not_to_contain_text("proposed")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Filters").click()
    page.get_by_text("Outcome").first.wait_for()
    becomes(lambda: page.get_by_text("Class that its folder proposes").count(), 0)
    page.keyboard.press("Escape")
    page.locator(".card").first.click()
    press(page, "1", "ArrowLeft")
    wait_saved(page)
    expect(facts(page)).to_contain_text("proposed")  # answered: what was proposed may be seen
    press(page, "ArrowRight")
    expect(page.locator(".whose")).to_have_text("face 2")
    expect(facts(page)).to_contain_text("source")
    expect(facts(page)).not_to_contain_text("proposed")
    bob = sign_in("Bob", "state=all&size=24")  # for the workspace, not for one person
    expect(bob.locator(".whose")).to_have_text("face 2")  # the first undecided one, without a key
    expect(facts(bob)).to_contain_text("source")
    expect(facts(bob)).not_to_contain_text("proposed")
    press(bob, "ArrowLeft")
    expect(bob.locator(".whose")).to_have_text("face 1")
    expect(facts(bob)).to_contain_text("proposed")
