"""What is shown does not move while a page comes (https://web.dev/articles/cls: below .1 is good; here it is half)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.e2e.conftest import MOVING, Server, visiting
from tests.e2e.grid import becomes

pytestmark = pytest.mark.long

SHIFTS = """window.shifted = 0; window.what = []; new PerformanceObserver(found => {
  for (const one of found.getEntries()) if (!one.hadRecentInput) {
    window.shifted += one.value
    const named = ({ node }) => node?.closest?.('[class*=st-key-]')?.className || node?.className
    const box = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(' ')
    window.what.push([one.value.toFixed(3), ...one.sources.slice(0, 3).map(source =>
      `${named(source)}: ${box(source.previousRect)} to ${box(source.currentRect)}`)])
  }
}).observe({type: 'layout-shift', buffered: true})"""
MOST = 0.05
DRAWN = """() => [...document.querySelectorAll('[data-testid^=stBidiComponent] *')].every(one => {
  const root = one.shadowRoot?.querySelector('.moue, .clean, .duplicates, .range, .map, .slips, .adjudication')
  return !root || root.classList.contains('drawn')
})"""
"""What has a script of its own is there, too."""
DRAWER = """summary => {
  summary.click()
  return new Promise(seen => requestAnimationFrame(() => requestAnimationFrame(() => {
    const shown = [...summary.parentElement.children].filter(one => one.checkVisibility())
    const heights = shown.map(one => one.getBoundingClientRect().height)
    seen([shown.length, summary.parentElement.clientHeight - heights.reduce((sum, one) => sum + one, 0)])
  })))
}"""
"""Presses it, and tells of the second frame after it: how many parts show, and by how much the drawer is higher."""
TITLE = """(() => {
  const words = document.createRange()
  words.selectNodeContents(document.querySelector('.stMain h2'))
  return words.getBoundingClientRect()
})()"""
"""Where its words stand: the box around them is larger on some pages."""
PAGES = (
    "",
    "progress",
    "collect",
    "clean",
    "quality",
    "duplicates",
    "suggestions",
    "review",
    "team",
    "classes",
    "export",
)


@pytest.mark.parametrize("width", [390, 1280, 1920, 2560])
def test_nothing_moves_while_a_page_comes(chromium: Any, standing_server: Server, width: int) -> None:
    assert moved_on(chromium, standing_server.address, dict.fromkeys(PAGES, "h2"), width) == {}


def moved_on(chromium: Any, address: str, paths: Mapping[str, str], width: int) -> dict[str, list[Any]]:
    """What moved by page, cold or warm. paths: with what is there once all has come.

    A page that moved is looked at once more: where the machine is busy a paint may come between two arrivals.
    """
    moved: dict[str, list[Any]] = {}
    for path, last in paths.items():
        first = shifts(chromium, address, path, width, last)
        again = shifts(chromium, address, path, width, last) if any(first.values()) else {}
        for visit, what in first.items():
            if what and again[visit]:
                moved[f"{path or 'overview'}, {visit}"] = [what, again[visit]]
    return moved


def shifts(chromium: Any, address: str, path: str, width: int, last: str) -> dict[str, list[Any]]:
    """What moved while the page came for the first time in a browser, and for the second; nothing where that is within
    the limit."""
    context = chromium.new_context(viewport={"width": width, "height": 900}, **MOVING)
    try:
        context.add_init_script(SHIFTS)
        assert context.request.post(f"{address}/api/sign-in", data={"name": "Ann"}, headers={"Origin": address}).ok
        page = context.new_page()
        return {visit: shifted(page, f"{address}/{path}", last) for visit in ("cold", "warm")}
    finally:
        context.close()


def shifted(page: Any, address: str, last: str) -> list[Any]:
    page.goto(address)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning] h2").first.wait_for()
    page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
    page.wait_for_function(DRAWN)
    page.locator(last).first.wait_for()
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return list(page.evaluate("window.what")) if page.evaluate("window.shifted") > MOST else []


def test_the_photos_of_clean_have_their_place_before_the_filters_come(chromium: Any, standing_server: Server) -> None:
    """While Streamlit's script of the choices is on its way: the photos moved by 8 pixels when they came."""
    with visiting(chromium, standing_server, "classes") as page:
        held: list[Any] = []
        page.route("**/ButtonGroup.*.js", lambda route: held.append(route))
        page.goto(f"{standing_server.address}/clean")
        photos = page.locator(".st-key-photo_list")
        page.locator(".st-key-clean_outcome").get_by_test_id("stSkeleton").wait_for()
        before = photos.bounding_box()["y"]
        for one in held:
            one.continue_()
        page.get_by_test_id("stSkeleton").first.wait_for(state="detached")
        page.locator(".st-key-clean_outcome button").first.wait_for()
        becomes(lambda: round(photos.bounding_box()["y"]), round(before))


def test_every_title_stands_at_one_place_and_no_page_scrolls_sideways(chromium: Any, standing_server: Server) -> None:
    address = standing_server.address
    for width in (390, 2560):
        context = chromium.new_context(viewport={"width": width, "height": 900})
        assert context.request.post(f"{address}/api/sign-in", data={"name": "Ann"}, headers={"Origin": address}).ok
        page, places, tops = context.new_page(), {}, {}
        for path in PAGES:
            page.goto(f"{address}/{path}")
            page.locator("[data-testid=stApp][data-test-script-state=notRunning] h2").first.wait_for()
            page.wait_for_function(DRAWN)
            page.wait_for_function("document.querySelector('.stMain').scrollWidth <= innerWidth")
            places[path] = page.evaluate(f"Math.round({TITLE}.left)")
            tops[path] = page.evaluate(f"Math.round({TITLE}.top)")
        context.close()
        assert len(set(tops.values())) == 1, tops
        assert set(places.values()) == {16 if width == 390 else 24}, places


def test_a_drawer_stands_at_its_height_at_once(chromium: Any, standing_server: Server) -> None:
    """Opened and closed, with a script that would let it grow for half a second: under the pointer nothing moves."""
    with visiting(chromium, standing_server, "") as page:
        drawer = page.get_by_test_id("stExpander").filter(has_text="Check the workspace").locator("summary")
        drawer.wait_for()
        for parts in (2, 1, 2):
            found, higher = drawer.evaluate(DRAWER)
            assert found == parts
            assert abs(higher) <= 1


def test_the_content_policy_blocks_nothing_of_ours(chromium: Any, standing_server: Server) -> None:
    context = chromium.new_context(bypass_csp=False)
    address = standing_server.address
    assert context.request.post(f"{address}/api/sign-in", data={"name": "Ann"}, headers={"Origin": address}).ok
    page, blocked = context.new_page(), []
    page.on("console", lambda said: blocked.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto(f"{address}/")
    page.get_by_role("heading", name="Overview").wait_for()
    page.goto(f"{address}/review")
    page.locator(".card.loaded").first.wait_for()
    context.close()
    assert blocked == []
