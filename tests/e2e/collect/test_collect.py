"""Collect in a real browser: a folder, an upload, the sample photos."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Server, running
from tests.e2e.grid import becomes
from tests.pipeline.made import write_photos


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Server]:
    """A server on an empty workspace."""
    yield from running(tmp_path)


@pytest.fixture
def page(chromium: Any, fresh: Server) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.request.post(f"{fresh.address}/api/sign-in", data={"name": "Ada"}, headers={"Origin": fresh.address})
    page = context.new_page()
    page.goto(fresh.address)
    yield page
    context.close()


def sightings(server: Server) -> dict[str, str]:
    return dict(server.rows("SELECT location, outcome FROM sightings"))


def test_a_folder_from_the_first_screen_to_the_counts(page: Any, fresh: Server, tmp_path: Path) -> None:
    photos = write_photos(tmp_path / "photos")
    page.get_by_role("button", name="Point at a folder").click()
    page.get_by_text("Browse folders").click()
    page.get_by_role("combobox", name="Folders that may be read here").wait_for()
    page.get_by_label("Folder, zip or photo").fill(str(photos))
    page.get_by_role("button", name="Start", exact=True).click()  # nobody pressed Enter: one click is enough
    page.get_by_text("Last run: 1 added, 2 no face found").wait_for()
    page.get_by_role("link", name="Review 1").wait_for()
    assert sightings(fresh) == {
        str(photos / "astronaut.png"): "added",
        str(photos / "afar.png"): "no_face",
        str(photos / "cup.png"): "no_face",
        str(photos / "notes.txt"): "unsupported",
        str(photos / "broken.jpg"): "undecodable",
    }


@pytest.mark.long
def test_an_upload_with_a_zip_and_proposing_folders(page: Any, fresh: Server, tmp_path: Path) -> None:
    photos = write_photos(tmp_path / "photos")
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.write(photos / "astronaut.png", "smile/face.png")
    page.get_by_role("button", name="Upload").click()
    page.get_by_text("Drop photos, folders or zip files here").wait_for()
    page.locator("input.pick-files").set_input_files([photos / "cup.png", tmp_path / "more.zip", photos / "notes.txt"])
    page.get_by_text("Last run: 1 added, 1 no face found, 1 not a photo").wait_for()
    assert sightings(fresh) == {"cup.png": "no_face", "more.zip!smile/face.png": "added", "notes.txt": "unsupported"}
    assert fresh.rows("SELECT c.name FROM images i JOIN classes c ON c.id = i.proposal") == [("smile",)]
    uploads = fresh.workspace / ".incoming" / "uploads"
    assert [path for path in uploads.rglob("*") if path.is_file()] == []


@pytest.mark.long
def test_a_refused_upload_is_told_and_can_be_tried_again(page: Any, fresh: Server, tmp_path: Path) -> None:
    photos = write_photos(tmp_path / "photos")
    page.get_by_role("button", name="Upload").click()
    page.get_by_text("Drop photos, folders or zip files here").wait_for()
    page.route(
        "**/api/upload?name=cup.png*", lambda route: route.fulfill(status=507, json={"error": "the disk is full"})
    )
    page.locator("input.pick-files").set_input_files([photos / "cup.png", photos / "astronaut.png"])
    page.get_by_text("1 file was not uploaded; 1 arrived.").wait_for()
    page.get_by_text("cup.png: the disk is full").wait_for()
    page.unroute("**/api/upload?name=cup.png*")
    page.get_by_role("button", name="Try these again").click()
    page.get_by_text("Last run: 1 added, 1 no face found").wait_for()
    assert sightings(fresh) == {"cup.png": "no_face", "astronaut.png": "added"}


@pytest.mark.long
def test_the_sample_photos_load_from_the_first_screen(page: Any, fresh: Server) -> None:
    choice = page.locator(".st-key-choice-sample")
    before = choice.bounding_box()
    page.get_by_role("button", name="Load sample photos").click()
    page.get_by_text("Making the photos").wait_for()
    becomes(lambda: choice.get_by_text("A dozen and more portraits").count(), 0)  # the wait stands there
    becomes(lambda: choice.bounding_box() if choice.count() else before, before)  # Collect may be there already
    page.get_by_text("Last run:").wait_for()
    found = sightings(fresh)
    assert len(found) >= 12
    assert list(found.values()).count("no_face") == 1
    assert fresh.rows("SELECT kind, location FROM sources") == [("sample", "Sample photos")]
