"""Single cards gathered, a pointer at rest, the facts of a face, similar ones first, and keys that are not ours."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import FACES, Server
from tests.e2e.grid import becomes, card, columns, focus, press, selected, shown, wait_saved

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
expect = sync_api.expect
SignIn = Callable[..., Any]
# a pointer that goes over two cards and away, by the page's own clock
PASSING = """async list => {
  const over = at => list.querySelector(`.card[data-at='${at}']`).dispatchEvent(
    new PointerEvent("pointerover", { bubbles: true, pointerType: "mouse" }))
  const wait = ms => new Promise(done => setTimeout(done, ms))
  over(7); await wait(150); over(8); await wait(150); list.dispatchEvent(new PointerEvent("pointerleave"))
}"""
FOCUSED = "() => document.activeElement?.shadowRoot?.activeElement?.className ?? document.activeElement.className"


def test_t_gathers_single_cards(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    press(page, "t", "t", "ArrowRight", "t", "ArrowRight", "ArrowRight", "t", "ArrowLeft")
    becomes(lambda: (selected(page), focus(page)), ([0, 1, 3, 6], 6))
    press(page, "t")  # out again
    becomes(lambda: (selected(page), focus(page)), ([0, 1, 3], 7))
    expect(page.locator(".left")).to_have_text("3 selected")
    press(page, "3")
    becomes(lambda: [shown(page, at)[1] for at in range(5)], ["smile", "smile", "", "smile", ""])
    becomes(lambda: (selected(page), focus(page)), ([], 4))
    wait_saved(page)
    assert server.rows("SELECT count(*), count(DISTINCT step) FROM decisions") == [(3, 1)]


def test_what_t_gathered_ends_with_escape_a_click_and_a_range(sign_in: SignIn) -> None:
    page = sign_in("Ann")
    press(page, "t", "t", "Escape")
    becomes(lambda: (selected(page), focus(page)), ([], 2))
    press(page, "ArrowRight")
    becomes(lambda: selected(page), [])
    press(page, "t")
    card(page, 8).click()
    becomes(lambda: (selected(page), focus(page)), ([], 8))
    press(page, "t", "Shift+ArrowRight")
    becomes(lambda: selected(page), [9, 10])
    press(page, "End", "t")
    becomes(lambda: focus(page), 23)


def photo_of(page: Any, at: int) -> None:
    identity = str(card(page, at).get_attribute("data-id"))
    page.locator(f".inspector[data-id='{identity}']").wait_for()


def test_a_pointer_at_rest_shows_the_photo_until_it_leaves_or_a_key_is_pressed(sign_in: SignIn) -> None:
    page = sign_in("Ann")
    photo_of(page, 0)
    card(page, 5).hover()
    photo_of(page, 5)
    expect(page.locator(".whose")).to_have_text("under the pointer: face 6")
    becomes(lambda: (focus(page), selected(page)), (0, []))
    press(page, "3")
    photo_of(page, 1)
    expect(page.locator(".whose")).to_have_text("face 2")
    box = card(page, 5).bounding_box()
    page.mouse.move(box["x"] + 9, box["y"] + 9)  # an unsteady pointer on the same card asks for nothing
    page.wait_for_timeout(700)
    photo_of(page, 1)
    card(page, 6).hover()
    photo_of(page, 6)
    page.mouse.move(5, 300)
    photo_of(page, 1)
    page.locator(".list").evaluate(PASSING)
    page.wait_for_timeout(700)
    photo_of(page, 1)  # it did not rest


def test_space_is_about_the_card_in_focus_wherever_the_pointer_is(sign_in: SignIn) -> None:
    page = sign_in("Ann")
    card(page, 5).hover()
    photo_of(page, 5)
    page.keyboard.down(" ")
    page.locator(".over[data-mode='peek'] image[href*='unified']").wait_for()
    photo_of(page, 0)
    page.keyboard.up(" ")
    becomes(lambda: not page.locator(".over").is_visible())


@pytest.mark.parametrize("way", ["key", "button", "shape"])
def test_similar_first(sign_in: SignIn, server: Server, way: str) -> None:
    page = sign_in("Ann", "size=24&state=all")
    press(page, "3", "ArrowRight", "ArrowRight", "ArrowRight")
    wanted = str(card(page, 4).get_attribute("data-id"))
    if way == "key":
        press(page, "s")
    elif way == "shape":
        press(page, "Shift+S")
    else:
        page.get_by_role("button", name="similar first").click()
    page.locator(f".card[data-at='0'][data-id='{wanted}']").wait_for()
    expect(page).to_have_url(re.compile(f"order={'like' if way == 'shape' else 'looks'}"))
    expect(page.locator(".page")).to_have_text(f"1–24 of {FACES}")
    assert server.labels() == {"smile": 1}
    press(page, "End", "2")
    wait_saved(page)
    assert server.labels() == {"smile": 1, "pout": 1}


def test_s_after_a_reject_is_its_reason(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    press(page, "x", "s")
    wait_saved(page)
    assert server.verdicts()[0] == ("reject", None, "too_small")
    assert "order=" not in page.url


def test_auto_advance_can_be_switched_off_and_stays_so(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    press(page, "a", "1", "3")
    becomes(lambda: (focus(page), shown(page, 0)), (0, ("accept", "smile")))
    wait_saved(page)
    page.reload()
    page.locator(".card.loaded").first.wait_for()
    press(page, "2")
    becomes(lambda: focus(page), 0)
    page.get_by_role("button", name="auto-advance").click()
    press(page, "3")
    becomes(lambda: focus(page), 1)


def test_page_keys_move_by_screens(sign_in: SignIn) -> None:
    page = sign_in("Ann", "size=96", viewport={"width": 1000, "height": 620})
    wide = columns(page)
    press(page, "PageDown")
    first = focus(page)
    assert first > 0
    assert first % wide == 0
    press(page, "PageDown", "PageUp")
    becomes(lambda: focus(page), first)
    press(page, *["PageDown"] * 30)
    becomes(lambda: focus(page), FACES - 1)
    expect(card(page, FACES - 1)).to_be_in_viewport(ratio=1)
    press(page, *["PageUp"] * 30)
    becomes(lambda: focus(page), 0)


def test_the_browsers_own_keys_are_left_alone(sign_in: SignIn) -> None:
    page = sign_in("Ann")
    page.evaluate("""() => { window.left = []
      addEventListener("keydown", e => window.left.push([e.key, e.defaultPrevented])) }""")
    ours = "Control+a"
    for keys in ("Control+c", "Control+f", "Control+Shift+z", "Control+z", "Alt+ArrowLeft", "Tab", "F1", ours):
        press(page, keys)
    passed = {key for key, prevented in page.evaluate("window.left") if not prevented}
    assert {"c", "f", "z", "ArrowLeft", "Tab", "F1"} <= passed
    becomes(lambda: "a" not in {key for key, _ in page.evaluate("window.left")})
    becomes(lambda: len(selected(page)), 24)
    becomes(lambda: page.locator(".card[data-verdict]:not([data-verdict=''])").count(), 0)


def test_the_help_names_every_key_and_gives_the_focus_back(sign_in: SignIn) -> None:
    page = sign_in("Ann")
    press(page, "?")
    keys = page.locator(".help th").all_inner_texts()
    bound = {part for key in keys for part in key.replace("+  −", "+ −").split()}
    assert {*"1234xuztfisnpa?[]{}+−", "Enter", "Esc", "Home", "PgUp", "Shift"} <= bound
    becomes(lambda: page.evaluate(FOCUSED), "help ours")
    press(page, "ArrowDown", "PageDown")  # it scrolls
    becomes(lambda: page.locator(".help").is_visible())
    press(page, "3")  # closes it and decides nothing
    becomes(lambda: not page.locator(".help").is_visible())
    becomes(lambda: page.evaluate(FOCUSED), "list")
    becomes(lambda: page.locator(".card[data-verdict]:not([data-verdict=''])").count(), 0)


def test_focus_mode_and_facts_take_the_focus_and_give_it_back(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    press(page, "f")
    becomes(lambda: page.evaluate(FOCUSED), "over ours")
    becomes(lambda: page.get_by_role("dialog", name="Focus mode").is_visible())
    press(page, "3", "ArrowRight")
    expect(page.locator(".live")).to_contain_text("face 3 of 24, undecided")
    press(page, "Tab")
    becomes(lambda: page.evaluate(FOCUSED), "brightness")
    press(page, "Escape")
    becomes(lambda: page.evaluate(FOCUSED), "list")
    press(page, "i")
    becomes(lambda: page.get_by_role("dialog", name="Face").is_visible())
    press(page, "i")
    becomes(lambda: page.evaluate(FOCUSED), "list")
    wait_saved(page)
    assert server.labels() == {"smile": 1}


def test_the_history_tells_who_what_when_and_from_what(sign_in: SignIn) -> None:
    page = sign_in("Ann")
    press(page, "a", "3", "2", "z", "x", "b")
    wait_saved(page)
    lines = page.locator(".facts .history li")
    expect(lines).to_have_count(4)
    told = lines.all_inner_texts()
    assert [line.split(" Ann · ")[0] for line in told] == [
        "rejected: blurred, from rejected", "rejected, from “smile”", "“pout”, from “smile”", "“smile”",
    ]  # fmt: skip
    assert "taken back" in told[2]
