"""Export in a real browser: the preview, a folder, and a zip to download."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path
from typing import Any

import pytest

from db.store.locks import export_lock
from db.store.store import Db, Store
from db.tables import provenance
from pipeline.core.records import Provenance
from tests.e2e.conftest import FACES, Server, visiting
from tests.e2e.grid import becomes
from tests.pipeline import commands as cli

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
CLASSES = ("none", "pout", "smile", "openmouth")
UNFOLDED = """() => [...document.querySelectorAll("details[open]")].some((one) =>
  one.scrollHeight <= one.clientHeight + 1 && !one.getAnimations().length)"""
"""The options are at their full height: while they grow they scroll, and a list that is open closes."""


def choose(page: Any, box: Any, name: str) -> None:
    """Out of a list that was opened; the page closes it when it scrolls under it, so it may have to be opened again."""
    option = page.get_by_role("option", name=name, exact=True)
    for _ in range(10):
        try:
            option.wait_for(timeout=5000)
        except sync_api.TimeoutError:
            box.press("ArrowDown")
        else:
            break
    option.click()


@pytest.fixture
def decided(server: Server, tmp_path: Path) -> Server:
    """All 60 faces accepted, 15 a class."""
    faces = [face for (face,) in server.rows("SELECT id FROM faces ORDER BY seq")]
    with (tmp_path / "decisions.csv").open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["face_id", "verdict", "label", "reason"])
        table.writerows([face, "accept", CLASSES[number % 4], ""] for number, face in enumerate(faces))
    done = cli.call("decide", tmp_path / "decisions.csv", "--annotator", "Ada", "--workspace", server.workspace)
    assert done.returncode == 0, done.stderr
    return server


@pytest.mark.long
def test_a_folder_and_a_zip_hold_the_same_release(chromium: Any, decided: Server, tmp_path: Path) -> None:
    context = chromium.new_context()
    context.request.post(f"{decided.address}/api/sign-in", data={"name": "Ada"}, headers={"Origin": decided.address})
    page = context.new_page()
    page.goto(f"{decided.address}/export")
    page.get_by_role("button", name=f"Export {FACES} crops").click()
    page.get_by_text(f"{FACES} crops in").wait_for()
    path = page.get_by_test_id("stCode").filter(has_text="train_val_data").first
    path.hover()
    path.get_by_role("button", name="Copy").wait_for()
    page.get_by_text("Zip to download").click()
    page.get_by_text("Replace the earlier export").wait_for(state="hidden")
    page.get_by_role("button", name=f"Export {FACES} crops").click()
    with page.expect_download() as coming:
        page.get_by_text("Download the zip").click()
    coming.value.save_as(tmp_path / "got.zip")
    context.close()
    root = decided.workspace / "releases" / "train_val_data"
    written = {
        path.relative_to(root.parent).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }
    with zipfile.ZipFile(tmp_path / "got.zip") as archive:
        fetched = {name: archive.read(name) for name in archive.namelist()}
    assert fetched == written
    images = [name for name in written if name.endswith(".png")]
    assert len(images) == FACES
    assert {tuple(name.split("/")[1:3]) for name in images} == {(s, c) for s in ("train", "val") for c in CLASSES}


@pytest.mark.long
def test_an_export_is_cancelled_and_the_next_one_made(chromium: Any, decided: Server) -> None:
    with visiting(chromium, decided, "export", name="Ada") as page:
        button = page.get_by_role("button", name=f"Export {FACES} crops")
        with export_lock(decided.workspace):  # it waits here
            button.click()
            page.get_by_role("button", name="Cancel").click()
            page.get_by_text("Stopping; nothing of it will be left.").wait_for()
            page.get_by_text("Started by Ada").wait_for()
        page.get_by_text("train_val_data was cancelled: nothing of it is left.").wait_for()
        assert list((decided.workspace / "releases").glob("*")) == []
        page.reload()
        page.get_by_text("train_val_data was cancelled: nothing of it is left.").wait_for()
        button.click()
        page.get_by_text(f"{FACES} crops in").wait_for()


def tell(server: Server, numbers: range, licence: str) -> None:
    """A list of addresses told this licence of these photos."""
    found = server.rows("SELECT source_id, location FROM sightings ORDER BY id")

    def work(db: Db) -> None:
        for number in numbers:
            told = Provenance(f"https://img.example/{number}.jpg", licence=licence)
            provenance.put(db, *found[number], told, "2026-03-01T00:00:00.000Z")

    with Store.open(server.workspace) as store:
        store.write(work)


@pytest.mark.long
def test_only_photos_under_the_chosen_licences_leave(chromium: Any, decided: Server) -> None:
    tell(decided, range(40), "CC BY 4.0")
    tell(decided, range(40, 50), "CC0 1.0")
    with visiting(chromium, decided, "export", 1400, name="Ada") as page:
        page.get_by_text("Options", exact=True).click()
        page.wait_for_function(UNFOLDED)
        page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        licences = page.get_by_role("combobox", name="Only photos under these licences")
        licences.click()
        choose(page, licences, "CC BY 4.0")
        page.get_by_text("Left out: 20 accepted faces under other licences: CC0 1.0 (10), None known (10).").wait_for()
        page.keyboard.press("Escape")  # the open list hides the rest from readers
        page.get_by_role("listbox").wait_for(state="hidden")  # while it goes a click would only close it
        page.get_by_role("button", name="Export 40 crops").wait_for()
        tell(decided, range(50, 60), "CC0 1.0")  # meanwhile
        licences.press("ArrowDown")  # opens it also where it has the focus
        page.get_by_role("option", name="CC0 1.0", exact=True).click()
        page.get_by_text("under other licences:").wait_for(state="hidden")
        page.get_by_text("CC BY 4.0: 40 · CC0 1.0: 20").wait_for()
        page.keyboard.press("Escape")
        page.get_by_role("button", name=f"Export {FACES} crops").wait_for()
        page.get_by_label("Remove CC0 1.0").click()
        page.get_by_role("button", name="Export 40 crops").click()
        page.get_by_text("40 crops in").wait_for()
    root = decided.workspace / "releases" / "train_val_data"
    with (root / "attribution.csv").open(newline="", encoding="utf-8") as stream:
        assert {row["licence"] for row in csv.DictReader(stream)} == {"CC BY 4.0"}
    assert len(list(root.rglob("*.png"))) == 40


@pytest.mark.long
def test_folds_are_chosen_written_and_then_left_where_they_are(chromium: Any, decided: Server) -> None:
    with visiting(chromium, decided, "export", name="Ada") as page:
        page.get_by_text("Options", exact=True).click()
        page.wait_for_function(UNFOLDED)
        page.get_by_text("Folds", exact=True).click()
        page.get_by_role("spinbutton", name="How many folds").wait_for()
        page.get_by_role("button", name=f"Export {FACES} crops").click()
        page.get_by_text(f"{FACES} crops in").wait_for()
        page.get_by_text("train and val", exact=True).click()
        page.get_by_text(f"Leave photos where earlier releases of this name have them · {FACES}").wait_for()
        page.get_by_text(f"Not where the release before has them: {FACES} photos").wait_for()
    root = decided.workspace / "releases" / "train_val_data"
    per_class = [len(list((root / f"fold{n}" / name).glob("*.png"))) for n in range(1, 6) for name in CLASSES]
    assert sum(per_class) == FACES
    assert {2, 3, 4} >= set(per_class)  # 15 faces a class, three in a fold, one more or less is allowed


@pytest.mark.long
def test_two_releases_are_compared_with_the_crops_of_both(chromium: Any, decided: Server, tmp_path: Path) -> None:
    """One face gets another class between them, and one is rejected."""
    faces = [face for (face,) in decided.rows("SELECT id FROM faces ORDER BY seq LIMIT 2")]
    cli_words = ("export", "--workspace", decided.workspace, "--name", "mouths")
    for number, rows in enumerate(([], [[faces[0], "accept", "smile", ""], [faces[1], "reject", "", "blurred"]])):
        with (tmp_path / "more.csv").open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([["face_id", "verdict", "label", "reason"], *rows])
        if rows:
            done = cli.call("decide", tmp_path / "more.csv", "--annotator", "Ada", "--workspace", decided.workspace)
            assert done.returncode == 0, done.stderr
        done = cli.call(*cli_words, "--out", tmp_path / f"mouths-{number}")
        assert done.returncode == 0, done.stderr
    with visiting(chromium, decided, "export?section=compare", 1400, name="Ada") as page:
        page.get_by_text("Other class · 1").wait_for()
        page.get_by_text("Removed · 1").click()
        page.get_by_role("row").filter(has_text="pout").wait_for()
        page.get_by_text("Other class · 1").click()
        row = page.get_by_role("row").filter(has_text="smile")
        row.wait_for()
        becomes(lambda: "none" in row.inner_text())  # as the earlier one has it
        pictures = row.locator("img")
        becomes(lambda: pictures.count(), 2)
        page.wait_for_function(
            "() => [...document.querySelectorAll('.moue-releases img')].every((one) => one.naturalWidth > 0)"
        )
        page.get_by_role("combobox", name="To").wait_for()
