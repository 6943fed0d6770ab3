"""How soon every page is complete, and how far it moves while it comes: `python -m tests.bench.pages WORKSPACE`.

A real Chromium on a copy of the workspace; beside it, in the same rounds, an empty Streamlit page. Cold: a new browser
profile; warm: the same address again. Medians, milliseconds from the navigation on.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import sync_playwright

from tests.bench.review.server import MOUE, load_average, serve
from tests.e2e.conftest import CHROMIUM, FLAGS

PAGES: Final = (
    "", "progress", "collect", "clean", "quality", "duplicates", "suggestions", "review", "team", "classes", "export",
)  # fmt: skip
EMPTY: Final = "tests/bench/pages/empty.py"
COLD: Final = 1.5
HEAVY: Final = {"collect": 2.0, "progress": 2.0}
"""Times the empty page, at most; of these two pages."""
WARM_MS: Final = 400.0
SHIFT: Final = 0.05
_SIZE: Final = {"width": 1280, "height": 900}
_PROBE: Final = """(() => {
  window.shifted = 0
  new PerformanceObserver(found => {
    for (const one of found.getEntries()) if (!one.hadRecentInput) window.shifted += one.value
  }).observe({type: 'layout-shift', buffered: true})
  const ours = '.moue, .clean, .duplicates, .range, .classes'
  const isThere = () => document.querySelector('[data-testid=stApp][data-test-script-state=notRunning] h2') &&
    !document.querySelector('[data-testid=stSkeleton]')
  const isDrawn = (host) => host.shadowRoot?.querySelector(ours)?.classList.contains('drawn') ?? true
  let changed = true, complete = false, hosts = []
  new MutationObserver(() => { changed = true }).observe(document, {
    subtree: true, childList: true, attributes: true, attributeFilter: ['data-test-script-state'],
  })
  const look = () => {
    if (changed) {
      changed = false
      complete = isThere()
      hosts = complete ? [...document.querySelectorAll('[data-testid^=stBidiComponent] *')] : []
    }
    if (complete && hosts.every(isDrawn)) window.completeAt ??= performance.now()
    else window.completeAt = undefined
    requestAnimationFrame(look)
  }
  look()
})()"""
"""Looks only where something changed: asked at each frame it was what took longest in a profile of a long page."""
_STAYS: Final = "window.completeAt && performance.now() - window.completeAt > 500"
"""Complete, and it stays so."""


@dataclass
class Times:
    """Milliseconds of each round; the largest shift."""

    cold: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    shift: float = 0.0


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pages", description=__doc__.partition(":")[0])
    parser.add_argument("workspace", type=Path, help="with faces, some of them decided on")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--pages", nargs="*", default=PAGES, help="as in the address; overview is the empty word")
    args = parser.parse_args(arguments)
    print(f"load before: {load_average()}")
    with tempfile.TemporaryDirectory() as scratch:
        found = measure(args.workspace, Path(scratch), args.rounds, args.pages)
    print_table(found)
    print(f"load after: {load_average()}")


def measure(workspace: Path, scratch: Path, rounds: int, pages: Sequence[str]) -> dict[str, Times]:
    """By page; the empty one is `empty`. A first round is not counted: the server imports and makes thumbnails then."""
    found: dict[str, Times] = defaultdict(Times)
    with (
        serve(MOUE, workspace, scratch) as moue,
        serve(EMPTY, workspace, scratch) as empty,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for number in range(rounds + 1):
            kept = found if number else defaultdict(Times)
            visit(browser, empty.address, "", "", kept["empty"])
            for page in pages:
                visit(browser, moue.address, page, moue.sign_in("Ann"), kept[page or "overview"])
        browser.close()
    return found


def visit(browser: Any, address: str, path: str, cookie: str, times: Times) -> None:
    """Open it in a new profile, then once more."""
    context = browser.new_context(viewport=_SIZE, bypass_csp=True)
    context.set_default_timeout(60_000)
    context.add_init_script(_PROBE)
    if cookie:
        name, _, value = cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "url": address}])
    page = context.new_page()
    for laps in (times.cold, times.warm):
        page.goto(f"{address}/{path}")
        page.wait_for_function(_STAYS)
        laps.append(float(page.evaluate("window.completeAt")))
        times.shift = max(times.shift, float(page.evaluate("window.shifted")))
    context.close()


def print_table(found: dict[str, Times]) -> None:
    base = statistics.median(found["empty"].cold)
    print(f"{'':14}{'cold ms':>9}{'× empty':>9}{'aim':>7}{'':5}{'warm ms':>9}{'aim':>7}{'':5}{'shift':>8}{'aim':>7}")
    for name, times in found.items():
        cold, warm = statistics.median(times.cold), statistics.median(times.warm)
        aim, shift = HEAVY.get(name, COLD), times.shift
        print(
            f"{name:14}{cold:9,.0f}{cold / base:9.2f}{aim:7.1f}{_mark(cold / base <= aim)}"
            f"{warm:9,.0f}{WARM_MS:7,.0f}{_mark(warm <= WARM_MS)}{shift:8.3f}{SHIFT:7.2f}{_mark(shift <= SHIFT)}"
        )


def _mark(reached: bool) -> str:
    return "  yes" if reached else "   NO"


if __name__ == "__main__":
    main()
