"""The webcam on Collect in a real browser, with a camera that Chromium plays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.e2e.conftest import BROWSERS, FLAGS, FULL, Server, running
from tests.e2e.grid import becomes
from tests.pipeline.photos import astronaut

pytestmark = pytest.mark.long

FAKE = "--use-fake-device-for-media-stream"
LIVE = "window.tracks.filter((one) => one.readyState === 'live').length"
KEEP_TRACKS = """
  window.tracks = [];
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await ask(wanted);
    window.tracks.push(...stream.getTracks());
    return stream;
  };
"""
Open = Callable[..., AbstractContextManager[Any]]


@pytest.fixture(scope="module")
def sight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the camera sees, 1920 x 1080 MJPEG: a face on the right, on noise that makes every photo a large file."""
    rng = np.random.default_rng(3)
    picture = rng.integers(0, 256, (1080, 1920, 3), np.uint8)
    face = cv2.imread(str(astronaut()))
    assert face is not None
    picture[100:900, 1000:1800] = cv2.resize(face, (800, 800), interpolation=cv2.INTER_AREA)
    path = tmp_path_factory.mktemp("camera") / "sight.mjpeg"
    path.write_bytes(cv2.imencode(".jpg", picture)[1].tobytes())
    return path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    if not FULL:
        pytest.skip("no browser: apt-get install chromium")
    yield from running(tmp_path)


@pytest.fixture
def webcam(driver: Any, server: Server) -> Iterator[Open]:
    """`with webcam(flags…) as page:` is Ann at the webcam, in a browser of her own; a script error fails."""
    errors: list[str] = []

    @contextmanager
    def open_page(*flags: str) -> Iterator[Any]:
        browser = driver.chromium.launch(executable_path=FULL, args=[*FLAGS, *flags])
        BROWSERS.watch(browser)
        context = browser.new_context(viewport={"width": 1280, "height": 1000})
        context.add_init_script(KEEP_TRACKS)
        address = server.address
        assert context.request.post(f"{address}/api/sign-in", data={"name": "Ann"}, headers={"Origin": address}).ok
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{address}/collect")
        page.get_by_text("Webcam", exact=True).click()
        page.get_by_role("button", name="Switch the camera on").wait_for()
        yield page
        browser.close()

    yield open_page
    assert errors == []
    assert "Traceback" not in (told := server.log.read_text()), told


def press(page: Any, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_photos_are_taken_kept_and_worked_on(webcam: Open, server: Server, sight: Path) -> None:
    with webcam(FAKE, "--use-fake-ui-for-media-stream", f"--use-file-for-fake-video-capture={sight}") as page:
        press(page, "Switch the camera on")
        press(page, "Take a photo")
        press(page, "Take another")  # the first was not good
        for told in ("1 photo is kept.", "2 photos are kept."):
            press(page, "Take a photo")
            press(page, "Keep this photo")
            page.get_by_text(told).wait_for()
        becomes(lambda: page.evaluate(LIVE), 1)
        press(page, "Work on them")
        page.get_by_text("Last run:").wait_for()
        becomes(lambda: page.evaluate(LIVE), 0)  # its light is out
    sizes = server.rows(
        "SELECT DISTINCT i.width, i.height, i.format, g.size > 1000000 FROM images i JOIN sightings g USING (sha256)"
    )
    assert set(sizes) == {(1920, 1080, "JPEG", 1)}
    ((x1, x2),) = server.rows("SELECT DISTINCT min(x1), max(x2) FROM faces")
    assert 1000 < x1 < x2 < 1800  # seen as in a mirror, kept as it is
    names = [name for (name,) in server.rows("SELECT location FROM sightings ORDER BY id")]
    assert [(name[:7], name[-6:]) for name in names] == [("camera-", "-1.jpg"), ("camera-", "-2.jpg")]
    ((kind, place),) = server.rows("SELECT kind, location FROM sources")
    assert (kind, place.endswith(", Ann")) == ("upload", True)


def test_the_camera_goes_out_when_the_way_is_left(webcam: Open) -> None:
    with webcam(FAKE, "--use-fake-ui-for-media-stream") as page:
        press(page, "Switch the camera on")
        page.get_by_role("button", name="Take a photo").wait_for()
        page.get_by_text("Sample photos", exact=True).click()
        page.get_by_role("button", name="Load sample photos").wait_for()
        page.wait_for_function(f"{LIVE} === 0")


def test_a_photo_that_does_not_arrive_can_be_kept_again(webcam: Open, server: Server) -> None:
    with webcam(FAKE, "--use-fake-ui-for-media-stream") as page:
        page.route("**/api/upload*", lambda route: route.fulfill(status=507, json={"error": "the disk is full"}))
        press(page, "Switch the camera on")
        press(page, "Take a photo")
        press(page, "Keep this photo")
        page.get_by_text("the disk is full").wait_for()
        page.unroute_all()
        press(page, "Keep this photo")
        page.get_by_text("1 photo is kept.").wait_for()
        page.reload()  # forgotten, but not lost
        page.get_by_text("1 uploaded file waits.").wait_for()
        press(page, "Work on them")
        page.get_by_text("Last run: 1 no face found").wait_for()


def test_a_camera_that_may_not_be_used_is_told(webcam: Open) -> None:
    with webcam(FAKE, "--deny-permission-prompts") as page:
        press(page, "Switch the camera on")
        page.get_by_text("The browser does not let Moue use the camera").wait_for()


def test_no_camera_is_told(webcam: Open) -> None:
    with webcam(f"{FAKE}=device-count=0", "--use-fake-ui-for-media-stream") as page:
        press(page, "Switch the camera on")
        page.get_by_text("There is no camera.").wait_for()
