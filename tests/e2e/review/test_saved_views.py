"""Filters, links and saved views of the Review page, in a real browser on the real server."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.e2e.conftest import FACES, Server
from tests.e2e.grid import becomes, press, wait_saved

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
expect = sync_api.expect
SignIn = Callable[..., Any]


PLACE = ("from", "at", "open")
"""Where somebody is among the faces, which is no filter."""


def query(page: Any) -> dict[str, str]:
    found = parse_qs(urlsplit(page.url).query)
    return {name: values[0] for name, values in found.items() if name not in PLACE}


def choose(page: Any, label: str, option: str) -> None:
    """One option of a select box, by the words that stand in it."""
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()


def faces(page: Any) -> list[str]:
    """The crops on the screen, in their order."""
    return list(page.locator(".card img").evaluate_all("all => all.map(i => new URL(i.src).pathname)"))


def wait_total(page: Any, number: int) -> None:
    page.locator(".st-key-review-filters strong", has_text=f"{number}").wait_for()
    expect(page.locator(".foot .page")).to_contain_text(f"of {number}")


def disagree(sign_in: SignIn) -> Any:
    """Ann labels five faces, Bob two of them otherwise; Ann's page, of all faces."""
    ann = sign_in("Ann", "state=all&size=24")
    press(ann, *"33333")
    wait_saved(ann)
    bob = sign_in("Bob", "state=all&size=24")
    press(bob, "Home", "u", "Home", "ArrowRight", "1")
    wait_saved(bob)
    bob.context.close()
    ann.reload()
    ann.locator(".card.loaded").first.wait_for()
    return ann


def test_filters_together_counted_before_and_opened_by_a_link(sign_in: SignIn, server: Server) -> None:
    ann = disagree(sign_in)
    decided = server.rows("SELECT count(*) FROM face_state WHERE annotator = 'Bob'")[0][0]
    assert decided == 2
    ann.get_by_role("button", name="Filters").click()
    choose(ann, "Decided by", "Bob · 2")
    told = ann.get_by_text("would show")
    expect(told).to_have_text(f"2 of {FACES} would show")
    ann.get_by_text("People disagree · 2").click()
    choose(ann, "Outcome", "Face found by the detector · 2")
    expect(told).to_have_text(f"2 of {FACES} would show")
    assert query(ann) == {"state": "all", "size": "24"}  # nothing is applied yet
    top = ann.locator(".stBidiComponentIsolated, .stBidiComponentRegular, .moue").first.bounding_box()["y"]
    ann.get_by_role("button", name="Apply").click()
    wait_total(ann, 2)
    expect(told).to_have_count(0)
    wanted = {"state": "all", "size": "24", "annotator": "Bob", "disagreement": "1", "outcome": "added"}
    assert query(ann) == wanted
    becomes(lambda: len(set(faces(ann))), 2)
    moved = ann.locator(".stBidiComponentIsolated, .stBidiComponentRegular, .moue").first.bounding_box()["y"] - top
    assert 0 <= moved <= 48  # one row of chips
    other = sign_in("Cem", urlsplit(ann.url).query)
    wait_total(other, 2)
    becomes(lambda: faces(other) == faces(ann))
    assert query(other) == wanted
    other.get_by_role("button", name="Decided by Bob").click()
    other.get_by_role("button", name="Clear all").click()
    wait_total(other, FACES)
    assert query(other) == {"state": "all", "size": "24"}


def test_the_row_of_filters_is_one_row(sign_in: SignIn) -> None:
    page = sign_in("Ann", "state=all&order=opening")
    tops = page.locator(".st-key-review-filters > *").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect()).filter(r => r.height).map(r => r.top + r.height / 2)"
    )
    assert max(tops) - min(tops) < 12
    becomes(lambda: page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_view_saved_by_one_is_opened_by_another(sign_in: SignIn) -> None:
    ann = disagree(sign_in)
    choose(ann, "Show", "smile · 3")
    wait_total(ann, 3)
    choose(ann, "Order", "Mouth opening: highest first")
    ann.get_by_role("button", name="Views").click()
    field = ann.get_by_label("Name of this view")
    field.click()
    field.press_sequentially("x *three* smiles 1")  # no key of it labels or rejects
    field.press("Enter")
    ann.get_by_role("button", name="x *three* smiles 1", exact=True).wait_for()
    bob = sign_in("Bob")
    wait_total(bob, FACES - 5)
    bob.get_by_role("button", name="Views").click()
    bob.get_by_role("button", name="x *three* smiles 1", exact=True).click()
    wait_total(bob, 3)
    expect(bob.get_by_label("Name of this view")).to_have_count(0)  # the box is closed
    assert query(bob) == {"state": "class:3", "order": "-opening", "size": "24"}
    becomes(lambda: faces(bob) == faces(ann))
    bob.go_back()
    wait_total(bob, FACES - 5)
    bob.locator("nav a", has_text="Quality").first.click()
    bob.get_by_role("heading", name="Quality").wait_for()
    bob.locator("nav a", has_text="Review").first.click()
    wait_total(bob, FACES - 5)


def test_similar_mouths_first_and_the_way_back(sign_in: SignIn) -> None:
    page = sign_in("Ann", "state=all&size=24")
    before = faces(page)
    press(page, "ArrowRight", "ArrowRight", "ArrowRight", "s")
    page.get_by_role("button", name="Similar to face").wait_for()
    expect(page.locator(".card img").first).to_have_attribute("src", _path(before[3]))
    page.get_by_role("button", name="Similar to face").click()
    page.get_by_role("button", name="Similar to face").wait_for(state="detached")
    expect(page.locator(".card img").first).to_have_attribute("src", _path(before[0]))


def _path(crop: str) -> Any:
    return re.compile(re.escape(crop))
