"""Uploads of any size in a real browser: videos and lists in parts, over broken lines and restarts, or taken back."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.e2e.conftest import Server, running
from tests.e2e.grid import becomes
from tests.pipeline import commands as cli
from tests.pipeline.clips import write_clip
from tests.pipeline.photos import numbered_head
from tests.web import engines as played
from tests.web.proxy import Web

pytestmark = pytest.mark.long

PART = 8 * 1024 * 1024


@pytest.fixture
def server(chromium: Any, tmp_path: Path) -> Iterator[Server]:
    yield from running(tmp_path)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with Web({"img.example": played.photos(numbered_head)}, tmp_path) as web:
        yield web


@pytest.fixture
def collect(chromium: Any, server: Server) -> Iterator[Callable[..., Any]]:
    """`collect()` is Ann on Collect; a script error, or one in the server's log, fails."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    address = server.address
    assert context.request.post(f"{address}/api/sign-in", data={"name": "Ann"}, headers={"Origin": address}).ok
    errors: list[str] = []

    def open_page() -> Any:
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{address}/collect")
        return page

    yield open_page
    context.close()
    assert errors == []
    assert "Traceback" not in (told := server.log.read_text()), told


def head(number: int) -> Any:
    """RGB, 320 x 320."""
    found = cv2.imdecode(np.frombuffer(numbered_head(number), np.uint8), cv2.IMREAD_COLOR)
    assert found is not None
    return np.ascontiguousarray(cv2.resize(found, (320, 320), interpolation=cv2.INTER_AREA)[:, :, ::-1])


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three heads, a second each; with what players skip behind it, three parts long."""
    path = tmp_path_factory.mktemp("film") / "talk.mp4"
    heads = [head(n) for n in range(3)]
    write_clip(path, [heads[n // 5] for n in range(15)], [200 * n for n in range(15)])
    padding = 2 * PART + 1000 - path.stat().st_size
    with path.open("ab") as stream:
        stream.write(padding.to_bytes(4, "big") + b"free" + bytes(padding - 8))
    assert path.stat().st_size == 2 * PART + 1000
    return path


def to_video(page: Any) -> None:
    page.get_by_text("Video", exact=True).click()
    page.get_by_role("radiogroup", name="Where the video is").get_by_text("Upload").click()
    page.get_by_text("Drop videos here, or a folder of them").wait_for()


def waiting(server: Server) -> dict[str, int]:
    """Everything below .incoming but the spool and the notes of whose it is, without the names that are random."""
    folder = server.workspace / ".incoming"
    found = [path.relative_to(folder).parts for path in folder.rglob("[!n]*") if path.is_file()]
    sizes = {parts: folder.joinpath(*parts).stat().st_size for parts in found}
    return {f"{parts[0]}/{parts[-1] if parts[0] != 'partial' else 'part'}": size for parts, size in sizes.items()}


def test_a_video_goes_up_in_parts_and_its_frames_come_in(collect: Any, server: Server, film: Path) -> None:
    page = collect()
    to_video(page)
    sent: list[int] = []
    page.on("request", lambda one: sent.append(1) if one.method == "PUT" else None)
    page.locator("input.pick-files").set_input_files(film)
    page.get_by_text("talk.mp4 is here: 16.8 MB.").wait_for()
    assert len(sent) == 3
    assert waiting(server) == {"videos/talk.mp4": film.stat().st_size}
    page.reload()  # what came stays
    page.get_by_role("button", name="Go on with it").click()
    page.get_by_text("talk.mp4 is here: 16.8 MB.").wait_for()
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_text("Last run: 3 added").wait_for()
    assert server.rows("SELECT location, outcome FROM sightings ORDER BY location") == [
        (f"talk.mp4@{second}.000s", "added") for second in range(3)
    ]
    ((kind, place),) = server.rows("SELECT kind, location FROM sources")
    assert (kind, place.startswith("talk.mp4, "), place.endswith(", Ann")) == ("video", True, True)
    assert waiting(server) == {}


def test_a_broken_line_costs_no_more_than_the_part(collect: Any, server: Server, film: Path) -> None:
    page = collect()
    to_video(page)
    asked: list[str] = []

    def broken(route: Any) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            route.abort("connectionreset")
        elif len(asked) == 2:
            route.fulfill(status=503, body="<h1>busy</h1>")
        else:
            route.continue_()

    page.route(f"**/api/upload?*offset={PART}*", broken)
    page.locator("input.pick-files").set_input_files(film)
    page.get_by_text("talk.mp4 is here: 16.8 MB.").wait_for()
    assert len(asked) == 3
    (place,) = (server.workspace / ".incoming" / "videos").rglob("talk.mp4")
    assert place.read_bytes() == film.read_bytes()


def test_it_goes_on_after_the_server_was_killed_and_started_again(collect: Any, server: Server, film: Path) -> None:
    page = collect()
    to_video(page)
    asked: list[str] = []

    def kill(route: Any) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            server.stop(signal.SIGKILL)
        route.continue_()

    page.route(f"**/api/upload?*offset={PART}*", kill)
    page.locator("input.pick-files").set_input_files(film)
    page.get_by_text("The connection broke; trying again. What has arrived is kept.").wait_for()
    assert waiting(server) == {"partial/part": PART}
    with page.expect_response(lambda one: f"offset={2 * PART}" in one.url):
        server.start()
    page.reload()
    page.get_by_text("talk.mp4 is here: 16.8 MB.").wait_for()
    page.get_by_role("button", name="Go on with it").click()
    page.get_by_text("Drop videos here, or a folder of them").wait_for()
    page.get_by_role("button", name="Remove", exact=True).wait_for()
    (place,) = (server.workspace / ".incoming" / "videos").rglob("talk.mp4")
    assert place.read_bytes() == film.read_bytes()


def test_the_same_file_goes_on_after_the_page_was_closed(collect: Any, server: Server, film: Path) -> None:
    page = collect()
    to_video(page)
    page.route(f"**/api/upload?*offset={PART}*", lambda _: None)  # it never gets there
    with page.expect_request(f"**/api/upload?*offset={PART}*"):
        page.locator("input.pick-files").set_input_files(film)
    page.close()
    server.stop(signal.SIGKILL)
    server.start()
    page = collect()
    told = re.compile(r"The upload of talk\.mp4 stopped: [0-9.]+ MB of 16\.8 MB are here\. Choose the same file")
    page.get_by_text(told).wait_for()
    other = collect()
    other.get_by_text(told).wait_for()
    page.get_by_role("button", name="Choose it").click()
    page.get_by_text("Drop videos here, or a folder of them").wait_for()
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url.rpartition("=")[2]) if one.method == "PUT" else None)
    page.locator("input.pick-files").set_input_files(film)
    page.get_by_text("talk.mp4 is here: 16.8 MB.").wait_for()
    other.get_by_text("talk.mp4 is here: 16.8 MB.").wait_for()  # by itself
    becomes(lambda: other.get_by_text(told).count(), 0)
    assert int(sent[0]) >= PART  # all of the first part, and what more came before the line broke
    (place,) = (server.workspace / ".incoming" / "videos").rglob("talk.mp4")
    assert place.read_bytes() == film.read_bytes()


def test_cancel_removes_what_came(collect: Any, server: Server, film: Path) -> None:
    page = collect()
    to_video(page)
    page.route(f"**/api/upload?*offset={PART}*", lambda _: None)
    with page.expect_request(f"**/api/upload?*offset={PART}*"):
        page.locator("input.pick-files").set_input_files(film)
    assert waiting(server) == {"partial/part": PART}
    with page.expect_response(lambda one: one.request.method == "DELETE"):
        page.locator("button.stop").click()
    page.get_by_text("Drop videos here, or a folder of them").wait_for()
    assert waiting(server) == {}
    page.unroute_all()
    page.locator("input.pick-files").set_input_files(film)
    page.get_by_text("talk.mp4 is here: 16.8 MB.").wait_for()
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_text("talk.mp4 is here").wait_for(state="detached")
    assert waiting(server) == {}


def test_cancel_asks_where_some_files_came_already(collect: Any, server: Server, film: Path, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"x" * 100)
    page = collect()
    to_video(page)
    page.route("**/api/upload?*offset=0*", lambda _: None)
    with page.expect_request("**/api/upload?*offset=0*"):
        page.locator("input.pick-files").set_input_files([tmp_path / "a.mp4", film])
    page.locator("button.stop").click()
    page.get_by_text("1 file was not uploaded; 1 arrived.").wait_for()
    assert waiting(server) == {"videos/a.mp4": 100}
    page.unroute_all()
    page.get_by_role("button", name="Try these again").click()
    page.get_by_text("a.mp4, talk.mp4 is here").wait_for()


def test_what_is_too_large_is_told_before_it_is_sent(
    collect: Any, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = cli.environment
    monkeypatch.setattr(cli, "environment", lambda **more: usual(MOUE_UPLOAD_MAX="24MB", **more))
    server.stop()
    server.start()
    with (tmp_path / "huge.mkv").open("wb") as stream:
        stream.truncate(24_000_001)
    page = collect()
    to_video(page)
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if one.method == "PUT" else None)
    page.locator("input.pick-files").set_input_files(tmp_path / "huge.mkv")
    page.get_by_text("huge.mkv has 24.0 MB; Moue takes up to 24.0 MB here.").wait_for()
    assert sent == []
    page.get_by_role("button", name="Go on without them").click()
    page.get_by_text("Drop videos here, or a folder of them").wait_for()


def test_a_list_of_any_length(collect: Any, server: Server, web: Web, tmp_path: Path) -> None:
    place = tmp_path / "where.txt"
    place.write_text("".join(f"# {n}{' ' * 6_000_000}\nhttp://img.example/{n}.jpg\n" for n in range(3)))
    assert place.stat().st_size > 2 * PART
    page = collect()
    page.get_by_text("List of addresses", exact=True).click()
    page.get_by_text("Drop a list of addresses here").wait_for()
    page.locator("input.pick-files").set_input_files(place)
    page.get_by_text("where.txt is here: 18.0 MB.").wait_for()
    page.get_by_text("Options", exact=True).click()
    page.get_by_role("textbox", name="Proxy").fill(web.proxy)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Fetch", exact=True).click()
    page.get_by_text("Last run: 3 added").wait_for()
    assert server.rows("SELECT location FROM sightings ORDER BY 1") == [
        (f"http://img.example/{n}.jpg",) for n in range(3)
    ]
    assert (server.workspace / "lists" / "where.txt").read_bytes() == place.read_bytes()
    assert waiting(server) == {}
