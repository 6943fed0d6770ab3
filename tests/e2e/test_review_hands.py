"""Redo, the rubber band, fingers, focus mode and skeletons of the Review page, in a real browser on the real server."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import FACES, Server
from tests.e2e.grid import card, columns, focus, press, selected, shown, wait_saved

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
expect = sync_api.expect
SignIn = Callable[..., Any]


def note(page: Any, text: str) -> None:
    page.locator(".note", has_text=text).wait_for()


def test_redo_gives_back_step_by_step_until_something_new_is_decided(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    press(page, "1", "x", "b", "Shift+ArrowRight", "3")
    press(page, "z", "z", "z")
    assert [shown(page, at) for at in range(4)] == [("", "")] * 4
    press(page, "Shift+z")
    assert shown(page, 0) == ("accept", "none")
    note(page, "again: none")
    page.get_by_role("button", name="redo").click()
    assert (shown(page, 1)[0], card(page, 1).get_attribute("data-reason")) == ("reject", "blurred")
    press(page, "Shift+z")
    assert [shown(page, at) for at in (2, 3)] == [("accept", "smile")] * 2
    note(page, "again: smile on 2 faces")
    press(page, "Shift+z")
    note(page, "nothing to redo")
    wait_saved(page)
    once = [("accept", 1, None), ("reject", None, "blurred"), ("accept", 3, None), ("accept", 3, None)]
    assert server.verdicts()[:4] == once
    press(page, "z", "z", "u", "Shift+z")  # the new decision stands where the old one was
    note(page, "nothing to redo")
    wait_saved(page)
    assert server.verdicts()[:4] == [once[0], ("unsure", None, None), (None, None, None), (None, None, None)]


def test_redo_across_a_page_a_reload_and_a_restart(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    press(page, *"123")
    wait_saved(page)
    press(page, "z", "z", "z")
    wait_saved(page)
    press(page, "n")
    page.locator(".page", has_text=f"25–48 of {FACES}").wait_for()
    press(page, "Shift+z")
    note(page, "again: none, on another page")
    wait_saved(page)
    assert server.labels() == {"none": 1}
    page.reload()
    page.locator(".page", has_text=f"1–24 of {FACES - 1}").wait_for()
    press(page, "Shift+z")  # this tab does not remember: the server tells what it was
    note(page, "again: your last undone step, 1 face")
    assert server.labels() == {"none": 1, "pout": 1}
    server.stop()
    server.start()
    page.reload()
    page.locator(".page", has_text=f"1–24 of {FACES - 2}").wait_for()
    press(page, "Shift+z")
    note(page, "again: your last undone step, 1 face")
    assert server.labels() == {"none": 1, "pout": 1, "smile": 1}
    press(page, "z")
    note(page, "took back")
    wait_saved(page)
    assert server.labels() == {"none": 1, "pout": 1}


def middle(page: Any, at: int) -> tuple[float, float]:
    box = card(page, at).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_dragging_selects_what_the_band_touches(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    wide = columns(page)
    page.mouse.move(*middle(page, 1))
    page.mouse.down()
    page.mouse.move(middle(page, 1)[0] + 3, middle(page, 1)[1] + 3)
    assert (focus(page), selected(page), page.locator(".band").count()) == (1, [], 0)  # an unsteady click
    page.mouse.move(*middle(page, wide + 2), steps=4)
    page.locator(".band").wait_for()
    page.mouse.up()
    assert page.locator(".band").count() == 0
    assert selected(page) == [1, 2, wide + 1, wide + 2]
    assert focus(page) == wide + 2
    page.keyboard.down("Control")  # one more column, beside what is selected
    page.mouse.move(*middle(page, 4))
    page.mouse.down()
    page.mouse.move(*middle(page, wide + 4), steps=3)
    page.mouse.up()
    page.keyboard.up("Control")
    assert selected(page) == [1, 2, 4, wide + 1, wide + 2, wide + 4]
    press(page, "3")
    wait_saved(page)
    assert server.labels() == {"smile": 6}
    assert server.rows("SELECT count(DISTINCT step) FROM decisions") == [(1,)]


def test_a_drag_from_the_gap_a_click_there_and_escape(sign_in: SignIn) -> None:
    page = sign_in("Ann")
    first = card(page, 0).bounding_box()
    gap = (first["x"] - 4, first["y"] - 4)
    page.mouse.move(*gap)
    page.mouse.down()
    page.mouse.move(*middle(page, 2), steps=3)
    assert selected(page) == [0, 1, 2]
    page.mouse.move(*middle(page, 1))  # it shrinks, too
    assert selected(page) == [0, 1]
    page.mouse.up()
    page.mouse.click(*gap)
    assert selected(page) == []
    card(page, 5).click()
    card(page, 6).click(modifiers=["Shift"])
    page.mouse.move(*middle(page, 0))
    page.mouse.down()
    page.mouse.move(*middle(page, 3), steps=3)
    assert selected(page) == [0, 1, 2, 3]
    press(page, "Escape")
    assert (selected(page), focus(page)) == ([5, 6], 6)
    page.mouse.move(*middle(page, 2))
    page.mouse.up()
    assert selected(page) == [5, 6]


def test_a_drag_scrolls_at_the_edge(sign_in: SignIn) -> None:
    page = sign_in("Ann", "size=96")
    page.set_viewport_size({"width": 1000, "height": 620})
    scroller = page.locator(".scroller")
    box = scroller.bounding_box()
    page.mouse.move(*middle(page, 1))
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 40, box["y"] + box["height"] + 60, steps=3)
    expect(page.locator(f".card[data-at='{FACES - 1}'].selected")).to_be_visible()
    page.mouse.up()
    assert scroller.evaluate("s => s.scrollTop") > 100
    count = page.locator(".left").inner_text()
    row = columns(page)
    rows = -(-FACES // row)
    assert count == f"{FACES - rows} selected"  # all but the first column


TOUCH = {"has_touch": True, "is_mobile": True}


def fingers(page: Any) -> Callable[..., None]:
    """`touch("touchStart", (x, y), …)`: real touch events, as many fingers as there are points."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        at = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    return touch


def test_a_tap_goes_there_and_a_second_one_selects(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann", **TOUCH)
    card(page, 3).tap()
    assert (focus(page), selected(page)) == (3, [])
    card(page, 3).tap()
    assert selected(page) == [3]
    card(page, 5).tap()
    assert selected(page) == [3, 5]
    page.get_by_role("button", name="pout").first.tap()
    wait_saved(page)
    assert server.labels() == {"pout": 2}


def test_a_long_press_shows_the_photo_until_the_finger_lifts(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann", **TOUCH)
    touch = fingers(page)
    touch("touchStart", middle(page, 4))
    page.locator(".over[data-mode='peek'] image[href*='unified']").wait_for()
    assert focus(page) == 4
    touch("touchEnd")
    expect(page.locator(".over")).not_to_be_visible()
    assert selected(page) == []


def test_fingers_that_scroll_choose_nothing(sign_in: SignIn) -> None:
    page = sign_in("Ann", "size=96", **TOUCH)
    page.set_viewport_size({"width": 900, "height": 620})
    x, y = middle(page, columns(page) + 1)
    touch = fingers(page)
    touch("touchStart", (x, y), (x + 60, y))
    for step in range(1, 12):
        touch("touchMove", (x, y - 12 * step), (x + 60, y - 12 * step))
    touch("touchEnd")
    assert page.locator(".over").is_hidden()
    assert (focus(page), selected(page)) == (0, [])
    assert (
        page.locator(".scroller").evaluate("s => getComputedStyle(s.querySelector('.card')).touchAction")
        == "manipulation"
    )


def test_buttons_are_large_enough_for_a_finger(sign_in: SignIn) -> None:
    page = sign_in("Ann", **TOUCH)
    assert page.evaluate("matchMedia('(pointer: coarse)').matches")
    press(page, "x", "f")  # the reasons and the sliders are there
    sizes = "all => all.map(b => { const r = b.getBoundingClientRect(); return [b.textContent, r.width, r.height] })"
    shown_ones = [one for one in page.locator(".moue button").evaluate_all(sizes) if one[2]]
    assert len(shown_ones) > 20
    assert [one for one in shown_ones if min(one[1:]) < 32] == []


LIGHT = "i => getComputedStyle(i).filter"


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
    assert close.evaluate(LIGHT) == "brightness(1) contrast(1)"
    press(page, "]", "]", "[", "}", "}")
    assert [one.evaluate(LIGHT) for one in (close, whole)] == ["brightness(1.1) contrast(1.2)"] * 2
    press(page, "{")
    page.get_by_label("Brightness").fill("150")
    assert whole.evaluate(LIGHT) == "brightness(1.5) contrast(1.1)"
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
    assert close.evaluate(LIGHT) == "brightness(1) contrast(1)"
    assert [page.locator(f".over .{one} svg").get_attribute("viewBox") for one in ("close", "whole")] == before
    press(page, "3")
    wait_saved(page)
    assert server.labels() == {"smile": 1}
    assert server.rows("SELECT count(*) FROM decisions") == [(1,)]


def test_focus_mode_fetches_three_ahead(sign_in: SignIn) -> None:
    page = sign_in("Ann")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(300)
    ids = [str(card(page, at).get_attribute("data-id")) for at in range(6)]
    asked.clear()

    def ahead(at: int) -> bool:
        return any(f"/crop/{ids[at]}" in url and url.endswith("s=512") for url in asked)

    press(page, "f")
    page.locator(".over .whole.drawn").wait_for()
    page.wait_for_timeout(300)
    assert [ahead(at) for at in range(6)] == [True] * 4 + [False] * 2
    assert len({url for url in asked if "/unified/" in url}) == 4
    press(page, "3")
    page.wait_for_timeout(300)
    assert [ahead(at) for at in range(6)] == [True] * 5 + [False]


def test_cards_are_skeletons_until_their_picture_comes_and_nothing_moves(sign_in: SignIn) -> None:
    page = sign_in("Ann")
    waiting: list[Any] = []
    page.route("**/api/image/crop/**", lambda route: waiting.append(route))
    press(page, "n")
    page.locator(".page", has_text="25–48").wait_for()
    page.wait_for_timeout(200)
    cards = page.locator(".card")
    geometry = "all => all.map(c => { const r = c.getBoundingClientRect(); return [r.x, r.y, r.width, r.height] })"
    skeleton = "c => getComputedStyle(c, '::before').animationName"
    assert cards.first.evaluate(skeleton) == "breathe"
    before = cards.evaluate_all(geometry)
    page.evaluate("""() => { window.shifts = 0; new PerformanceObserver(list => {
        for (const one of list.getEntries()) window.shifts += one.value }).observe({ type: "layout-shift" }) }""")
    assert len(waiting) == len(before) == 24
    for route in waiting[1:]:
        route.continue_()
    waiting[0].abort()
    expect(page.locator(".card.loaded")).to_have_count(23)
    expect(page.locator(".card.lost")).to_have_count(1)
    assert page.locator(".card.loaded").first.evaluate(skeleton) == "none"
    assert cards.evaluate_all(geometry) == before
    assert page.evaluate("window.shifts") == 0


def test_the_help_names_the_new_keys(sign_in: SignIn) -> None:
    page = sign_in("Ann")
    press(page, "?")
    text = page.locator(".help").inner_text()
    assert all(re.search(word, text) for word in (r"Shift \+ z", "redo", "drag", "brightness", "long press"))
