"""Several people, and several tabs of one, on the same faces: shown, not overwritten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import Server
from tests.e2e.grid import becomes, card, press, shown, until, wait_saved

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
expect = sync_api.expect
SignIn = Callable[..., Any]
SEEN_MS = 400  # longer than a hand takes to answer to what it sees


def deaf(page: Any) -> None:
    """Hears nothing of others until `hear`: as between two looks."""
    page.route("**/api/changes*", lambda route: route.abort())


def hear(page: Any) -> None:
    page.unroute("**/api/changes*")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def by(page: Any, at: int) -> str:
    return str(card(page, at).locator(".by").inner_text())


def note(page: Any, text: str) -> None:
    page.locator(".note", has_text=text).wait_for()


def asked_at_ms(page: Any) -> list[float]:
    """When the page has asked for changes, by the browser's own clock: Python may hear of it late."""
    entries = "performance.getEntriesByType('resource').filter(e => e.name.includes('/api/changes'))"
    return list(page.evaluate(f"{entries}.map(e => e.startTime)"))


def people(sign_in: SignIn, *names: str) -> list[Any]:
    pages = [sign_in(name) for name in names]
    for page in pages:
        deaf(page)
    return pages


def test_what_others_decide_appears_without_a_key_and_nothing_moves(sign_in: SignIn) -> None:
    ann, bob = people(sign_in, "Ann", "Bob")
    press(ann, "ArrowRight")
    geometry = "all => all.map(c => { const r = c.getBoundingClientRect(); return [r.x, r.y, r.width, r.height] })"
    before = ann.locator(".card").evaluate_all(geometry)
    press(bob, "3", "x", "b")
    wait_saved(bob)
    hear(ann)
    expect(card(ann, 0)).to_have_attribute("data-class", "smile")
    becomes(lambda: card(ann, 1).get_attribute("data-reason"), "blurred")
    becomes(lambda: (by(ann, 0), by(ann, 1), by(ann, 2)), ("Bob", "Bob", ""))
    becomes(lambda: "decided meanwhile by Bob" in str(card(ann, 0).get_attribute("aria-label")))
    becomes(lambda: ann.locator(".card").evaluate_all(geometry), before)
    expect(ann.locator(".left")).to_have_text("22 undecided on this page")
    press(bob, "z")
    wait_saved(bob)
    hear(ann)
    expect(card(ann, 1)).to_have_attribute("data-reason", "")
    press(bob, "z")
    wait_saved(bob)
    hear(ann)
    expect(card(ann, 1)).to_have_attribute("data-verdict", "")
    becomes(lambda: (by(ann, 0), by(ann, 1)), ("Bob", ""))


def test_a_key_on_a_face_decided_meanwhile_shows_it_and_a_second_one_overrules(sign_in: SignIn, server: Server) -> None:
    ann, bob = people(sign_in, "Ann", "Bob")
    press(bob, "3")
    wait_saved(bob)
    press(ann, "1", "2")
    note(ann, "decided meanwhile by Bob: “smile”")
    expect(card(ann, 0)).to_have_attribute("data-class", "smile")
    becomes(lambda: (by(ann, 0), shown(ann, 1)), ("Bob", ("accept", "pout")))
    wait_saved(ann)
    assert server.labels() == {"smile": 1, "pout": 1}
    ann.wait_for_timeout(SEEN_MS)
    press(ann, "Home", "1")
    wait_saved(ann)
    expect(card(ann, 0).locator(".by")).to_have_text("")
    assert server.labels() == {"none": 1, "pout": 1}
    press(ann, "z")
    wait_saved(ann)
    assert server.labels() == {"smile": 1, "pout": 1}
    becomes(lambda: shown(ann, 0), ("accept", "smile"))


def test_an_undo_in_the_same_breath_takes_nothing_older_back(sign_in: SignIn, server: Server) -> None:
    ann, bob = people(sign_in, "Ann", "Bob")
    press(bob, "ArrowRight", "3")
    wait_saved(bob)
    press(ann, "2")
    wait_saved(ann)
    ann.context.set_offline(True)
    press(ann, "1", "z", "Shift+z", "z")  # all before an answer comes
    ann.context.set_offline(False)
    note(ann, "decided meanwhile by Bob")
    wait_saved(ann)
    assert server.labels() == {"smile": 1, "pout": 1}
    becomes(lambda: [shown(ann, at)[1] for at in range(2)], ["pout", "smile"])
    press(ann, "z")
    note(ann, "took back: “pout”")
    wait_saved(ann)
    assert server.labels() == {"smile": 1}


def test_the_rest_of_the_page_leaves_what_others_decided_and_says_how_many(sign_in: SignIn, server: Server) -> None:
    ann, bob = people(sign_in, "Ann", "Bob")
    press(bob, "ArrowDown", "3", "3", "x")
    wait_saved(bob)
    press(ann, "1", "Enter")
    note(ann, "3 were decided by Bob meanwhile and stay")
    wait_saved(ann)
    assert server.labels() == {"none": 21, "smile": 2}
    expect(ann.locator(".card .by", has_text="Bob")).to_have_count(3)
    press(ann, "z")
    note(ann, "took back: “none” on 23 faces")
    wait_saved(ann)
    assert server.labels() == {"none": 1, "smile": 2}
    expect(ann.locator(".left")).to_have_text("20 undecided on this page")
    press(ann, "Shift+z")
    note(ann, "3 were decided by Bob meanwhile and stay")  # the answer's, over "again: “none” on 23 faces"
    wait_saved(ann)
    assert server.labels() == {"none": 21, "smile": 2}
    assert server.rows("SELECT count(*) FROM face_state WHERE annotator = 'Bob'") == [(3,)]


def test_a_redo_stands_beside_what_others_decided_since(sign_in: SignIn, server: Server) -> None:
    ann, bob = people(sign_in, "Ann", "Bob")
    press(ann, "Shift+ArrowRight", "1", "z")
    wait_saved(ann)
    press(bob, "3")
    wait_saved(bob)
    press(ann, "Shift+z")
    note(ann, "decided meanwhile by Bob: “smile”")
    wait_saved(ann)
    assert server.verdicts()[:2] == [("accept", 3, None), ("accept", 1, None)]
    press(ann, "z")
    wait_saved(ann)
    assert server.verdicts()[:2] == [("accept", 3, None), (None, None, None)]


def test_own_unsaved_decisions_stand_over_what_others_say(sign_in: SignIn) -> None:
    ann, bob = people(sign_in, "Ann", "Bob")
    press(bob, "3", "3")
    wait_saved(bob)
    ann.route("**/api/decisions", lambda route: route.abort())
    press(ann, "1")
    ann.locator(".status", has_text="1 not saved yet").wait_for()
    hear(ann)
    ann.wait_for_timeout(1500)
    # nothing is asked while something is under way
    becomes(lambda: [shown(ann, at)[1] for at in range(2)], ["none", ""])
    ann.unroute("**/api/decisions")
    note(ann, "decided meanwhile by Bob")
    hear(ann)
    expect(card(ann, 1)).to_have_attribute("data-class", "smile")
    becomes(lambda: shown(ann, 0)[1], "smile")


def test_two_tabs_of_one_person_follow_each_other_and_the_newest_wins(sign_in: SignIn, server: Server) -> None:
    one = sign_in("Ann")
    deaf(one)
    two = one.context.new_page()
    two.goto(one.url)
    two.locator(".card.loaded").first.wait_for()
    deaf(two)
    press(one, "3", "3")
    wait_saved(one)
    press(two, "1")
    wait_saved(two)
    assert server.labels() == {"none": 1, "smile": 1}
    hear(one)
    hear(two)
    for page in (one, two):
        expect(card(page, 0)).to_have_attribute("data-class", "none")
        expect(card(page, 1)).to_have_attribute("data-class", "smile")
        expect(page.locator(".card .by", has_text="Ann")).to_have_count(0)  # one's own
    press(one, "z")  # the person's newest step, made in the other tab
    note(one, "took back")
    wait_saved(one)
    assert server.labels() == {"smile": 2}


def test_the_page_is_asked_after_only_while_somebody_sees_it(sign_in: SignIn) -> None:
    page = sign_in("Ann")
    asked: list[str] = []
    page.on("request", lambda request: "/api/changes" in request.url and asked.append(request.url))
    until(page, lambda: len(asked) >= 2)
    first, second = asked_at_ms(page)[:2]
    assert second - first > 3000
    assert "after=" in asked[-1]
    hidden = "Object.defineProperty(document, 'hidden', { get: () => true, configurable: true })"
    page.evaluate(f"{hidden}; document.dispatchEvent(new Event('visibilitychange'))")
    asked.clear()
    page.wait_for_timeout(5500)
    assert asked == []
    page.route("**/api/changes*", lambda route: route.abort())
    page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    until(page, lambda: len(asked) >= 2)
    *_, second, third = asked_at_ms(page)
    assert third - second > 6000  # less often while the server is away
