"""One person at the keys: when a key shows, when it is kept, what it costs the server, and a hand that outruns it."""

from __future__ import annotations

import json
import sqlite3
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from tests.bench.review import browser as web
from tests.bench.review.server import BUTTONS, MOUE, Server, serve
from tests.bench.review.table import Line

CLASSES: Final = ("none", "pout", "smile", "openmouth")
BURST: Final = 400
_SLOW_CLICKS: Final = 12
"""A click of the baseline takes a second."""
_BURST_WITHIN_S: Final = 60
_IDLE_S: Final = 5.0
_CLICK: Final = """
([face, label]) => new Promise((resolve) => {
  const card = document.querySelector(`.st-key-card-${face}`)
  const start = performance.now()
  card.querySelector(`.st-key-${label}-${face} button`).click()
  const frame = () => document.querySelector(`.st-key-card-${face}`).innerText.includes(`label: ${label}`)
    ? resolve(performance.now() - start) : requestAnimationFrame(frame)
  requestAnimationFrame(frame)
})
"""
_CLICK_ALL: Final = """
(clicks) => { for (const [face, label] of clicks) document.querySelector(`.st-key-${label}-${face} button`).click() }
"""


def press_all(page: Any, keys: list[str], every_s: float) -> None:
    """At a steady pace, whatever a key takes."""
    start = time.perf_counter()
    for number, key in enumerate(keys):
        page.wait_for_timeout(max(0.0, 1000 * (start + number * every_s - time.perf_counter())))
        page.keyboard.press(key)


def at_pace(browser: Any, template: Path, scratch: Path, size: int, count: int) -> Iterator[Line]:
    """Keys at four a second on a page of `size`, and at ten a second for the CPU."""
    with serve(MOUE, template, scratch) as server, web.visit(browser, server, "Ann") as page:
        web.open_review(page, server, f"size={size}")
        press_all(page, ["1", "2", "3"], 0.25)  # the first keys pay for what is loaded once
        web.wait_saved(page)
        web.note(page)
        press_all(page, [str(1 + n % 4) for n in range(count)], 0.25)
        web.wait_saved(page)
        keys = web.noted(page)
        page.wait_for_timeout(3000)
        thread = handlers(browser, page, count)
        bulk = whole_page(page)
        cpu, idle, with_script = cpu_of(page, server, count)
        empty = empty_post(server, 200)
    buttons = buttons_at_pace(browser, template, scratch, size)
    against = f"st.button cards, {size} a page"
    frames = web.quantile([key["frames"] for key in keys["keys"]], 0.95)
    spent, shown = ([key[name] for key in keys["keys"]] for name in ("spent", "shown"))
    acks = [ack if ack is not None else float("inf") for ack in keys["acks"]]
    yield Line(f"key to visible change, page of {size}: frames, p95", frames, "", 1)
    yield Line("  handlers of the key, p95", web.quantile(spent, 0.95), "ms", 4)
    yield Line("  the same, p50", web.quantile(spent, 0.5), "ms")
    yield Line("  the same, p95 of the thread's CPU time", web.quantile(thread, 0.95), "ms", 4)
    yield Line("  key to the frame painted, p50", web.quantile(shown, 0.5), "ms", None, buttons["ms"], against)
    yield Line("  handler of Enter and z over the page, p95", web.quantile(bulk["spent"], 0.95), "ms")
    yield Line("  Enter and z: frames, p95", web.quantile(bulk["frames"], 0.95), "")
    yield Line(
        "key to durable acknowledgement, 1 person, p95", web.quantile(acks, 0.95), "ms", 50, buttons["p95"], against
    )
    yield Line("  the same, p50", web.quantile(acks, 0.5), "ms", None, buttons["ms"], against)
    yield Line("server CPU a decision", cpu, "ms", 3, empty, "an empty POST to the same server")
    yield Line("  the same, against", cpu, "ms", None, buttons["cpu"], against)
    yield Line("  with the script run after a rest", with_script, "ms")
    yield Line("  the server while nothing is done, a second", idle, "ms")


def handlers(browser: Any, page: Any, count: int) -> list[float]:
    """Milliseconds of CPU that the page's thread spends on each keydown, whoever else uses the machine."""
    page.keyboard.press("Home")
    browser.start_tracing(page=page, categories=["devtools.timeline"])
    press_all(page, [str(1 + n % 4) for n in range(count)], 0.15)
    web.wait_saved(page)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    return [
        event["tdur"] / 1000 for event in events
        if event["name"] == "EventDispatch" and event["args"]["data"]["type"] == "keydown" and "tdur" in event
    ]  # fmt: skip


def whole_page(page: Any) -> dict[str, list[float]]:
    """Enter gives every undecided card of the page the brush, z takes it back."""
    web.note(page)
    for key in ("Enter", "z") * 8:
        page.keyboard.press(key)
        page.wait_for_timeout(400)
        web.wait_saved(page)
    found = web.noted(page)["keys"]
    return {name: [key[name] for key in found] for name in ("spent", "frames")}


def cpu_of(page: Any, server: Server, count: int) -> tuple[float, float, float]:
    """Milliseconds of the server's CPU a decision (each in a request of its own), a second at rest, and a decision
    with the script run that follows."""
    page.keyboard.press("Home")
    page.wait_for_timeout(6000)
    start = server.cpu()
    page.wait_for_timeout(1000 * _IDLE_S)
    idle = (server.cpu() - start) / _IDLE_S
    start, began = server.cpu(), time.perf_counter()
    press_all(page, [str(1 + n % 4) for n in range(count)], 0.1)
    web.wait_saved(page)
    used = server.cpu() - start - idle * (time.perf_counter() - began)
    page.wait_for_timeout(4000)
    whole = server.cpu() - start - idle * (time.perf_counter() - began)
    return 1000 * used / count, 1000 * idle, 1000 * whole / count


def empty_post(server: Server, count: int) -> float:
    """Milliseconds of the server's CPU for a POST of no decision: signed, parsed, answered."""
    headers = {"Content-Type": "application/json", "Origin": server.address, "Cookie": server.sign_in("Ann")}
    request = urllib.request.Request(f"{server.address}/api/decisions", json.dumps({"ops": []}).encode(), headers)
    start = server.cpu()
    for _ in range(count):
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()
    return 1000 * (server.cpu() - start) / count


def buttons_at_pace(browser: Any, template: Path, scratch: Path, size: int) -> dict[str, float]:
    """Click to label on the baseline's page: p50 and p95, and its server's CPU a click."""
    with serve(BUTTONS, template, scratch) as server, web.visit(browser, server) as page:
        web.open_buttons(page, server, size)
        faces = [row[0] for row in server.rows("SELECT id FROM faces ORDER BY seq LIMIT ?", size)]
        page.evaluate(_CLICK, [faces[0], "smile"])
        web.wait_idle(page)
        start, laps = server.cpu(), []
        for number, face in enumerate(faces[1 : 1 + _SLOW_CLICKS]):
            laps.append(page.evaluate(_CLICK, [face, CLASSES[number % 4]]))
            web.wait_idle(page)
        cpu = 1000 * (server.cpu() - start) / len(laps)
    return {"ms": web.quantile(laps, 0.5), "p95": web.quantile(laps, 0.95), "cpu": cpu}


def burst(browser: Any, template: Path, scratch: Path) -> Iterator[Line]:
    """400 keys, none waiting for anything: what the log holds afterwards, face by face."""
    keys = [1 + (number * number + number // 7) % 4 for number in range(BURST)]
    with serve(MOUE, template, scratch) as server, web.visit(browser, server, "Ann") as page:
        web.open_review(page, server, f"size={BURST}")
        start = time.perf_counter()
        page.keyboard.type("".join(map(str, keys)))
        pressed = time.perf_counter() - start
        web.wait_saved(page)
        seconds = time.perf_counter() - start
        expected = [row[0] for row in server.rows("SELECT id FROM faces ORDER BY seq LIMIT ?", BURST)]
        log = server.rows("SELECT face_id, class_id FROM decisions ORDER BY seq")
    kept = in_order(log, list(zip(expected, keys, strict=True)))
    share, each = buttons_burst(browser, template, scratch, 96)
    yield Line(f"{BURST} keys, 0 ms between: saved, in order", kept, "", BURST, BURST * share,
               "st.button cards, the same share of 96 clicks", at_least=True)  # fmt: skip
    yield Line("  pressed within, a key", 1000 * pressed / BURST, "ms")
    yield Line("  saved within, a key", 1000 * seconds / BURST, "ms", None, each, "a click")


def in_order(log: Sequence[tuple[Any, ...]], expected: Sequence[tuple[Any, ...]]) -> int:
    """How many stand where they should; 0 where something is there twice or is missing beyond that."""
    return sum(one == other for one, other in zip(log, expected, strict=False)) if len(log) <= len(expected) else 0


def buttons_burst(browser: Any, template: Path, scratch: Path, clicks: int) -> tuple[float, float]:
    """The share of `clicks` clicks, on as many cards, that the baseline keeps in order; ms each until it has them."""
    with serve(BUTTONS, template, scratch) as server, web.visit(browser, server) as page:
        web.open_buttons(page, server, clicks + 1)
        faces = [row[0] for row in server.rows("SELECT id FROM faces ORDER BY seq LIMIT ?", clicks + 1)]
        page.evaluate(_CLICK, [faces[-1], "pout"])
        web.wait_idle(page)
        expected = [(face, CLASSES[n % 4]) for n, face in enumerate(faces[:-1])]
        start = time.perf_counter()
        page.evaluate(_CLICK_ALL, [list(one) for one in expected])
        while len(clicks_kept(server.workspace)) < clicks + 1 and time.perf_counter() - start < _BURST_WITHIN_S:
            page.wait_for_timeout(100)
        each = 1000 * (time.perf_counter() - start) / clicks
        return in_order(clicks_kept(server.workspace)[1:], expected) / clicks, each


def clicks_kept(workspace: Path) -> list[tuple[Any, ...]]:
    """(face, label) in the order in which the baseline kept them."""
    db = sqlite3.connect(workspace / "buttons.db", timeout=30)
    try:
        return db.execute("SELECT face, label FROM clicks ORDER BY n").fetchall()
    finally:
        db.close()
