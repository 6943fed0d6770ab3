"""What the tests of the Review page read from the screen."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.e2e.failures.report import PATIENCE_S


def card(page: Any, at: int) -> Any:
    return page.locator(f".card[data-at='{at}']")


def shown(page: Any, at: int) -> tuple[str, str]:
    """(verdict, class name) as the card shows them now."""
    found = card(page, at)
    return str(found.get_attribute("data-verdict")), str(found.get_attribute("data-class"))


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def focus(page: Any) -> int:
    """The index of the card in focus; that two have it is an error."""
    return int(page.locator(".card.focused").get_attribute("data-at"))


def selected(page: Any) -> list[int]:
    return sorted(int(at) for at in page.locator(".card.selected").evaluate_all("all => all.map(c => c.dataset.at)"))


def columns(page: Any) -> int:
    return int(page.locator(".scroller").get_attribute("data-columns"))


def status(page: Any) -> str:
    return str(page.locator(".status").inner_text())


def wait_saved(page: Any, timeout_s: float = 60) -> None:
    """Until the page says that everything is on the disk; what was pressed just now is counted a frame later."""
    page.evaluate("new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))")
    page.locator(".status[data-state=saved]").wait_for(timeout=timeout_s * 1000)


def becomes(read: Callable[[], object], expected: object = True, seconds: float = PATIENCE_S) -> None:
    """Read again and again until it is as expected: what a press changes is there a moment later."""
    end = time.monotonic() + seconds
    while (now := read()) != expected:
        assert time.monotonic() < end, f"{now!r}, not {expected!r}"
        time.sleep(0.03)


def until(page: Any, true: Callable[[], bool], seconds: float = 60) -> None:
    """Let the page go on until something is true here, for what no locator tells."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about"
        page.wait_for_timeout(30)
