"""Redo, the rubber band and fingers on the Review page, in a real browser on the real server."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import FACES, Server
from tests.e2e.grid import becomes, card, columns, focus, press, selected, shown, wait_saved

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
expect = sync_api.expect
SignIn = Callable[..., Any]


def note(page: Any, text: str) -> None:
    page.locator(".note", has_text=text).wait_for()


@pytest.mark.long
def test_redo_gives_back_step_by_step_until_something_new_is_decided(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    press(page, "1", "x", "b", "Shift+ArrowRight", "3")
    press(page, "z", "z", "z")
    becomes(lambda: [shown(page, at) for at in range(4)], [("", "")] * 4)
    press(page, "Shift+z")
    becomes(lambda: shown(page, 0), ("accept", "none"))
    note(page, "again: “none”")
    page.get_by_role("button", name="redo").click()
    becomes(lambda: (shown(page, 1)[0], card(page, 1).get_attribute("data-reason")), ("reject", "blurred"))
    press(page, "Shift+z")
    becomes(lambda: [shown(page, at) for at in (2, 3)], [("accept", "smile")] * 2)
    note(page, "again: “smile” on 2 faces")
    press(page, "Shift+z")
    note(page, "nothing to redo")
    wait_saved(page)
    once = [("accept", 1, None), ("reject", None, "blurred"), ("accept", 3, None), ("accept", 3, None)]
    assert server.verdicts()[:4] == once
    press(page, "z", "z", "u", "Shift+z")  # the new decision stands where the old one was
    note(page, "nothing to redo")
    wait_saved(page)
    assert server.verdicts()[:4] == [once[0], ("unsure", None, None), (None, None, None), (None, None, None)]


@pytest.mark.long
def test_redo_across_a_page_a_reload_and_a_restart(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    press(page, *"123")
    wait_saved(page)
    press(page, "z", "z", "z")
    wait_saved(page)
    press(page, "n")
    page.locator(".page", has_text=f"25–48 of {FACES}").wait_for()
    press(page, "Shift+z")
    note(page, "again: “none”, on another page")
    wait_saved(page)
    assert server.labels() == {"none": 1}
    expect(page).to_have_url(re.compile("[?&]from=25&"))
    page.reload()  # leads to the same face, though one before it is decided
    expect(page.locator(".page")).to_have_text(f"24–47 of {FACES - 1}")
    press(page, "Shift+z")  # this tab does not remember: the server tells what it was
    note(page, "again: your last undone step, 1 face")
    assert server.labels() == {"none": 1, "pout": 1}
    server.stop()
    server.start()
    page.reload()
    expect(page.locator(".page")).to_have_text(f"23–46 of {FACES - 2}")
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


@pytest.mark.long
def test_dragging_selects_what_the_band_touches(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    wide = columns(page)
    page.mouse.move(*middle(page, 1))
    page.mouse.down()
    page.mouse.move(middle(page, 1)[0] + 3, middle(page, 1)[1] + 3)
    becomes(lambda: (focus(page), selected(page), page.locator(".band").count()), (1, [], 0))  # an unsteady click
    page.mouse.move(*middle(page, wide + 2), steps=4)
    page.locator(".band").wait_for()
    page.mouse.up()
    becomes(lambda: page.locator(".band").count(), 0)
    becomes(lambda: selected(page), [1, 2, wide + 1, wide + 2])
    becomes(lambda: focus(page), wide + 2)
    page.keyboard.down("Control")  # one more column, beside what is selected
    page.mouse.move(*middle(page, 4))
    page.mouse.down()
    page.mouse.move(*middle(page, wide + 4), steps=3)
    page.mouse.up()
    page.keyboard.up("Control")
    becomes(lambda: selected(page), [1, 2, 4, wide + 1, wide + 2, wide + 4])
    press(page, "3")
    wait_saved(page)
    assert server.labels() == {"smile": 6}
    assert server.rows("SELECT count(DISTINCT step) FROM decisions") == [(1,)]


@pytest.mark.long
def test_a_drag_from_the_gap_a_click_there_and_escape(sign_in: SignIn) -> None:
    page = sign_in("Ann")
    first = card(page, 0).bounding_box()
    gap = (first["x"] - 4, first["y"] - 4)
    page.mouse.move(*gap)
    page.mouse.down()
    page.mouse.move(*middle(page, 2), steps=3)
    becomes(lambda: selected(page), [0, 1, 2])
    page.mouse.move(*middle(page, 1))  # it shrinks, too
    becomes(lambda: selected(page), [0, 1])
    page.mouse.up()
    page.mouse.click(*gap)
    becomes(lambda: selected(page), [])
    card(page, 5).click()
    card(page, 6).click(modifiers=["Shift"])
    page.mouse.move(*middle(page, 0))
    page.mouse.down()
    page.mouse.move(*middle(page, 3), steps=3)
    becomes(lambda: selected(page), [0, 1, 2, 3])
    press(page, "Escape")
    becomes(lambda: (selected(page), focus(page)), ([5, 6], 6))
    page.mouse.move(*middle(page, 2))
    page.mouse.up()
    becomes(lambda: selected(page), [5, 6])


@pytest.mark.long
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
    becomes(lambda: scroller.evaluate("s => s.scrollTop") > 100)
    rows = -(-FACES // columns(page))
    expect(page.locator(".left")).to_have_text(f"{FACES - rows} selected")  # all but the first column


TOUCH = {"has_touch": True, "is_mobile": True}


def fingers(page: Any) -> Callable[..., None]:
    """`touch("touchStart", (x, y), …)`: real touch events, as many fingers as there are points."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        at = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    return touch


@pytest.mark.long
def test_a_tap_goes_there_and_a_second_one_selects(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann", **TOUCH)
    card(page, 3).tap()
    becomes(lambda: (focus(page), selected(page)), (3, []))
    card(page, 3).tap()
    becomes(lambda: selected(page), [3])
    card(page, 5).tap()
    becomes(lambda: selected(page), [3, 5])
    page.get_by_role("button", name="pout").first.tap()
    wait_saved(page)
    assert server.labels() == {"pout": 2}


@pytest.mark.long
def test_a_long_press_shows_the_photo_until_the_finger_lifts(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann", **TOUCH)
    touch = fingers(page)
    touch("touchStart", middle(page, 4))
    page.locator(".over[data-mode='peek'] image[href*='unified']").wait_for()
    becomes(lambda: focus(page), 4)
    touch("touchEnd")
    expect(page.locator(".over")).not_to_be_visible()
    becomes(lambda: selected(page), [])


@pytest.mark.long
def test_fingers_that_scroll_choose_nothing(sign_in: SignIn) -> None:
    page = sign_in("Ann", "size=96", **TOUCH)
    page.set_viewport_size({"width": 900, "height": 620})
    x, y = middle(page, columns(page) + 1)
    touch = fingers(page)
    touch("touchStart", (x, y), (x + 60, y))
    for step in range(1, 12):
        touch("touchMove", (x, y - 12 * step), (x + 60, y - 12 * step))
    touch("touchEnd")
    becomes(lambda: page.locator(".over").is_hidden())
    becomes(lambda: (focus(page), selected(page)), (0, []))
    becomes(
        lambda: page.locator(".scroller").evaluate("s => getComputedStyle(s.querySelector('.card')).touchAction"),
        "manipulation",
    )


@pytest.mark.long
def test_buttons_are_large_enough_for_a_finger(sign_in: SignIn) -> None:
    page = sign_in("Ann", **TOUCH)
    becomes(lambda: page.evaluate("matchMedia('(pointer: coarse)').matches"))
    press(page, "x", "f")  # the reasons and the sliders are there
    sizes = "all => all.map(b => { const r = b.getBoundingClientRect(); return [b.textContent, r.width, r.height] })"
    shown_ones = [one for one in page.locator(".moue button").evaluate_all(sizes) if one[2]]
    assert len(shown_ones) > 20
    assert [one for one in shown_ones if min(one[1:]) < 32] == []
