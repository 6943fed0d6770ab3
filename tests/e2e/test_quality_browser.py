"""The Quality page in a real browser: a slider moves, the figures follow, a rule rejects and is taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from db.projection.range_text import parse
from db.store.store import Store
from pipeline.files.blobs import BlobStore
from tests.e2e.conftest import Server, running, visiting
from tests.e2e.grid import becomes
from tests.pages.faces_measured import PLAIN, add_measured

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
expect = sync_api.expect
SIDES = range(10, 210, 10)


@pytest.fixture
def server(chromium: Any, tmp_path: Path) -> Iterator[Server]:
    """Twenty faces, with crops of 10, 20 … 200 pixels."""
    with Store.open(tmp_path / "workspace") as store:
        faces = add_measured(store, [replace(PLAIN, side=side, sharpness=5 * side) for side in SIDES])
    blobs = BlobStore(tmp_path / "workspace")
    for number, face in enumerate(faces):
        grey = np.full((SIDES[number], SIDES[number], 3), 10 * number, np.uint8)
        blobs.put("crops", face, "png", cv2.imencode(".png", grey)[1].tobytes())
    yield from running(tmp_path)


@pytest.fixture
def screen(chromium: Any, server: Server) -> Iterator[Any]:
    """Ann's browser on the Quality page, crop side chosen; a script error fails the test."""
    with visiting(chromium, server, "quality?measure=side") as shown:
        shown.locator(".edge img").first.wait_for()
        yield shown


def keeps(screen: Any, kept: int, whole: int) -> None:
    screen.get_by_text(f"Keeps {kept} of {whole}").wait_for()


def values(screen: Any, half: str) -> list[str]:
    return list(screen.locator(f".edge .half.{half} .crop span").all_inner_texts())


def rejected(server: Server) -> list[tuple[object, ...]]:
    sql = "SELECT f.seq, s.annotator, s.reason FROM face_state s JOIN faces f ON f.id = s.face_id"
    return server.rows(f"{sql} WHERE s.verdict = 'reject' ORDER BY f.seq")


def test_a_moved_slider_counts_and_a_rule_rejects_and_takes_back(screen: Any, server: Server) -> None:
    keeps(screen, 20, 20)
    low = screen.get_by_role("slider", name="Crop side: at least")
    low.focus()
    for _ in range(16):  # a step is 2 pixels
        screen.keyboard.press("ArrowRight")
    keeps(screen, 17, 20)
    screen.wait_for_function("() => location.search.includes('side%3A32%3A')")
    expect(screen.locator(".half.in .crop span").first).to_have_text("40 px")
    becomes(lambda: values(screen, "out"), ["30 px", "20 px", "10 px"])
    becomes(lambda: low.get_attribute("aria-valuetext"), "32 px")
    becomes(lambda: screen.evaluate("() => document.activeElement.shadowRoot.activeElement.className"), "low")
    assert rejected(server) == []  # nothing is rejected by a slider

    screen.get_by_label("Name of the rule").fill("big mouths")
    screen.get_by_role("button", name="Switch on: reject 3 faces").click()
    screen.get_by_text("3 faces rejected").wait_for()
    assert rejected(server) == [(n, "rule: big mouths", "too_small") for n in (1, 2, 3)]
    expect(screen.get_by_role("link", name="Review 17")).to_be_visible()
    keeps(screen, 17, 17)

    screen.get_by_role("button", name="Switch off").click()
    screen.get_by_role("button", name="Forget").wait_for()
    assert rejected(server) == []
    keeps(screen, 17, 20)


def test_two_measures_at_once_go_on_to_review_in_this_order(screen: Any) -> None:
    field = screen.get_by_label("Crop side: at least, typed")
    field.fill("60")
    field.press("Enter")
    keeps(screen, 15, 20)
    screen.get_by_role("button", name="Sharpness", exact=True).or_(
        screen.get_by_role("radio", name="Sharpness", exact=True)
    ).click()
    high = screen.get_by_label("Sharpness: at most, typed")
    high.fill("500")
    high.press("Enter")
    keeps(screen, 5, 20)  # sides 60, 70, 80, 90, 100
    screen.get_by_role("button", name="Review these 5 faces").click()
    expect(screen.locator(".card")).to_have_count(5)
    expect(screen).to_have_url(re.compile("order=sharpness"))
    query = dict(part.split("=") for part in screen.evaluate("() => location.search").removeprefix("?").split("&"))
    assert parse(query["quality"].replace("%3A", ":").replace("%2C", ",")) == parse("side:60:,sharpness::500")
    assert query["order"] == "sharpness"
    screen.get_by_role("button", name="Crop side at least 60 px").click()
    expect(screen.locator(".card")).to_have_count(10)


def test_clear_takes_a_range_away(screen: Any) -> None:
    field = screen.get_by_label("Crop side: at least, typed")
    field.fill("60")
    field.press("Enter")
    keeps(screen, 15, 20)
    screen.get_by_role("button", name="Clear Crop side").click()
    keeps(screen, 20, 20)
    screen.wait_for_function("() => !location.search.includes('quality')")
