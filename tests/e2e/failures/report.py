"""What a failing browser test leaves behind: what its pages showed and said, and the end of its server's log.

Of a run elsewhere often nothing but the text is kept: so the text tells what it can, the picture the rest.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

PICTURES = Path(__file__).resolve().parents[3] / "test-results"
LINES = 40
TEXT = 1500
SHORT_MS = 3000
PATIENCE_S = 60
"""How long a test waits for what would otherwise not come for ever; on a busy machine a page needs its time."""


class Watched:
    """The contexts of one browser, each with the last that its pages said. Wraps the browser's `new_context`."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser
        self._said: dict[Any, deque[str]] = {}
        self._new_context = browser.new_context
        browser.new_context = self._watched

    def _watched(self, **options: Any) -> Any:
        context = self._new_context(**options)
        said: deque[str] = deque(maxlen=LINES)
        self._said[context] = said
        context.set_default_timeout(1000 * PATIENCE_S)
        context.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        context.on("weberror", lambda error: said.append(f"script error: {error.error}"))
        context.on("requestfailed", lambda request: said.append(f"{request.method} {request.url}: {request.failure}"))
        context.on("close", lambda context: self._said.pop(context, None))
        return context

    def close_contexts(self) -> None:
        for context in list(self._said):
            context.close()

    def told(self, name: str, error: type[Exception]) -> Iterator[str]:
        """Of each context what its pages show and said. name: of the pictures. error: Playwright's."""
        for number, (context, said) in enumerate(self._said.items()):
            for at, page in enumerate(context.pages):
                picture = PICTURES / f"{re.sub(r'[^A-Za-z0-9]+', '-', name)}-{number}-{at}.png"
                try:
                    yield from _page(page, picture)
                except error as reason:  # closed, or busy for ever: that is worth a line, not another failure
                    yield f"{page.url}: {reason}"
            yield from (f"  {line}" for line in said)


def _page(page: Any, picture: Path) -> Iterator[str]:
    yield f"page {page.url}"
    for selector in (".status", ".note", ".refusal", "[role=dialog]"):
        for found in page.locator(selector).filter(visible=True).all()[:3]:
            state = found.get_attribute("data-state", timeout=SHORT_MS)
            title = found.get_attribute("title", timeout=SHORT_MS)
            yield f"  {selector}: {found.inner_text(timeout=SHORT_MS)[:300]!r} state={state!r} title={title!r}"
    yield f"  focus: {_short(page.locator('*:focus').last)}"
    yield f"  text: {page.locator('body').inner_text(timeout=SHORT_MS)[:TEXT]!r}"
    picture.parent.mkdir(exist_ok=True)
    page.screenshot(path=picture, timeout=4 * SHORT_MS)
    yield f"  picture: {picture}"


def _short(found: Any) -> str:
    return str(found.evaluate("e => e.outerHTML", timeout=SHORT_MS))[:200] if found.count() else "nothing"


def log_ends(arguments: Mapping[str, Any]) -> Iterator[str]:
    """The end of the log of each server among a test's fixtures."""
    for name, value in arguments.items():
        log = getattr(value, "log", None)
        if isinstance(log, Path) and log.is_file():
            yield f"{name}'s log:"
            yield from (f"  {line}" for line in log.read_text(errors="replace").splitlines()[-LINES:])
