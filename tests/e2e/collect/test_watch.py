"""A watched folder on Collect in a real browser: photos come, it is stopped, the server ends."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Server, running, visiting
from tests.pipeline.photos import numbered_head

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
expect = sync_api.expect
STATES = "SELECT state FROM jobs ORDER BY started_at, rowid"


@pytest.fixture
def server(chromium: Any, tmp_path: Path) -> Iterator[Server]:
    yield from running(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With one photo in it."""
    place = tmp_path / "crawl *1*"  # a name that Markdown would change
    place.mkdir()
    put(place, 0)
    return place


@pytest.fixture
def collect(chromium: Any, server: Server) -> Iterator[Any]:
    """Ann on Collect; a script error, or one in the server's log, fails."""
    with visiting(chromium, server, "collect", height=1000) as page:
        yield page


def put(folder: Path, number: int) -> None:
    """As a downloader does: under another name until it is whole."""
    (folder / f"{number}.part").write_bytes(numbered_head(number))
    (folder / f"{number}.part").rename(folder / f"{number}.jpg")


def start(collect: Any, folder: Path) -> None:
    collect.get_by_label("Folder, zip or photo").fill(str(folder))
    collect.keyboard.press("Enter")
    collect.get_by_text("Folder with 1 file").wait_for()
    collect.get_by_text("Keep watching").click()
    expect(collect.get_by_role("checkbox", name="Keep watching")).to_be_checked()
    collect.get_by_role("button", name="Start", exact=True).click()
    collect.get_by_text("Watching a folder").wait_for()


def told(collect: Any, text: str) -> None:
    collect.get_by_text(text).wait_for()


def test_what_is_put_into_the_folder_comes_until_it_is_stopped(collect: Any, server: Server, folder: Path) -> None:
    start(collect, folder)
    told(collect, "1 new file came")
    expect(collect.get_by_text(f"{folder}, since")).to_be_visible()
    put(folder, 1)
    told(collect, "2 new files came")
    collect.get_by_role("link", name="Review 2").wait_for()  # the rest of the page follows
    collect.reload()
    told(collect, "2 new files came")
    told(collect, "Stop watching, and other photos can be collected.")
    put(folder, 2)
    told(collect, "3 new files came")
    collect.get_by_role("button", name="Stop watching").click()
    told(collect, "is not watched any more: 3 added; 3 new faces.")
    assert server.rows(STATES) == [("cancelled",)]
    put(folder, 3)
    collect.get_by_role("button", name="Go on watching").click()
    told(collect, "1 new file came")
    assert server.rows("SELECT count(*) FROM faces") == [(4,)]
    assert server.rows(STATES) == [("cancelled",), ("running",)]


def test_it_ends_with_the_server_which_offers_to_go_on(collect: Any, server: Server, folder: Path) -> None:
    start(collect, folder)
    told(collect, "1 new file came")
    server.stop(signal.SIGKILL)
    server.start()
    collect.reload()
    told(collect, "The server that watched the folder has ended")
    assert server.rows(STATES) == [("interrupted",)]
    put(folder, 1)
    collect.get_by_role("button", name="Go on watching").click()
    told(collect, "1 new file came")
    assert server.rows(STATES) == [("interrupted",), ("running",)]


def test_a_watch_that_was_killed_is_told(collect: Any, server: Server, folder: Path) -> None:
    start(collect, folder)
    told(collect, "1 new file came")
    ((pid,),) = server.rows("SELECT pid FROM jobs")
    os.kill(pid, signal.SIGKILL)
    told(collect, "Its process ended with code -9")
    expect(collect.get_by_role("button", name="Go on watching")).to_be_visible()
