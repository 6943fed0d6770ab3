"""What can be opened on Review and on Collect, as opened.py has it for the other pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.e2e.accessible.reader import Reader
from tests.e2e.grid import press
from tests.e2e.test_accessible import settled
from tests.pipeline.photos import numbered_head


def _grid(ann: Reader, query: str = "state=all&size=24") -> Any:
    page = ann.goto(f"review?{query}")
    page.locator(".card.loaded").first.wait_for()
    return page


def review(ann: Reader) -> Iterator[str]:
    for key, opened in {"?": ".help", "g": ".guide", "f": ".over .photo.drawn", "i": ".inspector"}.items():
        page = _grid(ann)
        press(page, key)
        page.locator(opened).first.wait_for()
        yield f"{key}"
    for number in (2, 4):
        page = _grid(ann)
        press(page, *["Shift+ArrowRight"] * (number - 1), "c")
        page.locator(".compare figure").nth(number - 1).wait_for()
        yield f"{number} faces compared"
    page = _grid(ann)
    press(page, "e")
    page.keyboard.type("the lips are cut off at the left")
    press(page, "Enter")
    page.locator(".notes .thread li").first.wait_for()
    yield "a note"
    page.locator("[data-note=resolve]").first.click()
    page.locator(".notes .thread.settled").wait_for()
    yield "a note that is resolved"
    page = _grid(ann, "state=undecided&size=24")
    press(page, "x")
    yield "the reasons of a reject"
    press(page, "z")


def review_boxes(ann: Reader) -> Iterator[str]:
    page = _grid(ann, "state=all&size=24&quality=side:10:")
    page.locator(".st-key-review-more button").first.click()
    page.get_by_test_id("stPopoverBody").get_by_role("combobox").first.wait_for()
    settled(page)
    yield "the filters"
    page.get_by_test_id("stPopoverBody").get_by_role("combobox").last.click()
    page.get_by_role("listbox").wait_for()
    yield "the figures to choose from"
    page = _grid(ann)
    page.locator(".st-key-review-menu button").first.click()
    ann.button("Label all").click()
    page.get_by_role("dialog").first.wait_for()
    settled(page)
    yield "the question of Label all"
    page = _grid(ann)
    page.locator(".st-key-review-views button").first.click()
    ann.wait("stPopoverBody")
    ann.fill("Name of this view", "")
    page.locator(".st-key-review-view-save button").click()
    ann.wait("stAlertContentError")
    yield "a view without a name"


def collect(ann: Reader) -> Iterator[str]:
    page = ann.goto("collect")
    page.get_by_text(ann.word("Browse folders")).click()
    page.locator(".st-key-browse").get_by_role("combobox").wait_for()
    settled(page)
    yield "folders to browse"
    ann.fill("Folder, zip or photo", "/nowhere/at/all")
    ann.open("Options")
    ann.wait("stAlertContentError")
    yield "a path where nothing is"
    page = ann.goto("collect")
    ann.way("Upload")
    page.route("**/api/upload?name=cup*", lambda route: route.fulfill(status=507, json={"error": "the disk is full"}))
    page.locator("input.pick-files").set_input_files(
        [{"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": numbered_head(at)}
         for at, name in enumerate(("cup", "face"), 60)]
    )  # fmt: skip
    page.locator(".failed:visible").wait_for()
    yield "an upload that failed"
    page.locator(".failed .discard").click()
    page.locator(".failed").wait_for(state="hidden")


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
