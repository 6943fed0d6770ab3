"""Export in a real browser: the preview, a folder, and a zip to download."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import FACES, Server
from tests.pipeline import cli

CLASSES = ("none", "pout", "smile", "openmouth")


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


def test_a_folder_and_a_zip_hold_the_same_release(chromium: Any, decided: Server, tmp_path: Path) -> None:
    context = chromium.new_context()
    context.set_default_timeout(30_000)
    context.request.post(f"{decided.address}/api/sign-in", data={"name": "Ada"}, headers={"Origin": decided.address})
    page = context.new_page()
    page.goto(f"{decided.address}/export")
    page.get_by_role("button", name=f"Export {FACES} crops").click()
    page.get_by_text(f"{FACES} crops in").wait_for()
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
