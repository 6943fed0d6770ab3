"""What can be opened on each page, and what it says where something is wrong: one generator a page.

Each yields the name of a state while it is on the screen, found by keys or by its words in the reader's language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tests.e2e.accessible.reader import Reader
from tests.e2e.grid import until
from tests.e2e.test_accessible import settled

Opened = Callable[[Reader], Iterator[str]]


def collect_web(ann: Reader) -> Iterator[str]:
    page = ann.goto("collect")
    ann.way("Image search")
    ann.open("Options")
    ann.open("Google")
    page.locator(".st-key-start-search button").click()
    ann.wait("stAlertContentError")
    yield "a search without keywords"
    ann.goto("collect")
    ann.way("List of addresses")
    ann.open("Options")
    page.locator(".st-key-start-list button").click()
    ann.wait("stAlertContentError")
    yield "a list without addresses"
    ann.goto("collect")
    ann.way("Labelled data set")
    ann.open("Options")
    ann.fill("Folder, zip or file of the data set", str(Path(ann.server.workspace).parent))
    page.get_by_test_id("stAlertContentWarning").or_(
        page.locator(".st-key-start-import button:enabled")
    ).first.wait_for()
    settled(page)
    yield "a data set, and how it is taken"
    ann.goto("collect")
    ann.way("Video")
    page.locator(".st-key-start-video button").click()
    ann.wait("stAlertContentError")
    yield "a video without a path"
    ann.goto("collect")
    ann.open("Move or remove a source")
    ann.fill("Where it lies now", "/nowhere")
    page.locator(".st-key-source-relink button").click()
    ann.wait("stAlertContentError")
    page.get_by_text(ann.word("I want this source out of the workspace")).click()
    settled(page)
    yield "a source that is moved or removed"


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
    "Collect from the web": collect_web, "Overview": overview, "Backups": backups, "The header": header,
}  # fmt: skip
