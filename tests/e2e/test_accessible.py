"""Every page against the rules of WCAG 2.1 A and AA that a program can check, in light and dark, and at 200 % zoom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.accessible.rings import cut_rings
from tests.e2e.conftest import Server
from tests.e2e.grid import becomes, press, wait_saved

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
SignIn = Callable[..., Any]

HEADS = {
    "": "Overview", "progress": "Progress", "collect": "Collect", "clean": "Clean", "quality": "Quality",
    "duplicates": "Duplicates", "classes": "Classes", "export": "Export", "team": "Team", "suggestions": "Suggestions",
}  # fmt: skip
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
"""Of the rules that are kept one element each is told: to tell of all took most of the time."""


@pytest.fixture(params=["light", "dark"])
def review(request: pytest.FixtureRequest, sign_in: SignIn) -> Any:
    return sign_in("Ann", color_scheme=request.param)


def violations(page: Any) -> list[str]:
    """Each broken rule with the first element that breaks it."""
    found = axe.Axe().run(page, options=RULES).response
    assert len(found["passes"]) > 10  # it did look
    return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]


def settled(page: Any, name: str = "Ann") -> None:
    """Until Streamlit has drawn everything. name: who is signed in."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
    page.get_by_role("button", name=name, exact=True).wait_for()  # the header's corner, a moment later


def test_the_grid_in_each_of_its_states(review: Any) -> None:
    assert violations(review) == []
    press(review, "3", "x", "u", "Shift+ArrowRight")
    wait_saved(review)
    assert violations(review) == []
    press(review, "f")
    review.locator(".over .photo.drawn").first.wait_for()
    assert violations(review) == []
    press(review, "Escape", "?")
    assert violations(review) == []
    press(review, "Escape")
    becomes(lambda: cut_rings(review), [])


SHOWN_DARK = """() => {
  const colour = getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor
  return colour.match(/[0-9]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) < 384
}"""


def in_colours(page: Any, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(f"() => ({SHOWN_DARK})() === {str(scheme == 'dark').lower()}")


def wider_than_the_window(page: Any) -> list[str]:
    """A window of 1280 x 900 zoomed to 200 % is one of 640 x 450: nothing is cut off."""
    page.set_viewport_size({"width": 640, "height": 450})
    settled(page)
    wide = page.evaluate(
        "[document.scrollingElement, document.querySelector('[data-testid=stMain]')].map(e => e.scrollWidth)"
    )
    page.set_viewport_size({"width": 1280, "height": 900})
    return [f"{max(wide)} px"] if max(wide) > 640 else []


def test_every_other_page(sign_in: SignIn, server: Server) -> None:
    """In dark as it is opened, in light as the system changes, and at twice the size."""
    page = sign_in("Ann", color_scheme="dark")
    press(page, "3", "4", "x")
    wait_saved(page)
    found: dict[str, list[str]] = {}
    for path, head in HEADS.items():
        page.emulate_media(color_scheme="dark")
        page.goto(f"{server.address}/{path}")
        page.get_by_role("heading", name=head, exact=True).first.wait_for()
        settled(page)
        for scheme in ("dark", "light"):
            in_colours(page, scheme)
            found[f"{head} in {scheme}"] = violations(page)
        found[f"{head}'s rings"] = cut_rings(page)
        found[f"{head} at twice the size"] = wider_than_the_window(page)
    assert {what: wrong for what, wrong in found.items() if wrong} == {}
