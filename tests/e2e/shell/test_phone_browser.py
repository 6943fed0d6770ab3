"""What is read on a window of 390 pixels: nothing is cut off, and no figure stands without its name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from tests.e2e.conftest import Server, visiting
from tests.e2e.grid import becomes, press
from tests.e2e.shell.beyond import BEYOND

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
expect = sync_api.expect
PHONE = {"width": 390, "height": 844}
WHOLE = """one => {
  const { left, top, bottom } = one.getBoundingClientRect()
  return one.getRootNode().elementFromPoint(left + 4, top + 2) === one
    && one.getRootNode().elementFromPoint(left + 4, bottom - 2) === one
}"""
"""Whether it can be touched at its top and at its foot."""
NO_EDGE = """all => all.filter(one => ["Left", "Right"].some(side => {
  const { [`border${side}Color`]: colour, [`border${side}Width`]: width } = getComputedStyle(one)
  return parseFloat(width) < 1 || colour === "rgba(0, 0, 0, 0)"
})).map(one => one.innerText)"""
CUT = """all => all.flatMap(one => [one, ...one.querySelectorAll("*")]).filter(one =>
  one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== "visible").map(one => one.innerText)"""
ASIDE = """one => {
  const word = document.createRange()
  word.selectNodeContents(one.querySelector("p"))
  const [inner, outer] = [word.getBoundingClientRect(), one.getBoundingClientRect()]
  return inner.left - outer.left - (outer.right - inner.right)
}"""
"""By how many pixels a button's words stand to the right of its middle."""


@pytest.fixture
def phone(chromium: Any, standing_server: Server) -> Iterator[Any]:
    with visiting(chromium, standing_server, "review") as page:
        page.set_viewport_size(PHONE)
        page.locator(".card.loaded").first.wait_for()
        yield page


@pytest.mark.parametrize(("key", "opened"), [("?", ".help"), ("g", ".guide")])
def test_what_opens_over_review_takes_the_window_and_is_read_whole(phone: Any, key: str, opened: str) -> None:
    press(phone, key)
    over = phone.locator(opened)
    over.wait_for()
    becomes(lambda: over.bounding_box()["height"] > 800)
    becomes(lambda: over.evaluate(BEYOND), [])
    if opened == ".guide":
        over.get_by_role("button", name="close").click()
    else:
        over.click()
    expect(over).to_be_hidden()


def test_undo_and_the_keys_below_the_grid_are_reached(phone: Any) -> None:
    """Rows of buttons: the last stood beyond the end of a page that did not scroll."""
    phone.set_viewport_size({"width": 375, "height": 667})
    becomes(lambda: phone.locator(".moue").evaluate("one => one.scrollHeight - one.clientHeight"), 0)
    keys = phone.locator(".foot").get_by_role("button", name="keys")
    keys.scroll_into_view_if_needed()
    becomes(lambda: keys.evaluate(WHOLE))


def test_each_choice_of_a_row_that_breaks_has_its_edges(phone: Any, standing_server: Server) -> None:
    phone.goto(f"{standing_server.address}/team")
    choices = phone.locator("button[data-variant=segmented_control]")
    choices.first.wait_for()
    becomes(lambda: choices.evaluate_all(NO_EDGE), [])
    phone.goto(f"{standing_server.address}/collect")
    phone.get_by_role("radio", name="Video").click()
    phone.get_by_text("The sharpest with a face").wait_for()
    becomes(lambda: choices.evaluate_all(CUT), [])


def test_a_bar_is_seen_however_much_is_told_of_it(phone: Any, standing_server: Server) -> None:
    """Beside "265 · 99 % of the files · 23 without a face" there was one pixel for it."""
    phone.goto(f"{standing_server.address}/progress")
    bar = phone.locator(".moue-plot.wordy .bar b").first
    becomes(lambda: bar.bounding_box()["width"] > 300)


def test_which_files_are_taken_is_read_whole(phone: Any, standing_server: Server) -> None:
    phone.goto(f"{standing_server.address}/collect")
    phone.get_by_role("radio", name="Image search").click()
    told = phone.get_by_test_id("stFileUploaderDropzoneInstructions")
    expect(told).to_contain_text("JSONL")
    becomes(lambda: told.evaluate_all(CUT), [])


def test_a_table_wider_than_the_window_fades_until_its_end_is_seen(phone: Any, standing_server: Server) -> None:
    phone.goto(f"{standing_server.address}/collect")
    sources = phone.get_by_role("region", name="Sources")
    fading = partial(sources.evaluate, "one => getComputedStyle(one).getPropertyValue('--moue-more')")
    becomes(fading, "40px")
    sources.evaluate("one => one.scrollTo(1000, 0)")
    becomes(fading, "0px")
    phone.set_viewport_size({"width": 1920, "height": 900})
    becomes(fading, "0px")


def test_the_words_of_buttons_beside_the_boxes_stand_in_their_middle(phone: Any) -> None:
    for name in ("Filters", "Views"):
        button = phone.locator(".st-key-review-filters").get_by_role("button", name=name)
        becomes(lambda button=button: abs(button.evaluate(ASIDE)) < 1)


def test_the_filters_of_review_stand_in_their_rows_before_their_boxes_come(phone: Any) -> None:
    """While Streamlit's script of a box is on its way: a row more moved the whole grid by .05."""
    held: list[Any] = []
    phone.route("**/Selectbox.*.js", lambda route: held.append(route))
    phone.reload()
    filters = phone.locator(".st-key-review-filters")
    filters.get_by_test_id("stSkeleton").first.wait_for()
    filters.locator(".st-key-review-menu button").first.wait_for(state="attached")  # not shown before the boxes are
    before = filters.bounding_box()["height"]
    for one in held:
        one.continue_()
    filters.get_by_role("combobox").first.wait_for()
    becomes(lambda: filters.bounding_box()["height"], before)


@pytest.mark.parametrize("size", [PHONE, {"width": 1280, "height": 900}])
def test_the_editor_of_clean_is_read_whole(phone: Any, standing_server: Server, size: dict[str, int]) -> None:
    phone.set_viewport_size(size)
    phone.goto(f"{standing_server.address}/clean?outcome=added")
    phone.get_by_role("button", name="Draw a face").first.click()
    editor = phone.locator("dialog[open]")
    editor.wait_for()
    becomes(lambda: editor.evaluate(BEYOND), [])
    becomes(lambda: editor.locator(".stage").bounding_box()["height"] > size["height"] / 2)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_box_stands_beside_the_name_of_review(phone: Any, language: str) -> None:
    phone.context.add_cookies([{"name": "moue_language", "value": language, "url": phone.url}])
    phone.reload()
    phone.locator(".card.loaded").first.wait_for()
    filters = phone.locator(".st-key-review-filters")

    def below(one: str) -> float:
        """By how much its top is below the name's foot, in pixels."""
        name = filters.locator("h2").bounding_box()
        return float(filters.locator(one).first.bounding_box()["y"] - name["y"] - name["height"])

    becomes(lambda: 0 <= below("[data-testid=stSelectbox]") <= 16)
    becomes(lambda: below(".st-key-review-total") < 0)


def test_the_figures_of_classes_have_their_names(phone: Any, standing_server: Server) -> None:
    phone.goto(f"{standing_server.address}/classes")
    expect(phone.locator(".accepted .says").first).to_have_text("Accepted faces ")
    becomes(lambda: phone.locator(".accepted .says").first.bounding_box()["width"] > 80)
    expect(phone.locator(".heads").get_by_text("Accepted faces")).to_be_hidden()
    becomes(lambda: phone.locator(".classes").evaluate(BEYOND), [])
