"""The Clean page in a real browser: a missed face is drawn, a crop is moved, nothing else changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import running
from tests.e2e.grid import becomes
from tests.pipeline import commands as cli
from tests.pipeline.made import sha_of, write_photos

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
expect = sync_api.expect


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """photos/ (with 30 files that are no photos) and the workspace/ made of them."""
    made = tmp_path_factory.mktemp("clean")
    write_photos(made / "photos")
    for number in range(30):
        (made / "photos" / f"page {number:02}.txt").write_text(f"{number}\n")
    cli.ingest(made / "workspace", made / "photos")
    return made


@pytest.fixture(scope="module")
def address(chromium: Any, folder: Path) -> Iterator[str]:
    for server in running(folder):
        yield server.address


@pytest.fixture
def screen(chromium: Any, address: str) -> Iterator[Any]:
    """The Clean page, with somebody signed in; a script error fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    shown = context.new_page()
    errors: list[str] = []
    shown.on("pageerror", lambda error: errors.append(str(error)))
    answer = context.request.post(f"{address}/api/sign-in", data={"name": "Ann"}, headers={"Origin": address})
    assert answer.ok
    shown.goto(f"{address}/clean")
    shown.locator(".row").first.wait_for()
    yield shown
    context.close()
    assert errors == []


def row_of(screen: Any, name: str) -> Any:
    return screen.locator(".row").filter(has=screen.get_by_text(name, exact=True))


def faces(folder: Path, photo: str) -> list[tuple[object, ...]]:
    sha256 = sha_of(folder / "photos" / photo)
    sql = f"SELECT id, detector, crop_x, crop_y, crop_width, crop_height FROM faces WHERE sha256 = '{sha256}'"
    return cli.rows(folder / "workspace", sql)


def on_screen(screen: Any, x: float, y: float) -> tuple[float, float]:
    """Where the editor shows a pixel of the photo."""
    script = """(svg, [x, y]) => {
      const point = new DOMPoint(x, y).matrixTransform(svg.getScreenCTM())
      return [point.x, point.y]
    }"""
    at = screen.locator(".editor .stage > svg").evaluate(script, [x, y])
    return float(at[0]), float(at[1])


def drag(screen: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    screen.mouse.move(*on_screen(screen, *start))
    to = on_screen(screen, *end)
    screen.mouse.down()
    screen.mouse.move(*to, steps=5)
    screen.mouse.up()


def opened(row: Any, button: str) -> None:
    row.get_by_role("button", name=button).click()
    expect(row.page.locator(".editor")).to_be_visible()


def closed(screen: Any) -> None:
    expect(screen.locator(".editor")).not_to_be_visible()  # the first face loads the models


@pytest.mark.long
def test_every_file_is_listed_the_misses_first(screen: Any) -> None:
    becomes(lambda: screen.locator(".file-name").all_inner_texts()[:3], ["afar.png", "cup.png", "broken.jpg"])
    broken = row_of(screen, "broken.jpg")
    becomes(lambda: "damaged" in broken.inner_text().lower())
    becomes(lambda: "collect it once more" in broken.inner_text())
    becomes(lambda: broken.locator("img").count(), 0)
    expect(row_of(screen, "cup.png").locator("img")).to_have_count(2)
    expect(screen.get_by_text("1–25 of 35").first).to_be_visible()


@pytest.mark.long
def test_pages_turn_and_filters_filter(screen: Any) -> None:
    screen.get_by_role("button", name="Next ›").last.click()
    screen.get_by_text("26–35 of 35").first.wait_for()
    astronaut = row_of(screen, "astronaut.png")
    expect(astronaut.locator("img")).to_have_count(3)
    astronaut.scroll_into_view_if_needed()
    screen.wait_for_function(
        "row => [...row.querySelectorAll('img')].every(img => img.complete && img.naturalWidth > 0)",
        arg=astronaut.element_handle(),
    )
    screen.get_by_role("button", name="‹ Previous").first.click()
    screen.get_by_text("1–25 of 35").first.wait_for()
    screen.get_by_role("radio", name="Damaged 1").or_(screen.get_by_role("button", name="Damaged 1")).first.click()
    expect(screen.locator(".row")).to_have_count(1)


@pytest.mark.long
def test_a_missed_face_is_drawn_once(screen: Any, folder: Path) -> None:
    row = row_of(screen, "afar.png")
    opened(row, "Draw a face")
    drag(screen, (947, 1006), (961, 1020))
    expect(screen.get_by_text("Too small")).to_be_visible()
    expect(screen.get_by_role("button", name="Add this face")).to_be_disabled()
    drag(screen, (932, 1000), (980, 1054))
    screen.keyboard.press("Escape")
    closed(screen)
    assert faces(folder, "afar.png") == []

    opened(row, "Draw a face")
    drag(screen, (932, 1000), (980, 1054))
    screen.keyboard.press("Enter")
    closed(screen)
    expect(row.get_by_text("It waits in Review")).to_be_visible()
    expect(row.locator(".crop img")).to_have_count(1)
    becomes(lambda: screen.locator(".file-name").first.inner_text(), "afar.png")  # it stays where it was
    ((_, detector, x, y, side, _),) = faces(folder, "afar.png")
    assert detector == "drawn"
    # her mouth: the astronaut's, at (223, 148) of 512, on 128 pixels at (900, 1000)
    assert abs(x + side / 2 - (900 + 223 * 128 / 512)) < 4
    assert abs(y + side / 2 - (1000 + 148 * 128 / 512)) < 4

    opened(row, "Draw a face")
    drag(screen, (932, 1000), (980, 1054))
    screen.get_by_role("button", name="Add this face").click()
    expect(screen.get_by_role("alert").filter(has_text="nothing was added")).to_be_visible()
    screen.get_by_role("button", name="Cancel").click()
    closed(screen)
    assert len(faces(folder, "afar.png")) == 1


@pytest.mark.long
def test_a_crop_is_moved_by_keys_and_by_mouse(screen: Any, folder: Path) -> None:
    screen.get_by_role("button", name="Next ›").first.click()
    row = row_of(screen, "astronaut.png")
    ((face, _, x, y, side, _),) = faces(folder, "astronaut.png")
    opened(row, "Move crop")
    screen.keyboard.press("Alt+ArrowRight")
    screen.keyboard.press("Alt+ArrowUp")
    screen.keyboard.press("Alt+ArrowUp")
    screen.keyboard.press("Enter")
    expect(row.get_by_text("its decisions are kept")).to_be_visible()
    closed(screen)
    assert faces(folder, "astronaut.png") == [(face, "yunet", x + 1, y - 2, side, side)]
    url = str(row.locator(".crop img").get_attribute("src"))

    opened(row, "Move crop")
    drag(screen, (x + 1 + side / 2, y - 2 + side / 2), (x + 1 + side / 2 - 12, y - 2 + side / 2 + 7))
    screen.keyboard.press("Enter")
    closed(screen)
    ((again, _, left, top, width, height),) = faces(folder, "astronaut.png")
    assert (again, width, height) == (face, side, side)
    assert abs(left - (x - 11)) <= 1
    assert abs(top - (y + 5)) <= 1
    becomes(lambda: row.locator(".crop img").get_attribute("src") != url)

    opened(row, "Move crop")
    drag(screen, (left + side, top + side), (left + side + 20, top + side + 10))
    screen.keyboard.press("Enter")
    closed(screen)
    ((_, _, *place),) = faces(folder, "astronaut.png")
    assert place[:2] == [left, top]
    assert place[2] == place[3]
    assert abs(place[2] - (side + 20)) <= 1


@pytest.mark.long
def test_the_keyboard_alone_draws_a_face(screen: Any, folder: Path) -> None:
    row = row_of(screen, "cup.png")
    row.get_by_role("button", name="Draw a face").focus()
    screen.keyboard.press("Enter")
    expect(screen.locator(".editor")).to_be_visible()
    screen.keyboard.press("ArrowRight")  # a box in the middle: a third of 400 pixels
    screen.keyboard.press("Shift+ArrowDown")
    screen.keyboard.press("Enter")
    expect(row.get_by_text("It waits in Review")).to_be_visible()
    assert [detector for _, detector, *_ in faces(folder, "cup.png")] == ["drawn"]
