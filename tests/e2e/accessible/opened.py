"""What can be opened on each page, and what it says where something is wrong: one generator a page.

Each yields the name of a state while it is on the screen, found by keys or by its words in the reader's language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from tests.e2e.accessible.reader import Reader
from tests.e2e.grid import until
from tests.e2e.test_accessible import settled

Opened = Callable[[Reader], Iterator[str]]


def overview(ann: Reader) -> Iterator[str]:
    page = ann.goto("")
    ann.open("Check the workspace")
    page.locator(".st-key-check button").click()
    page.get_by_test_id("stAlertContentError").or_(page.get_by_test_id("stAlertContentSuccess")).first.wait_for()
    settled(page)
    yield "what the check of the workspace found"


def header(ann: Reader) -> Iterator[str]:
    """On a narrow window the pages are in a drawer at the side."""
    page = ann.goto("progress")
    if page.get_by_test_id("stExpandSidebarButton").is_visible():
        page.get_by_test_id("stExpandSidebarButton").click()
        settled(page)
        yield "the pages"
        page = ann.goto("progress")
    page.get_by_role("button", name="Ann", exact=True).click()
    yield "the corner"


def backups(ann: Reader) -> Iterator[str]:
    page = ann.goto("team?section=backups")
    if not page.get_by_text(ann.word("Put a backup back")).count():
        page.locator(".st-key-backup-now button").click()
        page.get_by_text(ann.word("Put a backup back")).first.wait_for(timeout=60_000)
        settled(page)
    ann.open("Put a backup back")
    page.get_by_text(ann.word("Put it in the place of what is there now")).click()
    until(page, lambda: page.locator(".st-key-put-back button:enabled").count() == 1)
    yield "a backup that is put back"


PAGES: Final[dict[str, Opened]] = {
    "Overview": overview, "Backups": backups, "The header": header,
}  # fmt: skip
