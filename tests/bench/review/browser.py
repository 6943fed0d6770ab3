"""A real Chromium for the review bench: pages of ours and of the baseline, with the probe in them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.bench.review.server import Server

FLAGS: Final = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
VIEWPORT: Final = {"width": 1440, "height": 900}
_PROBE: Final = (Path(__file__).parent / "probe.js").read_text("utf-8")
CARD: Final = ".card"
BUTTON_CARD: Final = "[class*='st-key-card-']"


@contextmanager
def chromium() -> Iterator[Any]:
    """Leaves with 2 where there is none."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sys.exit("pip install -r tests/requirements.txt")
    path = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
    )
    if not path:
        sys.exit("no browser: apt-get install chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def visit(browser: Any, server: Server, name: str = "") -> Iterator[Any]:
    """A page of a browser profile of its own, signed in where a name is given; nothing opened yet."""
    context = browser.new_context(viewport=VIEWPORT)
    context.set_default_timeout(180_000)
    context.add_init_script(_PROBE)
    if name:
        key, _, value = server.sign_in(name).partition("=")
        context.add_cookies([{"name": key, "value": value, "url": server.address}])
    page = context.new_page()
    try:
        yield page
    finally:
        context.close()


def open_review(page: Any, server: Server, query: str) -> None:
    page.goto(f"{server.address}/review?{query}")
    page.evaluate("selector => moueProbe.completed(selector)", CARD)


def open_buttons(page: Any, server: Server, size: int) -> None:
    page.goto(f"{server.address}/?size={size}")
    page.locator(BUTTON_CARD).nth(size - 1).wait_for(state="attached")
    page.evaluate("selector => moueProbe.completed(selector)", BUTTON_CARD)
    wait_idle(page)


def wait_idle(page: Any) -> None:
    """Until Streamlit's script has run."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def wait_saved(page: Any) -> None:
    page.locator(".status", has_text="saved ✓").wait_for()


def note(page: Any, on: bool = True) -> None:
    """Begin to note keys and answers anew."""
    page.evaluate("on => Object.assign(moueProbe, { on, keys: [], sent: [], acks: {} })", on)


def noted(page: Any) -> dict[str, Any]:
    """{"keys": [{key, at, frames, spent, shown}], "acks": [ms since the key or null]}, in the order of the keys."""
    found = page.evaluate(
        "() => ({ keys: moueProbe.keys, acks: moueProbe.sent.map((id, at) => "
        "moueProbe.acks[id] === undefined ? null : moueProbe.acks[id] - moueProbe.keys[at]?.at) })"
    )
    return dict(found)


def quantile(values: Sequence[float], share: float) -> float:
    """The nearest rank: a value that was measured."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, round(share * len(ranked) + 0.5) - 1))]
