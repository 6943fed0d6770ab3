"""The rules of test_accessible.py in Team's sections with something in them, beside an error, and while photos come."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pages._team.sections import SECTIONS
from tests.e2e.accessible.test_states import States
from tests.e2e.conftest import Server
from tests.e2e.grid import press, wait_saved
from tests.e2e.test_accessible import settled
from tests.pipeline.photos import numbered_head

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
expect = sync_api.expect
SignIn = Callable[..., Any]
SLUGS = [one.slug for one in SECTIONS]


def answered(sign_in: SignIn) -> Any:
    """Ann's page once she and Ben have answered the same faces, one of them otherwise."""
    page = sign_in("Ann")
    press(page, "3", "4", "x", "2")
    wait_saved(page)
    other = sign_in("Ben", "state=all")
    press(other, "3", "3", "x")
    wait_saved(other)
    other.context.close()
    return page


@pytest.mark.parametrize("slugs", [SLUGS[:7], SLUGS[7:]], ids=["first", "rest"])
def test_team_s_sections(sign_in: SignIn, server: Server, slugs: list[str]) -> None:
    states = States(answered(sign_in), server)
    for slug in slugs:
        states.goto(f"team?section={slug}")
        states.look(f"Team, {slug}")
    assert states.found == {}


def test_team_s_answers_and_refusals(sign_in: SignIn, server: Server) -> None:
    states = States(answered(sign_in), server)
    page = states.page
    states.goto("team?section=tokens")
    page.get_by_role("button", name="Make a token").click()
    page.get_by_test_id("stAlertContentError").wait_for()
    states.look("a token without a name")
    page.get_by_label("What it is for").fill("a notebook")
    page.get_by_role("button", name="Make a token").click()
    page.get_by_role("button", name="Revoke").wait_for()
    states.look("a token that was just made")
    states.goto("team?section=history")
    page.get_by_role("button", name="Take back").first.click()
    page.get_by_test_id("stAlertContentInfo").wait_for()
    states.look("a step that was taken back")
    states.goto("team?section=consensus")
    page.get_by_role("button", name="What would it change?").click()
    settled(page)
    states.look("what another rule would change")
    states.goto("collect")
    page.get_by_role("button", name="Start").click()
    page.get_by_test_id("stAlertContentError").wait_for()
    states.look("Start without a path")
    assert states.found == {}


def test_photos_that_are_being_collected(sign_in: SignIn, server: Server, tmp_path: Path) -> None:
    """A real run that watches its folder: it goes on until it is told to stop."""
    (tmp_path / "later").mkdir()
    for number in range(60, 64):
        (tmp_path / "later" / f"{number}.jpg").write_bytes(numbered_head(number))
    (tmp_path / "later" / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    states = States(sign_in("Ann"), server)
    page = states.goto("collect")
    page.get_by_label("Folder, zip or photo").fill(str(tmp_path / "later"))
    page.get_by_label("Folder, zip or photo").press("Tab")
    page.get_by_text("Keep watching").click()
    page.get_by_role("button", name="Start").click()
    stop = page.get_by_role("button", name="Stop watching")
    stop.wait_for()
    states.look("Collect while photos come")
    states.goto("clean?outcome=added")
    shutil.copy(tmp_path / "later" / "60.jpg", tmp_path / "later" / "again.jpg")
    (tmp_path / "later" / "65.jpg").write_bytes(numbered_head(65))
    page.get_by_role("button", name="more ha").wait_for()
    states.look("Clean with what has come on offer")
    states.goto("collect")
    stop.click()
    page.get_by_role("button", name="Put this away").wait_for()
    states.look("Collect once watching has ended")
    assert states.found == {}
