"""What the Review page calls saved is on the disk, whatever happens to the server, the line or the page."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import FACES, Server
from tests.e2e.grid import becomes, card, press, shown, status, until, wait_saved

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
SignIn = Callable[..., Any]
NO_KEEPALIVE = """() => {
  const real = window.fetch
  window.fetch = (url, options) => (options?.keepalive ? Promise.reject(new TypeError("cut")) : real(url, options))
}"""
QUEUE = "Object.keys(localStorage).filter(name => name.startsWith('moue:queue:')).length"


@pytest.mark.long
def test_twenty_labels_three_undone_a_reload_and_a_restart(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    press(page, *"12341234123412341234")
    press(page, "z", "z", "z")
    wait_saved(page)
    assert server.labels() == {"none": 5, "pout": 4, "smile": 4, "openmouth": 4}
    page.reload()
    page.locator(".page", has_text=f"1–24 of {FACES - 17}").wait_for()
    press(page, "z")  # a fourth one: made before the reload, on a page that is not shown any more
    page.locator(".note", has_text="took back").wait_for()
    assert server.labels() == {"none": 4, "pout": 4, "smile": 4, "openmouth": 4}
    server.stop()
    server.start()
    page.reload()  # at the place where it was: the face that is undecided again lies before it
    page.locator(".page", has_text=f"of {FACES - 16}").wait_for()
    press(page, "z", "2")
    wait_saved(page)
    assert server.labels() == {"none": 4, "pout": 5, "smile": 4, "openmouth": 3}
    undone = "SELECT count(*) FROM decisions WHERE verdict = 'undo'"
    assert server.rows(undone) == [(5,)]


def test_a_killed_server_loses_nothing_that_said_saved(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    press(page, *"3333333")
    wait_saved(page)
    press(page, *"11111")
    server.stop(signal.SIGKILL)
    page.locator("#moue-away").wait_for()
    becomes(lambda: page.locator("[role=dialog]:not(.ours)").count(), 0)  # Streamlit's own would swallow the keys
    press(page, *"2222")
    page.locator(".status", has_text="not saved yet, retrying").wait_for()
    becomes(lambda: [shown(page, at)[1] for at in (6, 7, 15)], ["smile", "none", "pout"])
    before = server.labels()
    assert before["smile"] == 7
    assert before.get("pout", 0) == 0
    server.start()
    wait_saved(page)
    assert server.labels() == {"smile": 7, "none": 5, "pout": 4}
    assert server.rows("SELECT count(*), count(DISTINCT face_id) FROM decisions") == [(16, 16)]
    page.wait_for_timeout(3000)  # Streamlit has connected again by now
    becomes(lambda: [shown(page, at)[1] for at in (0, 7, 15)], ["smile", "none", "pout"])  # nothing moved meanwhile
    press(page, "z")
    wait_saved(page)
    assert server.labels() == {"smile": 7, "none": 5, "pout": 3}


@pytest.mark.long
def test_a_line_that_drops_in_mid_burst_delivers_each_decision_once(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    press(page, *"1234")
    page.context.set_offline(True)
    press(page, *"1234", "z", "x", "u")
    page.locator(".status", has_text="not saved yet, retrying").wait_for()
    becomes(lambda: "saved ✓" not in status(page))
    page.context.set_offline(False)
    wait_saved(page)
    assert server.labels() == {"none": 2, "pout": 2, "smile": 2, "openmouth": 1}
    verdicts = "SELECT verdict, count(*) FROM face_state WHERE verdict <> 'accept' GROUP BY verdict ORDER BY verdict"
    assert server.rows(verdicts) == [("reject", 1), ("unsure", 1)]
    assert server.rows("SELECT count(*) FROM decisions WHERE verdict = 'undo'") == [(1,)]


@pytest.mark.long
def test_an_answer_that_is_lost_changes_nothing(sign_in: SignIn, server: Server) -> None:
    """The server has committed, and the browser never hears of it: the same decisions come again, once each."""
    page = sign_in("Ann")
    lost = []

    def lose(route: Any) -> None:
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/api/decisions", lose, times=2)
    press(page, "1", "2", "z", "3")
    wait_saved(page)
    assert lost == [200, 200]
    assert server.labels() == {"none": 1, "smile": 1}
    assert server.rows("SELECT count(*) FROM decisions") == [(4,)]


@pytest.mark.long
def test_a_reload_keeps_what_was_not_saved(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.route("**/api/decisions", lambda route: route.abort())
    press(page, "1", "2", "3")
    page.locator(".status", has_text="3 not saved yet, retrying").wait_for()
    becomes(lambda: page.evaluate(QUEUE), 1)
    page.evaluate(NO_KEEPALIVE)  # as in a crash: the page has no last word
    page.reload()
    assert asked == ["beforeunload"]
    page.locator(".status", has_text="3 not saved yet, retrying").wait_for()
    becomes(lambda: [shown(page, at)[1] for at in range(3)], ["none", "pout", "smile"])
    assert server.standing() == 0
    page.unroute("**/api/decisions")
    wait_saved(page)
    assert server.labels() == {"none": 1, "pout": 1, "smile": 1}
    becomes(lambda: page.evaluate(QUEUE), 0)
    page.reload()
    page.locator(".card.loaded").first.wait_for()
    assert asked == ["beforeunload"]  # nothing is unsaved any more: no question


@pytest.mark.long
def test_a_page_that_is_left_hands_over_what_it_has(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/api/decisions", lambda route: route.abort())  # it does not see keepalive requests
    press(page, "1", "2", "3")
    page.locator(".status", has_text="3 not saved yet, retrying").wait_for()
    page.goto("about:blank")
    until(page, lambda: server.standing() == 3)
    assert server.labels() == {"none": 1, "pout": 1, "smile": 1}


@pytest.mark.long
def test_a_refused_decision_goes_back_and_says_why(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")

    def another_image(route: Any) -> None:
        body = route.request.post_data_json
        for op in body["ops"]:  # none in a probe of whether the server is back
            op["sha256"] = "0" * 64
        route.continue_(post_data=body)

    page.route("**/api/decisions", another_image)  # each try: one that is cut short comes again
    press(page, "3")
    page.locator(".refusal", has_text="is of another photo").wait_for()
    page.unroute("**/api/decisions")
    becomes(lambda: shown(page, 0), ("", ""))
    press(page, "3", "ArrowLeft", "ArrowLeft", "3")
    wait_saved(page)
    becomes(lambda: card(page, 0).locator(".refusal").inner_text(), "")
    assert server.labels() == {"smile": 2}


@pytest.mark.long
def test_two_people_see_each_other_when_the_page_turns(sign_in: SignIn, server: Server) -> None:
    ann, bo = sign_in("Ann", "size=24&state=all"), sign_in("Bo", "size=24&state=all")
    for page in (ann, bo):
        page.route("**/api/changes*", lambda route: route.abort())  # else they hear of each other before, some time
    press(ann, *"33")
    press(bo, "ArrowRight", "ArrowRight", "1", "1")
    wait_saved(ann)
    wait_saved(bo)
    becomes(lambda: shown(ann, 2), ("", ""))
    for page in (ann, bo):
        press(page, "n")
        page.locator(".page", has_text="25–48 of 60").wait_for()
    press(bo, "x")
    wait_saved(bo)
    for page in (ann, bo):
        press(page, "p")
        page.locator(".page", has_text="1–24 of 60").wait_for()
        becomes(lambda page=page: [shown(page, at)[1] for at in range(5)], ["smile", "smile", "none", "none", ""])
    press(ann, "n")
    ann.locator(".page", has_text="25–48 of 60").wait_for()
    becomes(lambda: shown(ann, 0), ("reject", ""))
    press(bo, "z")  # one's own last step, not Ann's
    wait_saved(bo)
    assert server.labels() == {"smile": 2, "none": 2}
    assert server.rows("SELECT annotator, count(*) FROM decisions GROUP BY annotator ORDER BY 1") == [
        ("Ann", 2),
        ("Bo", 4),
    ]


@pytest.mark.long
def test_the_page_turns_only_when_everything_is_saved(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann")
    page.route("**/api/decisions", lambda route: route.abort())
    press(page, *"333", "n")
    page.locator(".note", has_text="turns when everything is saved").wait_for()
    press(page, "1")  # meant for the page to come: not taken for this one
    becomes(lambda: shown(page, 3), ("", ""))
    page.unroute("**/api/decisions")
    page.locator(".page", has_text=f"22–45 of {FACES - 3}").wait_for()
    assert server.labels() == {"smile": 3}
