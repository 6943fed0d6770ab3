"""The Review page in Firefox: sign in, decide by keys, undo, reload. (All else of the page is tested in Chromium.)"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import bidi
from tests.e2e.bidi import Page
from tests.e2e.conftest import FACES, Server

pytestmark = pytest.mark.long

READY = "deep('.card.loaded').length"
SAVED = "deep('.status')[0].dataset.state === 'saved'"


@pytest.fixture
def page(server: Server, tmp_path: Path) -> Iterator[Page]:
    """Review, opened by Ann, who typed her name."""
    if not bidi.FIREFOX:
        pytest.skip("no Firefox: apt-get install firefox-esr")
    with bidi.firefox(tmp_path / "profile") as page:
        page.goto(f"{server.address}/review?size=24")
        page.wait("deep('input').length")
        page.run("deep('input')[0].focus()")
        page.press(*"Ann", "Enter")
        page.wait(READY, seconds=60)
        yield page


def verdicts(page: Page, count: int) -> list[list[str]]:
    """(verdict, class name) as the first cards show them."""
    read = "deep(`.card[data-at='${at}']`).map((one) => [one.dataset.verdict, one.dataset.class])[0]"
    found = page.run(f"[...Array({count}).keys()].map((at) => {read})")
    return [list(pair) for pair in found]


def test_keys_undo_and_redo(page: Page, server: Server) -> None:
    page.press("1", "2", "3", "x", "b", "u")
    shown = [["accept", "none"], ["accept", "pout"], ["accept", "smile"], ["reject", ""], ["unsure", ""], ["", ""]]
    assert verdicts(page, 6) == shown
    page.wait(SAVED)
    kept = [("accept", 1, None), ("accept", 2, None), ("accept", 3, None), ("reject", None, "blurred"),
            ("unsure", None, None), (None, None, None)]  # fmt: skip
    assert server.verdicts()[:6] == kept
    assert server.rows("SELECT DISTINCT annotator FROM decisions") == [("Ann",)]
    page.press("z", "z")
    page.wait(SAVED)
    assert server.verdicts()[:6] == [*kept[:3], *[(None, None, None)] * 3]
    page.press("Shift+z")
    page.wait(SAVED)
    assert server.verdicts()[:6] == [*kept[:4], *[(None, None, None)] * 2]
    assert verdicts(page, 6) == [*shown[:4], ["", ""], ["", ""]]


def test_a_range_and_the_rest_of_the_page_survive_a_reload(page: Page, server: Server) -> None:
    page.press("Shift+ArrowRight", "Shift+ArrowRight", "3")
    page.press("1", "Enter")
    page.wait(SAVED)
    assert server.labels() == {"smile": 3, "none": 21}
    assert server.rows("SELECT count(DISTINCT step) FROM decisions") == [(3,)]
    page.reload()
    page.wait(f"deep('.page').some((one) => one.innerText.endsWith('of {FACES - 24}'))", seconds=60)
    assert verdicts(page, 1) == [["", ""]]
    page.press("z")  # the last step was made before the reload
    page.wait(SAVED)
    assert server.labels() == {"smile": 3, "none": 1}
