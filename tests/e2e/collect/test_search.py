"""Collect's image search in a real browser: a proxy plays the engines and the servers of the photos."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Server, running, visiting
from tests.e2e.grid import becomes
from tests.pipeline.photos import numbered_head
from tests.web import engines as played
from tests.web.proxy import Answer, Asked, Web

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
HEADS = [numbered_head(n) for n in range(24)]


class Slow:
    """The photos' server; it can be told to answer nothing until it is let go."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        self.asked = 0

    def __call__(self, asked: Asked) -> Answer:
        self.asked += 1
        if self.asked > 4:
            self.open.wait(20)
        other = 12 * ("pout" in asked.path)  # each keyword brings photos of its own
        return played.photos(lambda n: HEADS[n % 12 + other])(asked)


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def web(tmp_path: Path, slow: Slow, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    sites = {
        "api.openverse.org": played.openverse(12), "commons.wikimedia.org": lambda _: Answer(b"", 403),
        "img.example": slow,
    }  # fmt: skip
    with Web(sites, tmp_path) as web:
        monkeypatch.setenv("SSL_CERT_FILE", str(web.ca))  # the page has no field for certificates
        yield web


@pytest.fixture
def server(web: Web, chromium: Any, tmp_path: Path) -> Iterator[Server]:
    yield from running(tmp_path)


@pytest.fixture
def collect(chromium: Any, server: Server, web: Web) -> Iterator[Any]:
    """Ann on Collect: two keywords and eight photos wanted of Openverse and Wikimedia; only the start is left."""
    with visiting(chromium, server, "collect", height=1200) as page:
        page.get_by_text("Image search", exact=True).click()
        page.get_by_label("Keywords, separated by commas or lines").fill("smile, pout")
        for name in ("Bing", "DuckDuckGo", "Openverse", "Wikimedia Commons"):
            page.get_by_role("button", name=name, exact=True).click()
        page.get_by_text("Options", exact=True).click()
        page.get_by_role("textbox", name="Proxy").fill(web.proxy)
        page.get_by_role("spinbutton", name="Photos in all").fill("8")
        page.keyboard.press("Enter")
        yield page


def sources(server: Server) -> dict[str, int]:
    sql = "SELECT s.location, count(*) FROM images i JOIN sources s ON s.id = i.source_id GROUP BY s.location"
    return dict(server.rows(sql))


def test_a_search_brings_photos_and_a_refusal_is_seen(collect: Any, server: Server) -> None:
    collect.get_by_role("button", name="Search", exact=True).click()
    collect.get_by_text("Last run: 8 added").wait_for()
    collect.get_by_text("Wikimedia Commons blocks this machine for now").first.wait_for()
    assert sources(server) == {"openverse: smile": 4, "openverse: pout": 4}
    assert server.rows("SELECT DISTINCT author, licence FROM provenance") == [("Ada", "CC BY-SA 2.0")]


def test_cancelled_and_gone_on_with(collect: Any, server: Server, slow: Slow, web: Web) -> None:
    slow.open.clear()
    collect.get_by_role("button", name="Search", exact=True).click()
    collect.get_by_role("button", name="Cancel").click()
    slow.open.set()
    collect.get_by_text("Cancelled: what was stored stays").wait_for()
    before = sum(sources(server).values())
    assert before < 8
    collect.get_by_role("button", name="Go on where it stopped").click()
    collect.get_by_text("Last run:").wait_for()
    assert sources(server) == {"openverse: smile": 4, "openverse: pout": 4}
    assert server.rows("SELECT count(*) FROM sightings WHERE outcome = 'unavailable'") == [(0,)]


def test_review_tells_where_a_photo_is_from(collect: Any, server: Server) -> None:
    collect.get_by_role("button", name="Search", exact=True).click()
    collect.get_by_text("Last run: 8 added").wait_for()
    collect.goto(f"{server.address}/review")
    facts = collect.locator(".inspector .facts")
    facts.get_by_role("link", name="CC BY-SA 2.0").wait_for()
    becomes(lambda: facts.get_by_text("Ada", exact=True).is_visible())
    page = facts.get_by_role("link", name=re.compile(r"^Lips \d+$"))  # whichever photo came first
    becomes(lambda: page.get_attribute("href") == f"https://flickr.example/{page.inner_text().removeprefix('Lips ')}")
    becomes(lambda: page.get_attribute("rel"), "noopener noreferrer")
    collect.get_by_role("button", name="Filters").click()
    collect.get_by_role("combobox", name="Licence").click()
    collect.get_by_role("option", name="CC BY-SA 2.0 · 8", exact=True).click()
    collect.get_by_role("button", name="Apply").click()
    collect.get_by_role("button", name="Licence: CC BY-SA 2.0").wait_for()
    assert "licence=CC+BY-SA+2.0" in collect.url
