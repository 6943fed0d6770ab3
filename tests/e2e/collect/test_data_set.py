"""A labelled data set in a real browser: recognised, imported by a job, and its doubts taken or left."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Server, running, visiting
from tests.pipeline.photos import numbered_head

pytestmark = pytest.mark.long


@pytest.fixture
def server(chromium: Any, tmp_path: Path) -> Iterator[Server]:
    yield from running(tmp_path)


def data_sets(root: Path) -> tuple[Path, Path]:
    """A folder of four photos, and a zip: a near copy of each of two, other labels, and what is no photo."""
    for number, place in enumerate(("train/none", "val/none", "train/smile", "val/smile")):
        (root / "mouths" / place).mkdir(parents=True)
        (root / "mouths" / place / f"{number}.jpg").write_bytes(numbered_head(number))
    with zipfile.ZipFile(root / "copies.zip", "w") as archive:
        archive.writestr("copies/none/0.jpg", numbered_head(0) + b"\0")
        archive.writestr("copies/none/2.jpg", numbered_head(2) + b"\0")
        archive.writestr("copies/none/broken.jpg", b"no photo")
    return root / "mouths", root / "copies.zip"


def test_a_data_set_comes_in_and_a_person_decides_on_its_doubts(chromium: Any, server: Server, tmp_path: Path) -> None:
    folder, archive = data_sets(tmp_path)
    with visiting(chromium, server, "collect", 1400, timeout_s=60) as page:
        page.get_by_text("Labelled data set", exact=True).click()
        path = page.get_by_label("Folder, zip or file of the data set")
        path.fill(str(folder))
        path.press("Enter")
        page.get_by_text("Recognised as class folders.").wait_for()
        page.get_by_role("button", name="Import", exact=True).click()
        page.get_by_text(f"{folder}, read as class folders; labels of mouths").wait_for()
        page.get_by_role("row", name="Labels taken as decisions 4").wait_for()
        page.get_by_role("row", name="Photos put into the data set's splits 4").wait_for()

        page.get_by_text("Upload", exact=True).last.click()
        page.locator(".pick-files").set_input_files(archive)
        page.get_by_text("copies.zip is here").wait_for()
        page.get_by_role("button", name="Import", exact=True).click()
        page.get_by_text("Labels that wait for your word · 2").wait_for()
        page.get_by_role("row", name="Not taken 1").wait_for()
        assert server.labels() == {"none": 2, "smile": 2}  # nobody has said a word yet
        page.get_by_text(
            "2.jpg: the data set says “none”. It looks like a photo that was here, labelled “smile”."
        ).wait_for()
        page.get_by_role("button", name="Take those of the same class · 1").click()
        page.get_by_text("Labels that wait for your word · 1").wait_for()
        page.get_by_role("button", name="Leave", exact=True).click()
        page.get_by_text("It looks like a photo that was here").wait_for(state="hidden")
        page.get_by_role("row", name="Labels that wait for your word 0").wait_for()
    said = server.rows("SELECT annotator, count(*) FROM decisions GROUP BY 1 ORDER BY 1")
    assert said == [("copies", 1), ("mouths", 4)]
    assert not any((server.workspace / ".incoming" / "datasets").iterdir())  # the upload was the job's own


def test_what_is_refused_is_told_and_waits_for_another_try(chromium: Any, server: Server, tmp_path: Path) -> None:
    folder, _ = data_sets(tmp_path)
    shutil.move(folder / "train" / "smile", folder / "train" / "grin")
    with visiting(chromium, server, "collect", 1400, timeout_s=60) as page:
        page.get_by_text("Labelled data set", exact=True).click()
        path = page.get_by_label("Folder, zip or file of the data set")
        path.fill(str(folder))
        path.press("Enter")
        page.get_by_text("Recognised as class folders.").wait_for()
        page.get_by_role("button", name="Import", exact=True).click()
        page.get_by_text("no class here is called grin").wait_for()
        assert server.rows("SELECT count(*) FROM images") == [(0,)]
        page.get_by_text("Recognised as class folders.").wait_for()  # the path was kept
        page.get_by_text("Options", exact=True).click()
        page.get_by_text("Make classes that are not here yet").click()
        page.get_by_role("button", name="Import", exact=True).click()
        page.get_by_text("Classes made: grin").wait_for()
    assert server.labels() == {"none": 2, "smile": 1, "grin": 1}
