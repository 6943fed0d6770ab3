"""Review for people who read Chinese, who hear the page, and who see it at 200 %."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from pages._words import dictionary
from tests.e2e.conftest import FACES, Server
from tests.e2e.grid import becomes, card, press, selected, shown, until

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
expect = sync_api.expect
SignIn = Callable[..., Any]
HAN = re.compile("[\u4e00-\u9fff]")


@pytest.mark.long
def test_a_chinese_browser_gets_a_chinese_page(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann", locale="zh-CN")
    told = dictionary("zh")
    becomes(lambda: page.locator(".moue").get_attribute("lang"), "zh")
    expect(page.locator("[data-do=undo]")).to_contain_text(told["undo"])
    press(page, "x", "b", "3", "3")
    expect(page.locator(".status")).to_have_text(told["saved ✓"])
    press(page, "z")
    expect(page.locator(".note")).to_have_text(told["took back: {what}"].replace("{what}", "“smile”"))
    becomes(lambda: told["blurred"] in page.locator(".reasons").text_content())
    becomes(
        lambda: (
            told["rejected: {reason}"].replace("{reason}", told["blurred"]) in card(page, 0).get_attribute("aria-label")
        )
    )
    expect(page.locator(".facts")).to_contain_text(told["Mouth opening"])
    press(page, "?")
    rows = page.locator(".help td").all_inner_texts()
    assert [row for row in rows if not HAN.search(row)] == []
    assert server.labels() == {"smile": 1}


@pytest.mark.long
def test_no_english_is_left_on_the_chinese_grid(sign_in: SignIn) -> None:
    page = sign_in("Ann", locale="zh-CN")
    press(page, "f", "Escape")
    said = page.locator(".moue").evaluate("""root => [
      ...["aria-label", "title", "data-lost"].flatMap(name =>
        [...root.querySelectorAll(`[${name}]`)].map(node => node.getAttribute(name))),
      ...[...root.querySelectorAll("button, label, caption, .quiet, dt")].map(node => node.textContent),
    ].filter(Boolean)""")
    names = re.compile(r"none|pout|smile|openmouth|Esc|Shift|Enter|workspace|folder|jpg|px|yunet|dlib", re.I)
    english = re.compile(r"[A-Za-z]{2,}")
    assert [text for text in said if english.search(names.sub("", text)) and "/" not in text] == []


def test_the_list_tells_a_screen_reader_where_it_is(sign_in: SignIn) -> None:
    page = sign_in("Ann", "size=96")
    grid = page.get_by_role("listbox", name="Mouth crops")
    expect(grid).to_be_focused()
    press(page, "3", "ArrowRight")
    active = grid.get_attribute("aria-activedescendant")
    becomes(lambda: active == card(page, 2).get_attribute("id"))
    first = page.get_by_role("option", name=f"face 1 of {FACES}, “smile”", exact=True)
    becomes(lambda: first.get_attribute("aria-posinset"), "1")
    becomes(lambda: first.get_attribute("aria-setsize"), str(FACES))
    becomes(lambda: page.get_by_role("option", selected=True).count(), 1)
    press(page, "End")  # far away: it is made only now
    expect(page.get_by_role("option", name=f"face {FACES} of {FACES}, undecided")).to_have_attribute(
        "aria-posinset", str(FACES)
    )
    press(page, "Shift+ArrowLeft", "Shift+ArrowLeft")
    becomes(lambda: page.get_by_role("option", selected=True).count() == 3 == len(selected(page)))


@pytest.mark.long
def test_saved_is_said_once_after_a_burst(sign_in: SignIn) -> None:
    page = sign_in("Ann")
    page.locator(".live").evaluate("""live => { window.heard = []
      new MutationObserver(() => window.heard.push(live.textContent)).observe(live, { childList: true }) }""")
    press(page, *"1234123")
    until(page, lambda: "saved" in page.evaluate("window.heard"))
    page.wait_for_timeout(1500)
    heard = page.evaluate("window.heard")
    assert heard.count("saved") == 1
    assert heard[-1] == "saved"
    press(page, "Shift+ArrowDown", "2")
    until(page, lambda: "faces, one step" in page.evaluate("window.heard.at(-1)"))
    becomes(lambda: page.locator(".status").get_attribute("aria-live"), "off")


ZOOMED = {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2}
OUTSIDE = """all => all.filter(node => node.checkVisibility()).map(node => [node.textContent.trim(),
  node.getBoundingClientRect()]).filter(([, r]) => r.left < -1 || r.right > innerWidth + 1).map(([text]) => text)"""
OVERLAPS = """all => {
  const boxes = all.filter(node => node.checkVisibility()).map(n => [n.textContent.trim(), n.getBoundingClientRect()])
  const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1
  return boxes.flatMap(([one, a], at) =>
    boxes.slice(at + 1).filter(([, b]) => over(a, b)).map(([two]) => [one, two]))
}"""


@pytest.mark.long
def test_at_200_percent_all_is_there_and_nothing_overlaps(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann", **ZOOMED)
    parts = page.locator(".tools button, .status, .note, .foot button, .foot span, .foot label, .stage")
    becomes(lambda: parts.evaluate_all(OVERLAPS), [])
    becomes(lambda: parts.evaluate_all(OUTSIDE), [])
    for name in ("reject", "unsure", "undo", "redo", "keys", "details", "auto-advance", "Next page"):
        button = page.locator(".moue").get_by_role("button", name=name).first
        button.scroll_into_view_if_needed()
        expect(button).to_be_in_viewport(ratio=1)
    press(page, "3", "ArrowDown")
    expect(page.locator(".card.focused")).to_be_in_viewport(ratio=0.9)
    page.get_by_role("button", name="details").click()
    facts = page.get_by_role("dialog", name="Face")
    expect(facts).to_be_in_viewport(ratio=1)
    expect(facts.get_by_text("not decided yet")).to_be_visible()
    facts.locator(".facts").evaluate("facts => facts.scrollIntoView(false)")
    expect(facts.get_by_text("not decided yet")).to_be_in_viewport()
    facts.get_by_role("button", name="similar first").scroll_into_view_if_needed()
    press(page, "Escape")
    becomes(lambda: not facts.is_visible())
    press(page, "f")
    for button in page.get_by_role("dialog", name="Focus mode").get_by_role("button").all():
        expect(button).to_be_in_viewport(ratio=1)
    press(page, "2", "Escape")
    becomes(lambda: "pout" in [shown(page, at)[1] for at in range(FACES) if card(page, at).count()])
    where = page.locator(".scroller").bounding_box()
    press(page, "x")
    becomes(lambda: page.locator(".scroller").bounding_box()["height"], where["height"])
    other = page.locator(".reason", has_text="other")
    other.scroll_into_view_if_needed()
    expect(other).to_be_in_viewport(ratio=1)
