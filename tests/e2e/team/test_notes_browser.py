"""Notes on faces, guidelines of classes and gold, as two people use them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import Server
from tests.e2e.grid import becomes, card, focus, press, shown

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
expect = sync_api.expect
SignIn = Callable[..., Any]


def test_a_note_is_written_by_key_answered_by_somebody_else_and_found_by_a_filter(
    sign_in: SignIn, server: Server
) -> None:
    ada = sign_in("Ada")
    press(ada, "ArrowRight", "e")
    ada.keyboard.type("1 open mouth, or a yawn?")  # its digit and letters label nothing
    ada.keyboard.press("Enter")
    expect(card(ada, 1)).to_have_class(re.compile("noted"))
    ada.keyboard.press("Escape")
    becomes(lambda: focus(ada), 1)
    becomes(lambda: shown(ada, 1)[0], "")
    press(ada, "2")
    becomes(lambda: focus(ada), 2)

    ben = sign_in("Ben")
    ben.goto(f"{server.address}/review?state=all&notes=open")
    card(ben, 0).wait_for()
    expect(ben.locator(".card")).to_have_count(1)
    expect(ben.locator(".thread")).to_contain_text("1 open mouth, or a yawn?")
    ben.locator(".notes textarea").fill("A yawn.")
    ben.locator("[data-note=add]").click()
    expect(ben.locator(".thread li")).to_have_count(2)
    ben.locator("[data-note=resolve]").click()
    expect(ben.locator("[data-note=resolve]")).to_have_text("open again")
    ben.goto(f"{server.address}/review?state=all&notes=resolved")
    card(ben, 0).wait_for()
    expect(ben.locator(".card")).to_have_count(1)


def test_what_is_being_written_waits_while_the_server_is_away(sign_in: SignIn) -> None:
    page = sign_in("Ada")
    page.route("**/api/notes", lambda route: route.abort())
    press(page, "e")
    page.keyboard.type("blurred?")
    page.keyboard.press("Enter")
    expect(page.locator(".notes .problem")).to_contain_text("cannot be reached")
    page.unroute("**/api/notes")
    page.keyboard.press("Enter")
    expect(page.locator(".thread")).to_contain_text("blurred?")


def test_an_example_shows_though_what_was_asked_before_it_is_answered_later(sign_in: SignIn) -> None:
    page = sign_in("Ada")
    guide = page.locator(".guide")
    press(page, "g", "3")
    guide.locator("[data-example=example]").wait_for()
    press(page, "Escape")
    held: list[tuple[Any, Any]] = []
    page.route("**/api/guidelines", lambda route: held.append((route, route.fetch())))
    press(page, "g", "3")
    guide.locator("[data-example=example]").click()
    expect(guide.locator(".examples img")).to_have_count(1)
    becomes(lambda: len(held), 1)
    for route, answer in held:  # as it was before the choice
        with page.expect_response("**/api/guidelines"):
            route.fulfill(response=answer)
    press(page, "2", "3")  # drawn anew
    expect(guide.locator(".examples img")).to_have_count(1)


def test_the_guidelines_are_one_key_away_and_grow_from_the_grid(sign_in: SignIn, server: Server) -> None:
    ada = sign_in("Ada")
    ada.goto(f"{server.address}/guidelines?class=3")
    ada.get_by_role("textbox").fill("The corners go up.")
    ada.keyboard.press("Control+Enter")
    ada.get_by_text("Ada, ").wait_for()

    ada = sign_in("Ada")
    press(ada, "ArrowRight", "g", "3")
    guide = ada.locator(".guide")
    expect(guide.locator(".words")).to_have_text("The corners go up.")
    guide.locator("[data-example=example]").click()
    expect(guide.locator(".examples img")).to_have_count(1)
    press(ada, "x")  # closes, and rejects nothing
    expect(guide).to_be_hidden()
    becomes(lambda: shown(ada, 1)[0], "")
    press(ada, "ArrowRight", "g", "3")
    guide.locator("[data-example=counter]").click()
    expect(guide.locator(".counter img")).to_have_count(1)
    press(ada, "Escape")

    ben = sign_in("Ben")  # an annotator reads
    press(ben, "g", "3")
    expect(ben.locator(".guide .counter img")).to_have_count(1)
    expect(ben.locator(".guide .choose")).not_to_contain_text("example", use_inner_text=True)

    ada.goto(f"{server.address}/guidelines?class=3")
    expect(ada.locator(".guideline-crop")).to_have_count(2)
    for crop in ada.locator(".guideline-crop").all():
        expect(crop).to_have_js_property("complete", True)
        expect(crop).not_to_have_js_property("naturalWidth", 0)


def test_an_owner_makes_a_face_gold_by_key_and_not_any_more_by_the_button(sign_in: SignIn, server: Server) -> None:
    ada = sign_in("Ada")
    press(ada, "o")  # nothing is known of it yet
    expect(ada.locator(".note")).to_contain_text("decide on the face first")
    press(ada, "2", "ArrowLeft", "o")
    words = ada.locator(".known .words")
    expect(words).to_have_text("its answer is known")
    assert server.rows("SELECT g.verdict, c.key, g.set_by FROM gold g JOIN classes c ON c.id = g.class_id") == [
        ("accept", "2", "Ada")
    ]
    ada.locator("[data-gold]").click()
    expect(words).to_have_text("")
    assert server.rows("SELECT count(*) FROM gold") == [(0,)]

    ben = sign_in("Ben")
    expect(ben.locator(".facts dl").first).to_be_visible()
    expect(ben.locator("[data-gold]")).to_be_hidden()
