"""Each key and each click of the Review page, in a real browser against the real server."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from db.store.store import Store
from db.tables import classes
from tests.e2e.conftest import Server
from tests.e2e.grid import becomes, card, columns, focus, press, selected, shown, until, wait_saved

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
expect = sync_api.expect
SignIn = Callable[..., Any]
IN_FIRST_ROW = """async (scroller) => {
  for (let before = -1; before !== scroller.clientWidth;) {
    before = scroller.clientWidth
    for (let frame = 0; frame < 12; frame += 1) await new Promise((seen) => requestAnimationFrame(seen))
  }
  const tops = [...scroller.querySelectorAll(".card")].map((card) => card.getBoundingClientRect().top)
  return tops.filter((top) => top === Math.min(...tops)).length
}"""


def in_first_row(page: Any) -> int:
    """How many cards one sees beside each other, once nothing about the page's width moves any more."""
    return int(page.locator(".scroller").evaluate(IN_FIRST_ROW))


def test_class_keys_label_at_once_and_move_on(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    for at, key in enumerate("1234"):
        becomes(lambda: focus(page), at)
        press(page, key)
        becomes(lambda at=at: shown(page, at), ("accept", ("none", "pout", "smile", "openmouth")[at]))
    press(page, "x", "u")
    becomes(lambda: [shown(page, at)[0] for at in (4, 5)], ["reject", "unsure"])
    becomes(lambda: [card(page, at).locator(".badge").inner_text() for at in range(6)], ["n", "p", "s", "o", "✕", "?"])
    wait_saved(page)
    assert server.verdicts()[:7] == [
        ("accept", 1, None), ("accept", 2, None), ("accept", 3, None), ("accept", 4, None),
        ("reject", None, None), ("unsure", None, None), (None, None, None),
    ]  # fmt: skip
    assert server.rows("SELECT DISTINCT annotator FROM decisions") == [("Ann",)]


@pytest.mark.long
def test_arrows_move_by_the_real_columns(sign_in: SignIn) -> None:
    page = sign_in("Ann")
    wide = columns(page)
    assert wide > 2
    press(page, "ArrowDown", "ArrowRight")
    becomes(lambda: focus(page), wide + 1)
    press(page, "ArrowUp")
    becomes(lambda: focus(page), 1)
    press(page, "ArrowLeft", "ArrowLeft")
    becomes(lambda: focus(page), 0)
    press(page, "ArrowUp")
    becomes(lambda: focus(page), 0)
    press(page, "End")
    becomes(lambda: focus(page), 23)
    press(page, "Home")
    page.set_viewport_size({"width": 1000, "height": 900})
    until(page, lambda: 1 < in_first_row(page) == columns(page) < wide)
    press(page, "ArrowDown")
    until(page, lambda: focus(page) == in_first_row(page) == columns(page))


@pytest.mark.long
def test_a_range_is_labelled_and_undone_as_one_step(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    press(page, "2", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown")
    chosen = list(range(1, 4 + columns(page)))
    becomes(lambda: selected(page), chosen)
    press(page, "3")
    becomes(lambda: all(shown(page, at) == ("accept", "smile") for at in chosen))
    becomes(lambda: selected(page), [])
    becomes(lambda: focus(page), chosen[-1] + 1)
    wait_saved(page)
    assert server.labels() == {"pout": 1, "smile": len(chosen)}
    assert server.rows("SELECT count(DISTINCT step) FROM decisions") == [(2,)]
    press(page, "z")
    becomes(lambda: all(shown(page, at) == ("", "") for at in chosen))
    wait_saved(page)
    assert server.labels() == {"pout": 1}


@pytest.mark.long
def test_a_reason_completes_the_reject(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    press(page, "x", "b", "x", "3")
    wait_saved(page)
    assert server.verdicts()[:3] == [("reject", None, "blurred"), ("reject", None, None), ("accept", 3, None)]
    press(page, "z", "z", "z")
    wait_saved(page)
    assert server.standing() == 0


@pytest.mark.long
def test_enter_gives_the_rest_of_the_page_the_last_class(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    press(page, "Enter")
    wait_text = page.locator(".note", has_text="label one face first")
    wait_text.wait_for()
    press(page, "x", "1", "Enter")
    wait_saved(page)
    assert server.labels() == {"none": 23}
    press(page, "z")
    wait_saved(page)
    assert server.labels() == {"none": 1}
    press(page, "Enter", "Enter")  # the second one: the page is done, turn it
    page.locator(".page", has_text="1–24 of 36").wait_for()
    assert server.labels() == {"none": 23}


@pytest.mark.long
def test_one_key_too_many_does_not_label_the_last_face_anew(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    press(page, "End", "1", "3")
    page.locator(".note", has_text="end of the page").wait_for()
    wait_saved(page)
    assert server.labels() == {"none": 1}
    press(page, "ArrowRight", "3")
    wait_saved(page)
    assert server.labels() == {"smile": 1}


@pytest.mark.long
def test_escape_goes_one_step_back(sign_in: SignIn) -> None:
    page = sign_in("Ann")
    press(page, "Shift+ArrowRight", "f", "?")
    becomes(lambda: page.locator(".help").is_visible())
    becomes(lambda: "3" in page.locator(".help").inner_text())
    press(page, "Escape")
    becomes(lambda: not page.locator(".help").is_visible())
    becomes(lambda: page.locator(".over[data-mode='focus']").is_visible())
    press(page, "Escape")
    becomes(lambda: not page.locator(".over").is_visible())
    becomes(lambda: selected(page), [0, 1])
    press(page, "Escape")
    becomes(lambda: selected(page), [])


@pytest.mark.long
def test_space_shows_the_photo_while_it_is_held(sign_in: SignIn) -> None:
    page = sign_in("Ann")
    page.locator(".inspector .photo .dots[d*='M']").wait_for(state="attached")
    becomes(lambda: page.locator(".inspector .dots").get_attribute("d").count("M"), 68)
    page.keyboard.down(" ")
    page.locator(".over[data-mode='peek'] image[href*='unified']").wait_for()
    page.keyboard.up(" ")
    becomes(lambda: not page.locator(".over").is_visible())


@pytest.mark.long
def test_typing_in_a_field_decides_nothing(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    page.get_by_role("combobox").first.click()
    page.keyboard.type("13xuz")
    expect(page.get_by_role("combobox").first).to_have_value("13xuz")
    press(page, "Escape")
    page.evaluate("document.activeElement.blur()")
    becomes(lambda: page.evaluate("document.activeElement === document.body"))
    press(page, "3")
    wait_saved(page)
    assert server.verdicts()[:2] == [("accept", 3, None), (None, None, None)]
    assert server.rows("SELECT count(*) FROM decisions") == [(1,)]


SEND = """([key, code, more]) => {
  const event = new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true, composed: true, ...more })
  document.body.dispatchEvent(event)
  return event.defaultPrevented
}"""


WHOSE = (
    ("Process", "Digit3", {}, True),  # an input method hides the key
    ("ч", "KeyX", {}, True),  # x on a Russian keyboard
    ('"', "Digit3", {}, True),  # 3 on a French one
    ("+", "Digit1", {}, True),  # 1 on a Czech one
    ("_", "Digit4", {}, True),  # a sign of the digit row
    ("j", "KeyX", {}, False),  # another letter on a Dvorak one
    ("ö", "Semicolon", {}, False),
    ("é", "KeyX", {}, False),
    ("§", "Digit3", {"shiftKey": True}, False),
    ("Dead", "Backquote", {}, False),
    ("Dead", "Digit6", {"shiftKey": True}, False),
    ("Process", "Comma", {}, False),
    ("Unidentified", "", {}, False),
    ("ż", "KeyX", {"modifierAltGraph": True}, False),
    ("x", "KeyX", {"modifierAltGraph": True}, False),
    ("3", "Digit3", {"isComposing": True}, False),
    ("3", "Digit3", {"ctrlKey": True}, False),
    ("x", "KeyX", {"metaKey": True}, False),
    ("u", "KeyU", {"altKey": True}, False),
    ("c", "KeyC", {"ctrlKey": True}, False),
    ("r", "KeyR", {"ctrlKey": True}, False),
)


@pytest.mark.long
def test_which_keys_are_ours(sign_in: SignIn, server: Server) -> None:
    """Also beside a class that has no key: nothing but its button may label with it."""
    with Store.open(server.workspace) as store:
        keyless = store.write(lambda db: classes.add_class(db, "five"))
        store.write(lambda db: classes.set_class(db, keyless.id, key=""))
    page = sign_in("Ann")
    decided = page.locator(".card[data-verdict]:not([data-verdict=''])")
    for key, code, more, taken in WHOSE:
        was_taken = page.evaluate(SEND, [key, code, more])
        assert was_taken is taken, key
        becomes(lambda: decided.count(), int(taken))
        if taken:
            press(page, "z")
        becomes(lambda: decided.count(), 0)
    was_taken = page.evaluate(SEND, ["a", "KeyA", {"ctrlKey": True}])
    assert was_taken is True
    becomes(lambda: len(selected(page)), 24)
    becomes(lambda: decided.count(), 0)


@pytest.mark.long
def test_mouse(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    card(page, 3).click()
    becomes(lambda: focus(page), 3)
    card(page, 6).click(modifiers=["Shift"])
    becomes(lambda: selected(page), [3, 4, 5, 6])
    page.get_by_role("button", name="smile").first.click()
    becomes(lambda: [shown(page, at)[1] for at in range(2, 8)], ["", "smile", "smile", "smile", "smile", ""])
    press(page, " ")  # the click left the focus with the grid: Space does not press the button again
    card(page, 9).click()
    page.get_by_role("button", name="reject").first.click()
    page.get_by_role("button", name="undo").click()
    wait_saved(page)
    assert server.labels() == {"smile": 4}
    assert server.standing() == 4


@pytest.mark.long
def test_nothing_moves_on_a_key_press(sign_in: SignIn) -> None:
    page = sign_in("Ann")
    page.locator(".inspector .photo.drawn").wait_for()
    parts = page.locator(".chip, .small, .card, .photo, .status, .bar, .scroller")
    script = "all => all.map(e => { const r = e.getBoundingClientRect(); return [r.x, r.y, r.width, r.height] })"
    before = parts.evaluate_all(script)
    for key in ("3", "4", "x", "d", "u", "z", "Shift+ArrowRight", "2"):
        press(page, key)
        becomes(lambda: parts.evaluate_all(script), before)


@pytest.mark.long
def test_filters_live_in_the_url(sign_in: SignIn) -> None:
    page = sign_in("Ann")
    press(page, "3", "3", "x")
    wait_saved(page)
    page.goto(page.url.split("?")[0] + "?state=class:3")
    page.locator(".page", has_text="1–2 of 2").wait_for()
    becomes(lambda: [shown(page, at) for at in (0, 1)], [("accept", "smile")] * 2)
    page.get_by_role("combobox").first.click()
    page.get_by_role("option", name=re.compile("^Rejected")).click()
    page.locator(".page", has_text="1–1 of 1").wait_for()
    expect(page).to_have_url(re.compile("state=rejected"))
    expect(page.locator(".status")).to_have_text("")  # nothing was decided in this view
    press(page, "z")  # with the focus left in the filter the key still means the grid
    wait_saved(page)
