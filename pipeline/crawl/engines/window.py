"""A browser window that a person watches, with a profile of the workspace's own (Playwright, one's own Chrome)."""

from __future__ import annotations

import importlib.util
import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipeline.core.errors import EngineError
from pipeline.core.messages import Message, message
from pipeline.core.system.calls import has_screen
from pipeline.crawl.engines.query import HttpOptions

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Playwright

PERSON_S: Final = 15 * 60
"""So long somebody has to answer what only a person can."""
_OPEN_S: Final = 8.0
_LOAD_MS: Final = 45_000
_CHROMIUMS: Final = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "microsoft-edge")
RESULTS_SCRIPT: Final = Path(__file__).with_name("results.js").read_text("utf-8")
"""JavaScript that reads a page of results where it is shown: defines `moueResults`."""


class Stopped(Exception):  # noqa: N818 - no error: whoever asked wants no more
    """The search was stopped while the window was open."""


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """How the window is opened. headless: for tests; a person cannot answer there.

    program: "" for one's own Chrome, else Chromium as found. pace: seconds between two steps, at least and at most.
    more_s: so long more results may take to come after scrolling.
    """

    headless: bool = False
    program: str = ""
    arguments: tuple[str, ...] = ()
    pace: tuple[float, float] = (0.9, 2.8)
    more_s: float = 3.0


looks = WindowOptions()


def obstacle() -> Message | None:
    """Why no window can be opened here; None where one can."""
    if importlib.util.find_spec("playwright") is None:
        return message("browser_package_missing")
    if not looks.headless and not has_screen():
        return message("browser_without_screen")
    return None


@contextmanager
def opened(label: str, http: HttpOptions, left: threading.Event) -> Iterator[Window]:
    """A window for one search; closed at the end. left: set by whoever wants no more.

    Raises EngineError where no browser starts, or where it is closed meanwhile; Stopped.
    """
    from playwright.sync_api import Error, sync_playwright

    if http.profile is None:
        raise ValueError("a window needs a profile's folder")
    try:
        with sync_playwright() as playwright:
            context = _launch(playwright, label, http, http.profile)
            try:
                page = context.pages[0] if context.pages else context.new_page()
                yield Window(label, http, left, page)
            finally:
                context.close()
    except Error as e:
        why = str(e).splitlines()[0] if str(e) else type(e).__name__
        if "has been closed" in why:
            raise EngineError(message("browser_closed", engine=label)) from e
        raise EngineError(message("browser_failed", engine=label, why=why)) from e


def _launch(playwright: Playwright, label: str, http: HttpOptions, profile: Path) -> BrowserContext:
    from playwright.sync_api import Error

    profile.mkdir(exist_ok=True, mode=0o700)
    programs = [looks.program] if looks.program else ["", *filter(None, map(shutil.which, _CHROMIUMS))]
    last: Error | None = None
    for program in programs:
        try:
            return playwright.chromium.launch_persistent_context(
                profile,
                headless=looks.headless,
                args=list(looks.arguments),
                no_viewport=None if looks.headless else True,
                executable_path=program or None,
                channel=None if program else "chrome",
                proxy={"server": http.proxy} if http.proxy else None,
            )
        except Error as e:
            last = e
    raise EngineError(message("browser_missing", engine=label)) from last


class Window:
    """A page of results on the screen, in steps that a person makes: look, scroll, open one."""

    def __init__(self, label: str, http: HttpOptions, left: threading.Event, page: Page) -> None:
        self._label, self._http, self._left, self._page = label, http, left, page
        self._is_for_a_person: Callable[[str], bool] = lambda _: False

    def go_to(self, url: str, is_for_a_person: Callable[[str], bool]) -> None:
        """Open the page. is_for_a_person: whether the page that came instead, by its address, needs one to answer."""
        self._is_for_a_person = is_for_a_person
        self._page.goto(url, wait_until="domcontentloaded", timeout=_LOAD_MS)
        if self._wait_for_a_person() and self._page.url.partition("?")[0] != url.partition("?")[0]:
            self._page.goto(url, wait_until="domcontentloaded", timeout=_LOAD_MS)
        self._pause()

    def next_tile(self) -> int | None:
        """The number of the first result that was not opened yet; None where all of those shown were."""
        self._wait_for_a_person()
        number: int | None = self._run("nextTile()")
        return number

    def open_tile(self, number: int) -> dict[str, Any] | None:
        """Click a result; what its large picture is: image, page, title, width and height. None where none comes."""
        from playwright.sync_api import TimeoutError as Late

        before: list[str] = self._run("pictures()")
        try:
            self._page.locator(f"[data-moue-tile='{number}']").click(timeout=_OPEN_S * 1000)
        except Late:
            return None
        end = time.monotonic() + _OPEN_S
        while time.monotonic() < end:
            self._wait_for_a_person()
            told: dict[str, Any] | None = self._run(f"opened({number}, before)", before)
            if told is not None:
                self._pause()
                return told
            self._sleep(0.1)
        return None

    def scroll(self) -> None:
        """To the end of what is shown, where pages load more; waits a while for what comes."""
        before = len(self._run("pictures()"))
        self._run("scrollOn()")
        end = time.monotonic() + looks.more_s
        while time.monotonic() < end and len(self._run("pictures()")) == before:
            self._sleep(0.1)
        self._pause()

    def _run(self, call: str, before: list[str] | None = None) -> Any:
        """Raises playwright's Error, where a page that just left is asked a third time."""
        from playwright.sync_api import Error

        script = f"(before) => {{ {RESULTS_SCRIPT}\nreturn moueResults.{call}; }}"
        for _ in range(2):
            try:
                return self._page.evaluate(script, before or [])
            except Error as e:
                if "context was destroyed" not in str(e):
                    raise
                self._page.wait_for_load_state("domcontentloaded", timeout=_LOAD_MS)
        return self._page.evaluate(script, before or [])

    def _wait_for_a_person(self) -> bool:
        """Whether somebody had to answer. Raises EngineError where nobody does, Stopped."""
        if not self._needs_a_person():
            return False
        self._http.tell(message("browser_needs_a_person", engine=self._label))
        end = time.monotonic() + PERSON_S
        while self._needs_a_person():
            if time.monotonic() > end:
                raise EngineError(message("browser_nobody_answered", engine=self._label), blocked=True)
            self._sleep(0.5)
        self._page.wait_for_load_state("domcontentloaded", timeout=_LOAD_MS)
        return True

    def _needs_a_person(self) -> bool:
        return self._is_for_a_person(self._page.url) or bool(self._run("asksForAPerson()"))

    def _pause(self) -> None:
        self._sleep(random.uniform(*looks.pace))  # noqa: S311 - a pause

    def _sleep(self, seconds: float) -> None:
        """Through the page's own clock: so that the browser's news are heard meanwhile. Raises Stopped."""
        end = time.monotonic() + seconds
        while True:
            if self._http.stop.is_set() or self._left.is_set():
                raise Stopped
            rest = end - time.monotonic()
            if rest <= 0:
                return
            self._page.wait_for_timeout(min(rest, 0.2) * 1000)
