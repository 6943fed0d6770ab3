"""The map in a real browser: a lasso by mouse and a box by keys become a filter of Review; nothing by colour alone."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from db.decisions.log import apply_ops
from db.store.store import Db, Store
from tests.db.make import decide
from tests.e2e.conftest import Server, people
from tests.e2e.grid import becomes, until
from tests.e2e.test_accessible import in_colours, settled, violations, wider_than_the_window

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
expect = sync_api.expect
OpenPage = Callable[..., Any]


@pytest.fixture
def placed(server: Server) -> list[int]:
    """Seqs of all faces, on a square grid of places that is four wide; the first three are smiles."""
    with Store.open(server.workspace) as store:

        def work(db: Db) -> list[int]:
            db.execute("DELETE FROM descriptors")
            db.execute("DELETE FROM descriptor_bases")
            db.execute("INSERT INTO descriptor_bases VALUES (100, 'hog-colour-geometry-1', 1000, x'00')")
            rows = db.execute("SELECT seq, face_id FROM face_state ORDER BY seq").fetchall()
            for at, (seq, _) in enumerate(rows):
                data = struct.pack("<48e", at % 4, at // 4, *(0,) * 46)
                db.execute("INSERT INTO descriptors VALUES (?, 100, ?)", [seq, data])
            apply_ops(db, "Ann", [decide(db, face, class_id=3) for _, face in rows[:3]])
            return [seq for seq, _ in rows]

        return store.write(work)


@pytest.fixture
def open_page(chromium: Any, server: Server, placed: list[int]) -> Iterator[OpenPage]:
    with people(chromium, server, "suggestions", ".map[data-ready]") as opened:
        yield lambda name, **options: opened(name, "section=map", **options)


def kept(server: Server) -> list[set[int]]:
    """The seqs of each set, in their order, read from its digits."""
    rows = server.rows("SELECT selection_id, block, data FROM selection_blocks ORDER BY 1, 2")
    found: dict[int, set[int]] = {}
    for made, block, data in rows:
        found.setdefault(made, set()).update(block * 2048 + at for at, one in enumerate(data) if one == "1")
    return list(found.values())


@pytest.mark.long
def test_a_lasso_opens_in_review_and_survives_a_reload(open_page: OpenPage, server: Server, placed: list[int]) -> None:
    page = open_page("Ann")
    page.get_by_role("button", name="Lasso").click()
    box = page.locator(".above").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    far = max(box["width"], box["height"])
    page.mouse.move(middle[0] + far / 2 - 4, middle[1])
    page.mouse.down()
    for step in range(1, 24):
        turn = 2 * math.pi * step / 24
        across = max(-box["width"] / 2 + 2, min(box["width"] / 2 - 2, far / 2 * math.cos(turn)))
        down = max(-box["height"] / 2 + 2, min(box["height"] / 2 - 2, far / 2 * math.sin(turn)))
        page.mouse.move(middle[0] + across, middle[1] + down)
    page.mouse.up()
    expect(page.locator(".count")).to_have_text(f"{len(placed)} selected")
    page.get_by_role("button", name="smile").click()  # hidden groups are not taken
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("button", name="Open in Review")).to_be_disabled()
    page.locator(".above").focus()
    for key in ("b", *["Shift+ArrowRight"] * 40, *["Shift+ArrowDown"] * 40, *["ArrowLeft"] * 25, *["ArrowUp"] * 25):
        page.keyboard.press(key)
    expect(page.locator(".note")).to_have_text(f"{len(placed) - 3} faces in the box")
    page.keyboard.press("Enter")
    expect(page.locator(".count")).to_have_text(f"{len(placed) - 3} selected")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"review\?.*selection=1"))
    page.locator(".card.loaded").first.wait_for()
    assert kept(server) == [set(placed[3:])]
    expect(page.get_by_role("button", name="Selected on the map: 1")).to_be_visible()
    shown = page.get_by_role("combobox", name="Show", exact=True)
    expect(shown).to_have_value(f"All · {len(placed) - 3}")
    page.reload()
    page.locator(".card.loaded").first.wait_for()
    expect(shown).to_have_value(f"All · {len(placed) - 3}")


@pytest.mark.long
def test_what_the_mouse_is_over_is_told_in_words(open_page: OpenPage, server: Server) -> None:
    page = open_page("Ann")
    box = page.locator(".above").bounding_box()
    told = page.locator(".told")

    def over() -> bool:
        for across in range(4, int(box["width"]), 8):
            page.mouse.move(box["x"] + across, box["y"] + 48)
            if told.is_visible():
                return True
        return False

    until(page, over)
    expect(told).to_contain_text("smile")
    expect(told).to_contain_text(":")


@pytest.mark.long
def test_a_viewer_looks_and_is_told_why_not_more(open_page: OpenPage, server: Server) -> None:
    give = "INSERT OR REPLACE INTO roles VALUES (?, ?, 'Ann', '2026-01-31')"
    with Store.open(server.workspace) as store:
        store.write(lambda db: db.execute("INSERT OR IGNORE INTO annotators (name, created_at) VALUES ('Vic', '2026')"))
        store.write(lambda db: db.execute(give, ["Ann", "owner"]))
        store.write(lambda db: db.execute(give, ["Vic", "viewer"]))
    page = open_page("Vic")
    page.locator(".above").focus()
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name="Open in Review")
    expect(button).to_be_disabled()
    becomes(lambda: bool(button.get_attribute("title")))


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible_in_both_schemes_and_no_wider_than_the_window(open_page: OpenPage, scheme: str) -> None:
    page = open_page("Ann")
    in_colours(page, scheme)
    page.locator(".map[data-ready]").wait_for()
    settled(page)
    assert violations(page) == []
    assert wider_than_the_window(page) == []


@pytest.mark.long
def test_in_chinese(open_page: OpenPage) -> None:
    page = open_page("Ann", locale="zh-CN")
    expect(page.get_by_role("button", name="套索")).to_be_visible()
    expect(page.locator(".legend")).to_contain_text("未决定")
