"""The real server and a real Chromium, for the tests of the Review page."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.failures.report import PATIENCE_S, Watched, log_ends
from tests.e2e.forkery import Forked, Forkery
from tests.pipeline import commands as cli
from tests.pipeline.photos import numbered_head

HERE = Path(__file__).parent
FACES = 60
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
FULL = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
"""With a window, where one would be shown: its prompts can be answered."""
_CHOSEN = (os.environ.get("MOUE_TEST_BROWSER", ""), "chromium-headless-shell")
CHROMIUM = next(filter(None, map(shutil.which, _CHOSEN)), FULL)
"""The shell is what Playwright itself takes where nobody looks: the same engine, for two thirds of the CPU."""


@dataclass
class Server:
    """Moue on a port of its own; it can be killed and started again there."""

    workspace: Path
    log: Path
    port: int
    settings: dict[str, str] = field(default_factory=dict)
    process: Forked | subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, cold: bool = False) -> None:
        """cold: in a process of its own from the beginning, as a user starts it; else by fork."""
        command = ["run", "app.py", "--server.port", str(self.port)]
        # suggestions that come whenever they are computed would be another page to each test: who means them says so
        settings = {"MOUE_WORKSPACE": str(self.workspace), "MOUE_SUGGEST": "0", "MOUE_FOLDERS": "/", **self.settings}
        environment = cli.environment(**settings)
        if cold:
            line = [sys.executable, "-m", "streamlit", *command]
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    line, cwd=cli.ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    start_new_session=True,
                )  # fmt: skip
        else:
            self.process = forkery().start(command, cli.ROOT, environment, self.log)
        until = time.monotonic() + 60
        path = self.settings.get("STREAMLIT_SERVER_BASE_URL_PATH", "")
        below = f"/{path}" if path else ""
        while time.monotonic() < until and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.address}{below}/_stcore/health", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f"the server did not start: {self.log.read_text()}")

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        os.killpg(self.process.pid, number)
        self.process.wait(30)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return cli.rows(self.workspace, sql)

    def labels(self) -> dict[str, int]:
        """Accepted faces by class name, from the projection."""
        sql = "SELECT c.name, count(*) FROM face_state s JOIN classes c ON c.id = s.class_id GROUP BY c.name"
        return dict(self.rows(sql))

    def verdicts(self) -> list[tuple[str | None, int | None, str | None]]:
        """(verdict, class id, reason) of every face, in the order of the page."""
        return self.rows("SELECT verdict, class_id, reason FROM face_state ORDER BY seq")

    def standing(self) -> int:
        """Faces with a decision that is not taken back."""
        return int(self.rows("SELECT count(*) FROM face_state WHERE verdict IS NOT NULL")[0][0])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def running(folder: Path, **settings: str) -> Iterator[Server]:
    """A server on the workspace in `folder`, and its end. settings: of its environment."""
    server = Server(folder / "workspace", folder / "server.log", free_port(), settings)
    try:
        server.start()
        yield server
    finally:
        server.stop(signal.SIGKILL)


@cache
def forkery() -> Forkery:
    """Of this process; it ends with it."""
    return Forkery()


@contextmanager
def visiting(
    chromium: Any, server: Server, path: str, height: int = 900, timeout_s: float = PATIENCE_S, name: str = "Ann"
) -> Iterator[Any]:
    """A page of Moue in a browser of Ann's own; a script error, or one in the server's log, fails.

    Who decides first owns the workspace: where that was somebody else, name who may do what is tried.
    """
    context = chromium.new_context(viewport={"width": 1280, "height": height})
    context.set_default_timeout(timeout_s * 1000)
    address = server.address
    assert context.request.post(f"{address}/api/sign-in", data={"name": name}, headers={"Origin": address}).ok
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{address}/{path}")
    yield page
    context.close()
    assert errors == []
    for trace in ("Traceback", "Stack (most recent call last)"):
        assert trace not in (told := server.log.read_text()), told


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with 60 faces: one a photo, no two photos near copies, nothing decided."""
    folder = tmp_path_factory.mktemp("review")
    (folder / "photos").mkdir()
    for number in range(FACES):
        (folder / "photos" / f"{number:02}.jpg").write_bytes(numbered_head(number))
    report = cli.ingest(folder / "workspace", folder / "photos")
    assert report["faces"] == FACES
    return folder / "workspace"


@pytest.fixture
def server(template: Path, tmp_path: Path) -> Iterator[Server]:
    """A running server on a copy of the template."""
    if not CHROMIUM:
        pytest.skip("no browser: apt-get install chromium")
    shutil.copytree(template, tmp_path / "workspace")
    yield from running(tmp_path)


@pytest.fixture(scope="module")
def standing_server(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The same, one for a whole file: for tests that change nothing in the workspace."""
    if not CHROMIUM:
        pytest.skip("no browser: apt-get install chromium")
    folder = tmp_path_factory.mktemp("standing")
    shutil.copytree(template, folder / "workspace")
    yield from running(folder)


USUAL = {"bypass_csp": True, "reduced_motion": "reduce"}
MOVING = {"reduced_motion": "no-preference"}
"""Of a context: with the motion that most people see."""


def _as_usual(browser: Any) -> None:
    """Contexts pass over the pages' content policy, which forbids what Playwright's `wait_for_function` does: it
    evaluates a text again and again. A test of the policy itself says `bypass_csp=False`.

    They ask for little motion: what moves while a page is waited for takes a quarter of the browser's CPU. A test
    about motion, or that nothing moves, says `**MOVING`."""
    new_context = browser.new_context
    browser.new_context = lambda **options: new_context(**{**USUAL, **options})


class Browsers:
    """Playwright's driver and one Chromium for all files with browsers that run one after another."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._driver: Any = None
        self._chromium: Any = None
        self._watched: list[Watched] = []

    def driver(self) -> Any:
        if self._driver is None:
            playwright = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
            playwright.expect.set_options(timeout=1000 * PATIENCE_S)
            self._driver = self._open.enter_context(playwright.sync_playwright())
        return self._driver

    def chromium(self) -> Any:
        if self._chromium is None:
            self._chromium = self.driver().chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            self._open.callback(self._chromium.close)
            self.watch(self._chromium)
            _as_usual(self._chromium)
        return self._chromium

    def watch(self, browser: Any) -> None:
        """A failure tells of its pages, too."""
        self._watched.append(Watched(browser))

    def told(self, name: str) -> list[str]:
        """What the pages that are open show and said."""
        if self._driver is None:
            return []
        error = importlib.import_module("playwright.sync_api").Error
        return [line for watched in self._watched for line in watched.told(name, error)]

    def leave(self) -> None:
        """Of a test that failed the pages were left to the report: now they go, not to take time from the next one."""
        for watched in self._watched:
            watched.close_contexts()

    def close(self) -> None:
        self._driver = self._chromium = None
        self._watched.clear()
        self._open.close()


BROWSERS = Browsers()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """The browser ends before tests of other folders run: beside Playwright's driver no asyncio.run may begin."""
    try:
        return (yield)
    finally:
        BROWSERS.leave()
        if nextitem is None or HERE not in nextitem.path.parents:
            BROWSERS.close()


def _timed_out(call: pytest.CallInfo[Any]) -> bool:
    """By pytest-timeout, in the middle of Playwright's work: no question to a page may be begun there."""
    return call.excinfo is not None and "Timeout (>" in call.excinfo.exconly()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Iterator[None]:
    """A failure says what was on the screen, and what page and server said."""
    report: Any = yield
    if report.when != "teardown" and report.failed and not _timed_out(call):
        told = [*BROWSERS.told(item.nodeid), *log_ends(getattr(item, "funcargs", {}))]
        report.sections.append(("browser", "\n".join(told)))
    return report


@pytest.fixture(scope="module")
def driver() -> Any:
    """Playwright's."""
    return BROWSERS.driver()


@pytest.fixture(scope="module")
def chromium() -> Any:
    """One browser for all; each test has a context of its own."""
    if not CHROMIUM:
        pytest.skip("no browser: apt-get install chromium")
    return BROWSERS.chromium()


@pytest.fixture
def sign_in(chromium: Any, server: Server) -> Iterator[Callable[..., Any]]:
    """`sign_in("Ann")` is the Review page in a browser of Ann's own; a script error fails the test."""
    with people(chromium, server, "review", ".card.loaded") as open_page:
        yield lambda name, query="size=24", **options: open_page(name, query, **options)


@contextmanager
def people(chromium: Any, server: Server, path: str, ready: str) -> Iterator[Callable[..., Any]]:
    """`open_page("Ann", "size=24")`: the page at `path` in a browser of Ann's own, once the first `ready` is there.

    A script error fails the test.
    """
    contexts: list[Any] = []
    errors: list[str] = []

    def open_page(name: str, query: str, **options: Any) -> Any:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        answer = context.request.post(
            f"{server.address}/api/sign-in", data={"name": name}, headers={"Origin": server.address}
        )
        assert answer.ok
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{server.address}/{path}?{query}")
        page.locator(ready).first.wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []
