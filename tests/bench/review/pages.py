"""How soon a page is there: turned to, and opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.bench.review import browser as web
from tests.bench.review.server import BUTTONS, MOUE, Server, serve
from tests.bench.review.table import Line

_TURN: Final = """
([selector, first]) => { const start = performance.now(); window.moueTurned = moueProbe.completed(selector, first)
  .then((done) => done - start); return start }
"""
_FIRST: Final = "() => moueProbe.root().querySelector('.card').dataset.id"
_NEXT: Final = """
([selector, first]) => {
  const start = performance.now()
  const button = [...document.querySelectorAll("button")].find((one) => one.innerText === "next page")
  button.click()
  const gone = new Promise((resolve) => {
    const frame = () => document.querySelector(first) ? requestAnimationFrame(frame) : resolve()
    requestAnimationFrame(frame)
  })
  return gone.then(() => moueProbe.completed(selector)).then((done) => done - start)
}
"""


def measure(browser: Any, template: Path, scratch: Path, size: int, pages: int, rounds: int) -> Iterator[Line]:
    """Each round is a new browser profile: it has no picture yet; the server has made them in the round before."""
    with serve(MOUE, template, scratch) as server:
        cold = _round(browser, server, size, pages)
        laps = [_round(browser, server, size, pages) for _ in range(rounds)]
    turns = [turn for lap in laps for turn in lap["turns"]]
    base = _buttons(browser, template, scratch, size)
    against = f"st.button cards, {size} a page"
    yield Line(
        f"page of {size} complete, turned to, warm, p50", web.quantile(turns, 0.5), "ms", 600, base["turn"], against
    )
    yield Line("  p95", web.quantile(turns, 0.95), "ms")
    yield Line("  the server's first time for these pictures, p50", web.quantile(cold["turns"], 0.5), "ms")
    again = [lap["again"] for lap in laps]
    yield Line(
        f"page of {size} complete, reloaded, warm, p50", web.quantile(again, 0.5), "ms", 600, base["again"], against
    )
    opened = [lap["opened"] for lap in laps]
    yield Line("  opened in a new browser profile, p50", web.quantile(opened, 0.5), "ms")


def _round(browser: Any, server: Server, size: int, pages: int) -> dict[str, Any]:
    """ms: opened with an empty profile, each turn to a page with new pictures, the first page reloaded."""
    with web.visit(browser, server, "Ann") as page:
        web.open_review(page, server, f"size={size}&state=all")
        opened = page.evaluate("() => moueProbe.completed('.card')")
        turns = []
        for _ in range(pages - 1):
            first = page.evaluate(_FIRST)
            page.wait_for_timeout(300)
            page.evaluate(_TURN, [web.CARD, first])
            page.keyboard.press("n")
            turns.append(page.evaluate("() => window.moueTurned"))
        page.goto(f"{server.address}/review?size={size}&state=all")
        page.evaluate("() => moueProbe.completed('.card')")
        page.wait_for_timeout(300)
        page.reload(wait_until="commit")
        again = page.evaluate("() => moueProbe.completed('.card')")
    return {"opened": opened, "turns": turns, "again": again}


def _buttons(browser: Any, template: Path, scratch: Path, size: int) -> dict[str, float]:
    turns, again = [], []
    with serve(BUTTONS, template, scratch) as server, web.visit(browser, server) as page:
        for _ in range(2):
            web.open_buttons(page, server, size)
            (face,) = server.rows("SELECT id FROM faces ORDER BY seq LIMIT 1")[0]
            turns.append(page.evaluate(_NEXT, [web.BUTTON_CARD, f".st-key-card-{face}"]))
            web.wait_idle(page)
            page.goto("about:blank")
            page.goto(f"{server.address}/?size={size}", wait_until="commit")
            again.append(page.evaluate("selector => moueProbe.completed(selector)", web.BUTTON_CARD))
    return {"turn": min(turns), "again": min(again)}
