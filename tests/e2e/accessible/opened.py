"""What can be opened on each page, and what it says where something is wrong: one generator a page.

Each yields the name of a state while it is on the screen, found by keys or by its words in the reader's language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from pages._components.streamlit_labels import LABELS
from pages._words import translate
from tests.e2e.accessible.reader import Reader
from tests.e2e.grid import becomes, until
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


def clean(ann: Reader) -> Iterator[str]:
    page = ann.goto("clean?outcome=added")
    page.locator("[data-act=draw]").first.click()
    stage = page.locator("dialog[open] .stage")
    before = stage.bounding_box()
    page.mouse.move(at := before["x"] + before["width"] / 2, before["y"] + 200)
    page.mouse.down()
    page.mouse.move(at + 6, before["y"] + 206)
    page.mouse.up()
    page.locator("dialog[open] .message:not(:empty)").wait_for()
    becomes(stage.bounding_box, before)  # else the photo moves under the hand
    yield "a box that is too small"
    page.keyboard.press("Escape")
    page.locator("[data-act=move]").first.click()
    page.locator("dialog[open] .preview").wait_for()
    yield "a crop that is moved"
    page.keyboard.press("Escape")
    page.locator(".row .picture").first.click()
    page.locator("dialog[open]").wait_for()
    hint = page.locator("dialog[open] .hint")
    becomes(hint.inner_text, ann.word("Wheel zooms, dragging pans."))  # of no colours: nothing is drawn on it
    yield "the original, large"


def export(ann: Reader) -> Iterator[str]:
    page = ann.goto("export")
    ann.open("Options")
    ann.fill("Rejected faces as a class of this name", "smile")
    ann.wait("stAlertContentError")
    yield "the options, one of them refused"
    ann.fill("Rejected faces as a class of this name", "")
    formats = page.locator(".st-key-formats")
    before = formats.bounding_box()["height"]
    formats.locator("input").focus()
    becomes(lambda: formats.bounding_box()["height"], before)  # else what lies below goes away under the pointer
    page.locator(".st-key-formats input").fill("zzz")
    listed = page.get_by_role("listbox")
    becomes(listed.inner_text, translate(ann.language, LABELS["No results"]) if ann.language != "en" else "No results")
    yield "no format of that name"
    page.locator(".st-key-formats input").fill("")
    page.keyboard.press("Escape")
    for name, shape in (("one", "Folder on this server"), ("two", "Zip to download")):
        ann.way(shape)
        field = page.locator(".st-key-name input")
        field.fill(name)
        field.press("Tab")
        page.locator(".st-key-export button:enabled").click()
        page.get_by_test_id("stAlertContentSuccess").filter(has_text=f"releases/{name}").wait_for(timeout=60_000)
    ann.open("How to load it")
    for copy in page.locator("[data-testid=stCode] button").all():
        becomes(copy.is_visible)  # also where nothing hovers
    yield "what was written, and how it is loaded"
    ann.goto("export?section=compare")
    ann.wait("stAlertContentSuccess")
    yield "two releases that are alike"
    page = ann.goto("export?section=check")
    yield "releases that can be checked"
    page.locator(".st-key-check-release button").click()
    ann.wait("stAlertContentSuccess")
    yield "a release that is as it was made"


def compare(ann: Reader) -> Iterator[str]:
    page = ann.goto("compare")
    page.locator(".st-key-compare-run button").click()
    page.locator(".stMain figure").or_(page.locator(".st-key-compare-all")).first.wait_for(timeout=60_000)
    settled(page)
    yield "what two detectors found"


def duplicates(ann: Reader) -> Iterator[str]:
    page = ann.goto("duplicates")
    page.locator(".group .card").first.wait_for()
    page.locator(".tools [data-act=help]").click()
    yield "the keys of Duplicates"
    page.keyboard.press("Escape")
    page.route("**/api/image/unified/**", lambda route: None)  # they are long in coming
    page.locator(".tools [data-act=large]").click()
    becomes(lambda: page.locator(".large .whole").first.bounding_box()["height"] > 100)  # nothing moves when they come
    yield "the photos of a group, large"
    page.unroute("**/api/image/unified/**")
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    page.locator(".group[data-state=resolved]").first.wait_for()
    yield "a group that is resolved"


def review(ann: Reader) -> Iterator[str]:
    page = ann.goto("review?size=24&state=all")
    page.locator(".card.loaded").first.wait_for()
    page.keyboard.press("x")
    page.locator(".armed .reason").first.wait_for()
    yield "the reasons of a rejection"
    page.keyboard.press("z")
    page.keyboard.press("e")
    field = page.locator(".notes textarea")
    field.fill("Is this a smile? " * 12)
    becomes(lambda: field.bounding_box()["height"] > 60)  # more than one line is read as it is typed
    field.press("Control+Enter")
    page.locator(".thread li").wait_for()
    page.keyboard.press("Escape")
    yield "a note in its thread"
    for key, opened in (("c", ".compare"), ("g", ".guide")):
        page.keyboard.press(key)
        page.locator(opened).wait_for()
        page.locator(opened).get_by_role("button").last.click(trial=True)  # else the details lie over it
        for button in page.locator(opened).get_by_role("button").all():
            becomes(partial(button.evaluate, "one => one.scrollWidth <= one.clientWidth"))  # nothing of it is cut off
        yield f"{key} over the details of a face"
        page.keyboard.press("Escape")
        page.locator(opened).wait_for(state="hidden")


PAGES: Final[dict[str, Opened]] = {
    "Overview": overview, "Backups": backups, "The header": header, "Clean": clean, "Export": export,
    "Duplicates": duplicates, "Compare": compare, "Review": review,
}  # fmt: skip
