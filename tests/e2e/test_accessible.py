"""Every page against the rules of WCAG 2.1 A and AA that a program can check, in light and dark, and at 200 % zoom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import Server
from tests.e2e.grid import press, wait_saved

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install -r tests/requirements.txt")
SignIn = Callable[..., Any]

HEADS = {
    "": "Overview", "progress": "Progress", "collect": "Collect", "clean": "Clean", "quality": "Quality",
    "duplicates": "Duplicates", "classes": "Classes", "export": "Export",
}  # fmt: skip
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


@pytest.fixture(params=["light", "dark"])
def review(request: pytest.FixtureRequest, sign_in: SignIn) -> Any:
    return sign_in("Ann", color_scheme=request.param)


def violations(page: Any) -> list[str]:
    """Each broken rule with the first element that breaks it."""
    found = axe.Axe().run(page, options=RULES).response
    assert len(found["passes"]) > 10  # it did look
    return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]


def settled(page: Any) -> None:
    """Until Streamlit has drawn everything."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
    page.get_by_role("button", name="Ann", exact=True).wait_for()  # the header's corner, a moment later


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


def test_every_other_page(review: Any, server: Server) -> None:
    press(review, "3", "4", "x")
    wait_saved(review)
    for path, head in HEADS.items():
        review.goto(f"{server.address}/{path}")
        review.get_by_role("heading", name=head, exact=True).first.wait_for()
        settled(review)
        assert violations(review) == [], path or "overview"


def test_nothing_is_cut_off_at_twice_the_size(sign_in: SignIn, server: Server) -> None:
    """A window of 1280 x 900 zoomed to 200 % is one of 640 x 450."""
    page = sign_in("Ann")
    page.set_viewport_size({"width": 640, "height": 450})
    for path, head in HEADS.items():
        page.goto(f"{server.address}/{path}")
        page.get_by_role("heading", name=head, exact=True).first.wait_for()
        settled(page)
        wide = page.evaluate(
            "[document.scrollingElement, document.querySelector('[data-testid=stMain]')].map(e => e.scrollWidth)"
        )
        assert max(wide) <= 640, path or "overview"
