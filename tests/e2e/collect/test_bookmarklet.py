"""The bookmarklet is taken from Collect, run on a page that stands as Google's does; what it copied comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from tests.e2e.conftest import Server, running, visiting
from tests.e2e.grid import becomes
from tests.pipeline.photos import numbered_head
from tests.web import engines as played
from tests.web.google import google
from tests.web.proxy import Asked, Site, Web

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
IMAGES = played.photos(numbered_head)


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    with Web({"img.example": IMAGES}, tmp_path) as web:
        monkeypatch.setenv("SSL_CERT_FILE", str(web.ca))  # the page has no field for certificates
        yield web


@pytest.fixture
def server(web: Web, chromium: Any, tmp_path: Path) -> Iterator[Server]:
    yield from running(tmp_path)


def plays(context: Any, pattern: str, site: Site) -> None:
    """Requests of this browser to such addresses are answered by a played site."""

    def answer(route: Any) -> None:
        parts = urlsplit(route.request.url)
        said = site(Asked(parts.hostname or "", parts.path, dict(parse_qsl(parts.query)), {}))
        route.fulfill(status=said.status, body=said.body, content_type=said.kind)

    context.route(pattern, answer)


@pytest.mark.parametrize("named", [False, True])
def test_opened_results_are_collected_and_fetched(chromium: Any, server: Server, web: Web, named: bool) -> None:
    with visiting(chromium, server, "collect", height=1200) as page:
        page.get_by_text("List of addresses", exact=True).click()
        link = page.get_by_role("link", name="Collect images for Moue")
        script = unquote(link.get_attribute("href").removeprefix("javascript:"))
        link.click()  # a click runs nothing here: it says where it works
        page.get_by_text("It works from the bookmarks bar").wait_for()

        plays(page.context, "https://www.google.com/**", google(9, named=named))
        plays(page.context, "https://encrypted-tbn0.gstatic.com/**", google(0))
        plays(page.context, "https://img.example/**", IMAGES)
        page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin="https://www.google.com")
        results = page.context.new_page()
        results.goto("https://www.google.com/search?q=smile&udm=2")
        results.evaluate(script)
        results.get_by_text("Moue: 0 images").wait_for()
        for number in (1, 4, 6):
            results.get_by_role("button").filter(has=results.get_by_alt_text(f"Smile {number}", exact=True)).click()
            results.get_by_text(f"Moue: {(1, 4, 6).index(number) + 1} images").wait_for()
        results.get_by_role("button", name="Copy").click()
        results.get_by_text("3 images copied").wait_for()
        results.evaluate("moueCollector.look()")  # it goes on looking
        becomes(lambda: results.get_by_text("3 images copied").is_visible())
        copied = results.evaluate("navigator.clipboard.readText()")
        results.close()

        page.get_by_label("Addresses, one a line").fill(copied)
        page.get_by_text("Options", exact=True).click()
        page.get_by_role("textbox", name="Proxy").fill(web.proxy)
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Fetch", exact=True).click()
        page.get_by_text("Last run:").wait_for()
    told = server.rows("SELECT image_url, page_url, title FROM provenance ORDER BY image_url")
    assert told == [
        (f"https://img.example/google-smile/{n}.jpg", f"https://page.example/{n}", f"Smile {n}") for n in (1, 4, 6)
    ]


@pytest.mark.parametrize("writing", ["new Promise(() => {})", 'Promise.reject(new Error("not allowed"))'])
def test_where_the_clipboard_does_not_answer_the_text_is_there_to_copy(
    chromium: Any, server: Server, writing: str
) -> None:
    with visiting(chromium, server, "collect", height=1200) as page:
        page.get_by_text("List of addresses", exact=True).click()
        link = page.get_by_role("link", name="Collect images for Moue")
        script = unquote(link.get_attribute("href").removeprefix("javascript:"))
        plays(page.context, "https://www.google.com/**", google(9, named=False))
        plays(page.context, "https://encrypted-tbn0.gstatic.com/**", google(0))
        results = page.context.new_page()
        results.goto("https://www.google.com/search?q=smile&udm=2")
        results.evaluate(f"void (navigator.clipboard.writeText = () => {writing})")
        results.evaluate(script)
        results.get_by_role("button", name="Copy").click()
        results.get_by_text("Copy this by hand").wait_for()
        becomes(lambda: results.get_by_role("textbox").input_value().startswith("url\tpage\ttitle"))
