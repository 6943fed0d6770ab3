"""Focus mode, skeletons and the help."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import MOVING, Server
from tests.e2e.grid import becomes, card, press, until, wait_saved

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
expect = sync_api.expect
SignIn = Callable[..., Any]
LIGHT = "i => getComputedStyle(i).filter"


@pytest.mark.long
def test_focus_mode_lightens_and_zooms_and_resets(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    press(page, "]")  # only in focus mode
    press(page, "f")
    close, whole = page.locator(".over .close image"), page.locator(".over .whole image")
    page.locator(".over .close.drawn").wait_for()
    page.locator(".over .whole.drawn").wait_for()
    boxes = [page.locator(f".over .{one}").bounding_box() for one in ("close", "whole")]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
    assert (boxes[0]["y"], boxes[0]["height"]) == (boxes[1]["y"], boxes[1]["height"])
    becomes(lambda: close.evaluate(LIGHT), "brightness(1) contrast(1)")
    press(page, "]", "]", "[", "}", "}")
    becomes(lambda: [one.evaluate(LIGHT) for one in (close, whole)], ["brightness(1.1) contrast(1.2)"] * 2)
    press(page, "{")
    page.get_by_label("Brightness").fill("150")
    becomes(lambda: whole.evaluate(LIGHT), "brightness(1.5) contrast(1.1)")
    press(page, "Escape", "f")  # still so on the next look
    page.locator(".over .label").click(force=True)
    before = [page.locator(f".over .{one} svg").get_attribute("viewBox") for one in ("close", "whole")]
    press(page, "+", "+")
    after = [page.locator(f".over .{one} svg").get_attribute("viewBox") for one in ("close", "whole")]
    assert all(float(new.split()[2]) < float(old.split()[2]) for new, old in zip(after, before, strict=True))
    x, y = boxes[0]["x"] + 100, boxes[0]["y"] + 100
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 20)
    page.mouse.up()
    panned = page.locator(".over .close svg").get_attribute("viewBox")
    assert float(panned.split()[0]) < float(after[0].split()[0])
    press(page, "0")
    becomes(lambda: close.evaluate(LIGHT), "brightness(1) contrast(1)")
    becomes(lambda: [page.locator(f".over .{one} svg").get_attribute("viewBox") for one in ("close", "whole")], before)
    press(page, "3")
    wait_saved(page)
    assert server.labels() == {"smile": 1}
    assert server.rows("SELECT count(*) FROM decisions") == [(1,)]


@pytest.mark.long
def test_focus_mode_fetches_three_ahead(sign_in: SignIn) -> None:
    page = sign_in("Ann")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    ids = [str(card(page, at).get_attribute("data-id")) for at in range(6)]
    asked.clear()

    def ahead(at: int) -> bool:
        return any(f"/crop/{ids[at]}" in url and url.endswith("s=512") for url in asked)

    press(page, "f")
    page.locator(".over .whole.drawn").wait_for()
    until(page, lambda: ahead(3))
    assert [ahead(at) for at in range(6)] == [True] * 4 + [False] * 2
    until(page, lambda: len({url for url in asked if "/unified/" in url}) >= 4)
    assert len({url for url in asked if "/unified/" in url}) == 4
    press(page, "3")
    until(page, lambda: ahead(4))
    assert not ahead(5)


@pytest.mark.long
def test_cards_are_skeletons_until_their_picture_comes_and_nothing_moves(sign_in: SignIn) -> None:
    page = sign_in("Ann", **MOVING)
    waiting: list[Any] = []
    page.route("**/api/image/crop/**", lambda route: waiting.append(route))
    press(page, "n")
    page.locator(".page", has_text="25–48").wait_for()
    until(page, lambda: len(waiting) == 24)
    cards = page.locator(".card")
    geometry = "all => all.map(c => { const r = c.getBoundingClientRect(); return [r.x, r.y, r.width, r.height] })"
    skeleton = "c => getComputedStyle(c, '::before').animationName"
    becomes(lambda: cards.first.evaluate(skeleton), "breathe")
    before = cards.evaluate_all(geometry)
    page.evaluate("""() => { window.shifts = 0; new PerformanceObserver(list => {
        for (const one of list.getEntries()) window.shifts += one.value }).observe({ type: "layout-shift" }) }""")
    assert len(waiting) == len(before) == 24
    for route in waiting[1:]:
        route.continue_()
    waiting[0].abort()
    expect(page.locator(".card.loaded")).to_have_count(23)
    expect(page.locator(".card.lost")).to_have_count(1)
    becomes(lambda: page.locator(".card.loaded").first.evaluate(skeleton), "none")
    becomes(lambda: cards.evaluate_all(geometry), before)
    becomes(lambda: page.evaluate("window.shifts"), 0)


@pytest.mark.long
def test_the_help_names_the_new_keys(sign_in: SignIn) -> None:
    page = sign_in("Ann")
    press(page, "?")
    text = page.locator(".help").inner_text()
    assert all(re.search(word, text) for word in (r"Shift \+ z", "redo", "drag", "brightness", "long press"))
