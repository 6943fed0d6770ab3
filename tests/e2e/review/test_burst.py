"""Keys faster than the line: all are saved, once each and in order, whatever happens meanwhile."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import FACES, Server
from tests.e2e.grid import becomes, card, press, shown, wait_saved

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
SignIn = Callable[..., Any]
AT_ONCE = """(keys) => {
  const told = { bubbles: true, cancelable: true, composed: true }
  for (const key of keys) {
    const event = { key, code: /\\d/.test(key) ? `Digit${key}` : key, ...told }
    for (const type of ["keydown", "keyup"]) document.body.dispatchEvent(new KeyboardEvent(type, event))
  }
}"""
LOG = """SELECT f.seq - (SELECT min(seq) FROM faces), d.class_id FROM decisions d JOIN faces f ON f.id = d.face_id
ORDER BY d.seq"""
QUEUES = "Object.keys(localStorage).filter(name => name.startsWith('moue:queue:')).length"


def labels(number: int) -> tuple[list[str], list[tuple[int, int]]]:
    """So many class keys over the page again and again, and what the log must say: (place, class id) in order."""
    keys: list[str] = []
    told: list[tuple[int, int]] = []
    for at in range(number):
        if at % FACES == 0:
            keys.append("Home")
        keys.append("1234"[at * 7 % 4])
        told.append((at % FACES, at * 7 % 4 + 1))
    return keys, told


def test_four_hundred_keys_without_a_pause_are_saved_in_order(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann", "size=96")
    keys, told = labels(400)
    page.evaluate(AT_ONCE, keys)
    wait_saved(page)
    assert server.rows(LOG) == told
    becomes(lambda: page.evaluate(QUEUES), 0)


def test_a_line_that_drops_in_mid_burst_delivers_each_once_and_in_order(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann", "size=96")
    keys, told = labels(170)
    page.evaluate(AT_ONCE, keys[:40])
    page.context.set_offline(True)
    page.evaluate(AT_ONCE, keys[40:])
    page.locator(".status", has_text="not saved yet, retrying").wait_for()
    page.context.set_offline(False)
    wait_saved(page)
    assert server.rows(LOG) == told


def test_answers_that_are_lost_in_mid_burst_change_nothing(sign_in: SignIn, server: Server) -> None:
    page = sign_in("Ann", "size=96")
    lost: list[int] = []

    def lose(route: Any) -> None:
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/api/decisions", lose, times=2)
    keys, told = labels(150)
    page.evaluate(AT_ONCE, keys)
    wait_saved(page)
    assert lost == [200, 200]
    assert server.rows(LOG) == told


def test_a_burst_survives_a_crash_of_page_and_server(sign_in: SignIn, server: Server) -> None:
    """Neither had a last word: what the browser kept is sent by the next page, in order, and can be undone there."""
    page = sign_in("Ann", "size=96")
    page.on("dialog", lambda dialog: dialog.accept())
    keys, told = labels(100)
    page.evaluate(AT_ONCE, keys[:31])
    wait_saved(page)
    server.stop(signal.SIGKILL)
    page.evaluate(AT_ONCE, keys[31:])
    page.locator(".status", has_text="not saved yet, retrying").wait_for()
    waiting = page.evaluate(QUEUES)
    assert 1 < waiting < 8
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('cut')) }")
    server.start()
    page.reload()
    wait_saved(page)
    assert server.rows(LOG) == told
    press(page, "z")
    page.locator(".note", has_text="took back: your last step, 1 face").wait_for()
    last = server.rows("SELECT verdict, class_id FROM face_state ORDER BY seq")[told[-1][0]]
    assert last[1] in (told[-1 - FACES][1], None)
    becomes(lambda: page.evaluate(QUEUES), 0)


def test_a_key_shows_before_the_next_frame(sign_in: SignIn) -> None:
    page = sign_in("Ann", "size=96")
    script = """card => {
      const told = { key: "3", code: "Digit3", bubbles: true, cancelable: true, composed: true }
      document.body.dispatchEvent(new KeyboardEvent("keydown", told))
      return card.dataset.class
    }"""
    at_once = card(page, 0).evaluate(script)
    assert at_once == "smile"
    becomes(lambda: shown(page, 0), ("accept", "smile"))
