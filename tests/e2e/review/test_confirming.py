"""Labelling with suggestions in a real browser: what the cards tell, what Enter confirms, and where nothing is told."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from db.store.store import Store
from tests.db.suggest.make import suggest
from tests.e2e.conftest import Server, running
from tests.e2e.grid import becomes, card, press, shown, until, wait_saved

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
expect = sync_api.expect
SignIn = Callable[..., Any]
SURE = 0.99
"""Of faces 0 to 9: class 3 (smile); 10 to 19 have .6 for it; 20 to 39 .9 for class 4 (openmouth); the others none."""


def probabilities(number: int) -> list[float] | None:
    if number >= 40:
        return None
    if number >= 20:
        return [0.02, 0.03, 0.05, 0.9]
    return [0.0, 0.0, SURE, 0.01] if number < 10 else [0.1, 0.1, 0.6, 0.2]


def with_suggestions(template: Path, folder: Path) -> None:
    """The template's workspace, with suggestions."""
    shutil.copytree(template, folder / "workspace")
    store = Store.open(folder / "workspace")
    try:
        faces = store.read(lambda db: [face for (face,) in db.execute("SELECT id FROM faces ORDER BY seq")])
        said = {face: row for number, face in enumerate(faces) if (row := probabilities(number))}
        suggest(store, said)
    finally:
        store.close()


@pytest.fixture
def server(template: Path, chromium: Any, tmp_path: Path) -> Iterator[Server]:
    with_suggestions(template, tmp_path)
    yield from running(tmp_path)


def letters(page: Any) -> list[str]:
    """What each card suggests, "" where it does not."""
    return list(page.locator(".card").evaluate_all("all => all.map((one) => one.querySelector('.hint').textContent)"))


def contexts(server: Server) -> list[tuple[int, Any]]:
    """(class, context) of each decision, in order."""
    rows = server.rows("SELECT class_id, context FROM decisions WHERE verdict <> 'undo' ORDER BY seq")
    return [(class_id, json.loads(said) if said else None) for class_id, said in rows]


def rest(page: Any) -> Any:
    return page.locator(".rest")


def test_a_card_tells_class_and_probability_without_colour(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann", "size=24")
    becomes(lambda: letters(page)[:24], ["s"] * 20 + ["o"] * 4)
    expect(card(page, 0)).to_have_attribute("aria-label", "face 1 of 24, undecided, suggested: “smile”, 99 %")
    bars = (
        card(page, 10)
        .locator(".sure")
        .evaluate("bar => [bar.getBoundingClientRect().width, parseFloat(getComputedStyle(bar, '::before').width)]")
    )
    assert bars[1] / bars[0] == pytest.approx(0.6, abs=0.01)
    grey = card(page, 0).locator(".hint").evaluate("one => getComputedStyle(one).backgroundColor.match(/[0-9.]+/g)")
    assert len(set(grey[:3])) == 1
    expect(page.locator(".inspector .facts")).to_contain_text("“smile”, 99 %")
    expect(page.locator(".threshold")).to_be_hidden()
    press(page, "1")  # another class than the suggested one
    becomes(lambda: shown(page, 0), ("accept", "none"))
    expect(card(page, 0).locator(".hint")).to_be_hidden()
    expect(card(page, 0).locator(".sure")).to_be_hidden()
    press(page, "3")
    expect(card(page, 1).locator(".sure")).to_be_visible()  # they agree
    wait_saved(page)
    assert contexts(server) == [(1, None), (3, None)]


ROW = """() => [...document.querySelectorAll('.st-key-review-filters > *')].map(one => one.getBoundingClientRect())
  .filter(box => box.height).map(box => [Math.round(box.top + box.height / 2), box.left, box.right])"""
WORDLESS = """() => [...document.querySelectorAll('.st-key-review-filters button, .st-key-review-filters p')]
  .filter(one => one.checkVisibility() && !one.closest('[data-testid=stTooltipIcon], [data-testid=stSelectbox]'))
  .filter(one => !one.innerText.trim() || one.getBoundingClientRect().width < 20)
  .map(one => one.outerHTML)"""
CUT = """() => [...document.querySelectorAll('.st-key-review-filters input')]
  .filter(one => one.scrollWidth > one.clientWidth).map(one => one.value)"""


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("width", [1280, 1920])
def test_an_owner_s_row_with_suggestions_is_one_line_of_whole_words(
    sign_in: SignIn, server: Server, width: int, locale: str
) -> None:
    page = sign_in("Ann", "state=all", viewport={"width": width, "height": 900}, locale=locale)
    page.locator(".st-key-review-with-suggestions").wait_for()
    page.wait_for_function(f"(({ROW})().every(([middle], _, all) => Math.abs(middle - all[0][0]) < 12))")
    boxes = page.evaluate(ROW)
    assert len(boxes) >= 8
    assert all(before[2] <= behind[1] for before, behind in pairwise(boxes)), boxes
    assert boxes[-1][2] <= width
    becomes(lambda: page.evaluate(WORDLESS), [])
    becomes(lambda: page.evaluate(CUT), [])


def test_outside_of_the_mode_enter_repeats_the_last_class(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann", "size=24")
    press(page, "1", "Enter")
    wait_saved(page)
    said = contexts(server)
    assert [(class_id, {**(context or {})}.get("confirmed")) for class_id, context in said] == [(1, None)] * 24


def test_enter_confirms_one_class_above_the_threshold_and_one_undo_takes_it_back(
    sign_in: SignIn, server: Server
) -> None:
    page = sign_in("Ann", "size=96&suggested=3")
    expect(page.locator(".threshold output")).to_have_text("80 %")
    expect(rest(page)).to_have_text(re.compile("^confirm 10 of 20: “smile”"))
    press(page, "1")  # an exception, by key
    expect(rest(page)).to_have_text(re.compile("^confirm 9 of 19: “smile”"))
    press(page, "Enter")
    expect(page.locator(".note")).to_have_text("9 confirmed as “smile”, one step; 10 below 80 % stay")
    expect(rest(page)).to_have_text("confirm: 0 of 10")
    wait_saved(page)
    marked = {"confirmed": {"suggester": "moue", "version": 1, "probability": pytest.approx(SURE, abs=1e-4)}}
    assert contexts(server) == [(1, None)] + [(3, marked)] * 9
    assert server.labels() == {"none": 1, "smile": 9}
    press(page, "Enter")
    expect(page.locator(".note")).to_have_text(
        "no face of 10 reaches 80 %: label them by key, lower the threshold, or go on (n)"
    )
    page.locator(".card").nth(1).click()
    expect(page.locator(".history")).to_contain_text("confirmed by page: moue 1, 99 %")
    press(page, "z")
    wait_saved(page)
    assert server.labels() == {"none": 1}
    press(page, "Shift+z")
    expect(page.locator(".note")).to_contain_text("again")
    wait_saved(page)
    assert server.labels() == {"none": 1, "smile": 9}
    assert contexts(server)[-9:] == [(3, marked)] * 9  # also what was made again


def test_the_threshold_is_the_person_s_and_outlives_the_page(sign_in: SignIn) -> None:
    page = sign_in("Ann", "size=96&suggested=3")
    expect(rest(page)).to_have_text(re.compile("^confirm 10 of 20: “smile”"))
    expect(page.locator(".card.reaches")).to_have_count(10)
    page.locator(".threshold input").fill("60")
    expect(rest(page)).to_have_text(re.compile("^confirm 20 of 20: “smile”"))
    expect(page.locator(".card.reaches")).to_have_count(20)
    page.reload()
    expect(rest(page)).to_have_text(re.compile("^confirm 20 of 20: “smile”"))
    expect(page.locator(".threshold output")).to_have_text("60 %")


def test_a_batch_with_suggestions_shows_one_class_after_the_other(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann", "size=96")
    page.get_by_role("button", name="With suggestions").click()
    page.locator(".page", has_text="batch: 0 of ").wait_for()
    expect(page).to_have_url(re.compile("order=mix"))
    until(page, lambda: set(letters(page)) == {"s"})
    expect(rest(page)).to_have_text(re.compile("^confirm 10 of 20: “smile”"))
    press(page, "Enter")
    expect(page.locator(".page")).to_contain_text("batch: 10 of ")
    press(page, "n")
    expect(card(page, 0).locator(".hint")).to_have_text("o")
    until(page, lambda: set(letters(page)) == {"o"})
    expect(rest(page)).to_have_text(re.compile("^confirm 20 of 20: “openmouth”"))
    press(page, "Enter")  # all of them: the page makes room for those of which nothing is known
    expect(card(page, 0).locator(".hint")).to_have_text("")
    press(page, "z")  # and comes back where it is taken back
    expect(rest(page)).to_have_text(re.compile("^confirm 20 of 20: “openmouth”"))
    press(page, "a", "Enter")
    expect(rest(page)).to_have_text("next class")
    press(page, "Enter")
    expect(card(page, 0).locator(".hint")).to_have_text("")
    wait_saved(page)
    assert server.labels() == {"smile": 10, "openmouth": 20}
    told = [said for _, said in contexts(server)]  # of each that it was looked at, or was not on the screen
    assert all(said["confirmed"].get("in_batch") or said.get("off_screen") for said in told)
    press(page, "p", "p")
    expect(page.locator(".card[data-verdict=accept]")).to_have_count(10)
