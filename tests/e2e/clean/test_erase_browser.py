"""A photo is erased from the Clean page: a dialog says what goes and what stays; nothing goes before the answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Server, running, visiting
from tests.e2e.grid import becomes, until
from tests.pipeline import commands as cli
from tests.pipeline.made import sha_of
from tests.pipeline.photos import numbered_head

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
expect = sync_api.expect


@pytest.fixture
def three(chromium: Any, tmp_path: Path) -> Iterator[Server]:
    """Three photos, all decided on, and a backup that holds them."""
    (tmp_path / "photos").mkdir()
    for number in (1, 2, 3):
        (tmp_path / "photos" / f"{number}.jpg").write_bytes(numbered_head(number))
    cli.ingest(tmp_path / "workspace", tmp_path / "photos", "--copy")
    verdicts = [f"{face},accept,smile,\n" for (face,) in cli.rows(tmp_path / "workspace", "SELECT id FROM faces")]
    (tmp_path / "decisions.csv").write_text("face_id,verdict,label,reason\n" + "".join(verdicts))
    (tmp_path / "workspace" / "backups").mkdir(exist_ok=True)
    for words in (
        ("decide", tmp_path / "decisions.csv", "--annotator", "Ann"),
        ("backup", tmp_path / "workspace" / "backups" / "mine.db"),
    ):
        done = cli.call(*words, "--workspace", tmp_path / "workspace")
        assert done.returncode == 0, done.stderr
    yield from running(tmp_path)


def files_of(server: Server, sha256: str, faces: list[str]) -> list[Path]:
    return [path for path in server.workspace.rglob("*") if path.is_file() and path.stem in {sha256, *faces}]


@pytest.mark.long
def test_a_photo_is_erased_with_its_backup_after_the_dialog_was_answered(chromium: Any, three: Server) -> None:
    sha256 = sha_of(three.workspace.parent / "photos" / "2.jpg")
    faces = [face for (face,) in three.rows(f"SELECT id FROM faces WHERE sha256 = '{sha256}'")]
    before = files_of(three, sha256, faces)
    assert len(before) >= 3  # original, thumbnail, crop
    with visiting(chromium, three, "clean") as screen:
        rows = screen.locator(".row")
        expect(rows).to_have_count(3)
        row = rows.filter(has=screen.get_by_text("2.jpg", exact=True))
        row.get_by_role("button", name="Erase this photo").click()
        dialog = screen.get_by_role("dialog")
        dialog.get_by_text("its copy here, 1 face").wait_for()
        dialog.get_by_text("1 decision in the log").wait_for()
        dialog.get_by_role("button", name="Keep it").click()
        dialog.wait_for(state="hidden")
        assert files_of(three, sha256, faces) == before
        row.get_by_role("button", name="Erase this photo").click()
        dialog.get_by_text("Also delete the backups that hold it (1)").click()
        dialog.get_by_role("button", name="Erase for good").click()
        screen.get_by_text("2.jpg was erased").wait_for()
        dialog.wait_for(state="hidden")
        expect(rows).to_have_count(2)
        until(screen, lambda: files_of(three, sha256, faces) == [], 30)
    assert three.rows(f"SELECT count(*) FROM images WHERE sha256 = '{sha256}'") == [(0,)]
    assert three.rows("SELECT count(*) FROM decisions") == [(3,)]
    assert not (three.workspace / "backups" / "mine.db").exists()
    ((who, what),) = three.rows("SELECT annotator, action FROM audit WHERE action = 'erase'")
    assert (who, what) == ("Ann", "erase")


@pytest.mark.long
def test_who_may_not_erase_is_told_why(chromium: Any, three: Server) -> None:
    """Ann decided first, so she is the owner; whom she has not made one may not."""
    context = chromium.new_context()
    origin = {"Origin": three.address}
    assert context.request.post(f"{three.address}/api/sign-in", data={"name": "Bob"}, headers=origin).ok
    screen = context.new_page()
    screen.goto(f"{three.address}/clean")
    button = screen.get_by_role("button", name="Erase this photo").first
    expect(button).to_be_disabled()
    becomes(lambda: "owner" in (button.get_attribute("title") or ""))
    context.close()
