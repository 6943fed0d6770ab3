"""What can be opened on each page, and what it says where something is wrong: one generator a page.

Each yields the name of a state while it is on the screen, found by keys or by its words in the reader's language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from tests.e2e.accessible.opened_over_photos import collect, collect_web, review, review_boxes
from tests.e2e.accessible.reader import Reader
from tests.e2e.grid import press, until
from tests.e2e.test_accessible import settled

Opened = Callable[[Reader], Iterator[str]]


def clean(ann: Reader) -> Iterator[str]:
    page = ann.goto("clean")
    page.locator(".row").first.wait_for()
    ann.open("Process again")
    page.locator(".st-key-again-start button").wait_for()
    page.locator(".st-key-again-start button").click()
    ann.wait("stAlertContentWarning")
    yield "process again, with nothing changed"
    page = ann.goto("clean?outcome=undecodable")
    page.locator(".row").first.wait_for()
    yield "the broken photos"
    page = ann.goto("clean?outcome=no_face")
    page.locator("[data-act=erase]").first.click()
    page.get_by_role("dialog").first.wait_for()
    yield "the question of Erase"
    page = ann.goto("clean?outcome=no_face")
    page.locator("[data-act=draw]").first.click()
    page.locator("dialog[open]").wait_for()
    press(page, "ArrowRight")
    yield "a face that is drawn"
    press(page, *["Shift+ArrowLeft"] * 150)
    page.locator(".editor .message:not(:empty)").wait_for()
    yield "a face that is too small"
    page = ann.goto("clean?outcome=added")
    page.locator("[data-act=move]").first.click()
    page.locator("dialog[open] .preview:not([hidden])").wait_for()
    yield "a crop that is moved"
    press(page, "Escape")
    page.locator(".row button.picture").nth(1).click()
    page.locator("dialog[open]").wait_for()
    yield "what the machine saw, large"


def classes(ann: Reader) -> Iterator[str]:
    page = ann.goto("classes")
    ann.fill("New class", "smile")
    page.locator("[data-testid=stFormSubmitButton] button").click()
    ann.wait("stAlertContentError")
    yield "a name that is taken"
    ann.button("Archive").nth(2).click()
    page.get_by_role("link", name=ann.word("See its faces in Review")).wait_for()
    settled(page)
    yield "a class in use that is to be put away"
    ann.fill("New class", "a class with a rather long name indeed")
    page.locator("[data-testid=stFormSubmitButton] button").click()
    ann.button("Archive").nth(4).wait_for()
    settled(page)
    yield "a class more"
    ann.goto("export")
    page.get_by_role("link", name=ann.word("Look for some in Review")).first.wait_for()
    yield "a class without faces, which holds up an export"
    ann.goto("classes")
    ann.button("Archive").nth(4).click()
    ann.button("Bring back").first.wait_for()
    settled(page)
    page.locator(".stColorPicker button, [data-testid=stColorPickerBlock]").first.click()
    yield "an archived class, and a colour that is chosen"
    press(page, "Escape")
    ann.button("Bring back").first.click()
    settled(page)
    ann.button("Archive").nth(4).click()
    settled(page)


def export(ann: Reader) -> Iterator[str]:
    page = ann.goto("export")
    ann.open("Options")
    ann.way("train, val and test")
    ann.way("The whole face")
    ann.way("JPEG")
    yield "the options, and what is worth a thought"
    ann.way("Folds")
    yield "folds"
    ann.fill("Another folder than the one shown (optional)", "relative/folder")
    ann.wait("stAlertContentError")
    yield "a folder that is refused"
    ann.fill("Another folder than the one shown (optional)", "")
    page.locator(".st-key-export button:enabled").click()
    page.get_by_test_id("stAlertContentSuccess").or_(page.get_by_test_id("stAlertContentError")).first.wait_for()
    settled(page)
    if page.get_by_test_id("stAlertContentSuccess").count():
        ann.open("How to load it")
    yield "what was made, and how it is loaded"
    page.locator(".st-key-export button:enabled").click()
    ann.wait("stAlertContentError")
    yield "an export that is there already"
    ann.goto("export?section=compare")
    yield "releases compared"


def suggestions(ann: Reader) -> Iterator[str]:
    for slug, ready in {
        "scores": ".moue-matrix", "slips": ".slips .kind img", "map": ".map[data-ready]", "photo": ".box .files",
        "models": "[data-testid=stFileUploader]",
    }.items():  # fmt: skip
        page = ann.goto(f"suggestions?section={slug}")
        page.locator(ready).first.wait_for()
        if slug == "photo":
            page.locator(".pick-files").set_input_files(
                {"name": "notes.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"}
            )
            page.locator(".box .trouble:visible").wait_for()
        yield slug
    page.locator("input[type=file]").set_input_files(
        {"name": "theirs.csv", "mimeType": "text/csv", "buffer": b"face_id,class,confidence\n0,grin,0.9\n"}
    )
    settled(page)
    ann.fill("Name of the model", "resnet")
    page.locator(".st-key-predictions-take button:enabled").click()
    ann.wait("stAlertContentError")
    yield "a file of suggestions that is refused"


def duplicates(ann: Reader) -> Iterator[str]:
    page = ann.goto("duplicates?show=all")
    page.locator(".group").first.wait_for()
    yield "all groups"
    page.locator("[data-act=help]").click()
    page.locator(".help").first.wait_for()
    yield "the keys"
    press(page, "Escape")
    page.locator("[data-act=large]").first.click()
    page.locator(".large img").first.wait_for()
    yield "large"
    press(page, "Escape")
    press(page, "k")
    page.locator(".group[data-state=resolved]").first.wait_for()
    yield "a group that is resolved"
    press(page, "z")
    page.locator(".group[data-state=resolved]").first.wait_for(state="detached")


def progress(ann: Reader) -> Iterator[str]:
    page = ann.goto("progress")
    drawers = page.locator("[data-testid=stExpander] summary")
    for at in range(drawers.count()):
        drawers.nth(at).click()
        settled(page)
    yield "all drawers"


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
    "Clean": clean, "Classes": classes, "Export": export, "Suggestions": suggestions, "Review": review,
    "Review's boxes": review_boxes, "Collect": collect, "Collect from the web": collect_web, "Duplicates": duplicates,
    "Progress": progress, "Overview": overview, "Backups": backups, "The header": header,
}  # fmt: skip
