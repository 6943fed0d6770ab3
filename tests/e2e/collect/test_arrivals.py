"""Review is open while photos are collected: their faces come without moving anything under a hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.e2e.conftest import FACES, Server
from tests.e2e.grid import becomes, press, shown, wait_saved
from tests.pipeline import commands as cli
from tests.pipeline.photos import numbered_head

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
expect = sync_api.expect
SignIn = Callable[..., Any]


def collect(server: Server, folder: Path, *numbers: int) -> None:
    folder.mkdir(exist_ok=True)
    for number in numbers:
        (folder / f"{number}.jpg").write_bytes(numbered_head(number))
    assert cli.ingest(server.workspace, folder)["faces"] == len(numbers)


def cards(page: Any) -> list[str]:
    return list(page.locator(".card").evaluate_all("cards => cards.map((card) => card.dataset.id)"))


@pytest.mark.long
def test_a_page_with_room_offers_what_has_come(sign_in: SignIn, server: Server, tmp_path: Path) -> None:
    page = sign_in("Ann", "size=200&state=all")
    expect(page.locator(".page").first).to_have_text(f"1–{FACES} of {FACES}")
    offer, before = page.locator("[data-do=came]"), cards(page)
    grid, focused = page.locator(".scroller").bounding_box(), page.locator(".card.focused")
    press(page, "3", "ArrowRight")
    collect(server, tmp_path / "later", FACES, FACES + 1)
    expect(offer).to_have_text("2 more have come")
    expect(page.locator(".page").first).to_have_text(f"1–{FACES} of {FACES + 2}")
    expect(focused).to_have_attribute("data-id", before[2])
    becomes(lambda: cards(page), before)
    becomes(lambda: page.locator(".scroller").bounding_box(), grid)
    wait_saved(page)
    offer.click()
    expect(page.locator(".page").first).to_have_text(f"1–{FACES + 2} of {FACES + 2}")
    expect(offer).to_be_hidden()
    expect(focused).to_have_attribute("data-id", before[2])
    becomes(lambda: shown(page, 0), ("accept", "smile"))
    becomes(lambda: cards(page)[: len(before)], before)


@pytest.mark.long
def test_the_last_page_and_a_full_one_have_a_next_one_when_more_have_come(
    sign_in: SignIn, server: Server, tmp_path: Path
) -> None:
    page = sign_in("Ann", "size=48")
    press(page, "n")
    expect(page.locator(".page").first).to_have_text(f"49–{FACES} of {FACES}")
    collect(server, tmp_path / "later", FACES)
    expect(page.locator("[data-do=came]")).to_have_text("1 more has come")
    press(page, "n")
    expect(page.locator(".page").first).to_have_text(f"49–{FACES + 1} of {FACES + 1}")
    press(page, *"3" * (FACES + 1 - 48))
    wait_saved(page)
    press(page, "n")
    expect(page.locator(".page").first).to_have_text("1–48 of 48")
    expect(page.locator("[data-do=next]")).to_be_disabled()
    collect(server, tmp_path / "latest", FACES + 1)
    expect(page.locator(".page").first).to_have_text("1–48 of 49")
    expect(page.locator("[data-do=came]")).to_be_hidden()
    page.locator("[data-do=next]").click()
    expect(page.locator(".page").first).to_have_text("49–49 of 49")


@pytest.mark.long
def test_clean_offers_what_has_come_and_moves_nothing(sign_in: SignIn, server: Server, tmp_path: Path) -> None:
    page = sign_in("Ann")
    page.goto(f"{server.address}/clean?outcome=added")
    rows, offer = page.locator(".row"), page.get_by_role("button", name="come")
    expect(page.locator(".where").first).to_have_text(f"1–25 of {FACES}")
    expect(offer).to_have_count(0)
    place = rows.first.bounding_box()
    collect(server, tmp_path / "later", FACES, FACES + 1)
    expect(page.get_by_role("button", name="2 more have come")).to_be_visible()
    becomes(rows.first.bounding_box, place)
    offer.click()
    expect(page.locator(".where").first).to_have_text(f"1–25 of {FACES + 2}")
    expect(offer).to_have_count(0)


@pytest.mark.long
def test_duplicates_offers_a_copy_that_has_come(sign_in: SignIn, server: Server, tmp_path: Path) -> None:
    page = sign_in("Ann")
    page.goto(f"{server.address}/duplicates")
    expect(page.get_by_text(f"No near copies among {FACES} photos.")).to_be_visible()
    copied = cv2.imdecode(np.frombuffer(numbered_head(0), np.uint8), cv2.IMREAD_COLOR)
    (tmp_path / "later").mkdir()
    assert cv2.imwrite(str(tmp_path / "later" / "copy.jpg"), copied, [cv2.IMWRITE_JPEG_QUALITY, 60])
    cli.ingest(server.workspace, tmp_path / "later")
    page.get_by_role("button", name="1 more has come").click()
    expect(page.get_by_role("radio", name="Open 1").or_(page.get_by_role("button", name="Open 1"))).to_be_visible()
    expect(page.locator(".group")).to_have_count(1)
    expect(page.get_by_role("button", name="more has come")).to_have_count(0)
